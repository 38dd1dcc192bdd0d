"""The one gallery that a host has for a site: this process's own, or that of the process which lends it."""

import socket
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Lock, Thread
from typing import TypeVar

from doorward.adapters.galleries.face.hold import GalleryHold
from doorward.adapters.galleries.face.lender import GalleryLender
from doorward.adapters.galleries.face.remote import RemoteSearches
from doorward.adapters.galleries.face.search_calls import GALLERY
from doorward.adapters.unix_socket.door import listening
from doorward.errors import DoorwardError, GalleryGone, StorageError
from doorward.face.template import Template
from doorward.identify.ports import Asker, Candidate, Searches
from doorward.identify.searches import GatheredSearches
from doorward.kernel.ids import SiteId
from doorward.people.person import EVERYONE

FOLLOWED_EVERY_S = 0.005
"""Half of the ten milliseconds within which a change must be in the gallery."""

FOLLOWED_AGAIN_S = 1.0
"""After the store could not be followed."""

FOLLOWED_AT_LEAST_EVERY_S = 0.25
"""Where the store tells of changes, in case a notice was missed."""

TRIED_EVERY_S = 0.1
"""How often a process that lends looks whether the gallery is free."""

_BEGINNING_S = 2.0
"""How long a process that has just begun to hold the gallery may take until it answers."""

Told = TypeVar("Told")


@dataclass(frozen=True, slots=True)
class OwnGallery:
    """A gallery of this process's own, loaded when it is first followed or searched."""

    searches: GatheredSearches
    close: Callable[[], None] = lambda: None
    wait: Callable[[float], None] | None = None
    """Until the store tells of a change, and at most so many seconds; ``None`` where a store is asked all the time."""


class HostGallery:
    """``Searches`` for several threads.

    A process that lends holds the gallery alone among those of its host, follows the store all the time, and lets the
    others search in it; while another holds it, it searches there, and takes over when that one ends. A process that
    does not lend searches where one is lent, and otherwise loads its own for itself.

    ``folder``: of the keys. ``model``: of the templates. ``load``: called at most once. ``gallery``: its files there.
    """

    def __init__(
        self,
        folder: Path,
        site: SiteId,
        model: Callable[[], str],
        load: Callable[[], OwnGallery],
        gallery: str = GALLERY,
    ) -> None:
        self._folder = folder
        self._gallery = gallery
        self._site = site
        self._model = model
        self._load = load
        self._lends = False
        self._lock = Lock()
        self._own: OwnGallery | None = None
        self._remote: RemoteSearches | None = None
        self._heir: Thread | None = None
        self._ended = Event()
        self._lent = ExitStack()

    def lend(self) -> None:
        """From its first search on this process holds the gallery, or is the next to."""
        self._lends = True

    def pull_up(self) -> None:
        """Have the gallery ready before somebody waits for it."""
        self._asked(lambda searches: searches.count(EVERYONE))

    def search(self, asker: Asker, probe: Template, group: str, limit: int) -> Sequence[Candidate]:
        """As ``Searches``; asked once more where the process that holds the gallery ended meanwhile."""
        return self._asked(lambda searches: searches.search(asker, probe, group, limit))

    def count(self, group: str) -> int:
        return self._asked(lambda searches: searches.count(group))

    def close(self) -> None:
        self._ended.set()
        if self._heir is not None:
            self._heir.join()
        with self._lock:
            self._lent.close()
            if self._remote is not None:
                self._remote.close()
            if self._own is not None:
                self._own.close()

    def _asked(self, ask: Callable[[Searches], Told]) -> Told:
        searches = self._reached()
        try:
            return ask(searches)
        except GalleryGone:
            self._forget(searches)
        return ask(self._reached())

    def _reached(self) -> Searches:
        with self._lock:
            if self._own is None and self._remote is None:
                self._reach()
            if self._own is not None:
                return self._own.searches
            if self._remote is None:
                raise GalleryGone("The gallery is not to be had; try again.")
            return self._remote

    def _reach(self) -> None:
        """Hold the gallery, or find who does, or load one for this process alone."""
        ends = time.monotonic() + (_BEGINNING_S if self._lends else 0)
        while True:
            if self._lends and self._take():
                return
            self._remote = RemoteSearches.of(self._folder, self._site, self._model(), self._gallery)
            if self._remote is not None:
                self._inherit()
                return
            if time.monotonic() >= ends or self._ended.wait(TRIED_EVERY_S):
                break
        self._own = self._load()

    def _forget(self, gone: Searches) -> None:
        with self._lock:
            if self._remote is not None and self._remote is gone:
                self._remote.close()
                self._remote = None

    def _take(self) -> bool:
        """Hold the gallery, unless another process does, and let others search in it."""
        hold = GalleryHold.taken(self._folder, self._gallery)
        if hold is None:
            return False
        with ExitStack() as taken:
            taken.callback(hold.let_go)
            self._own = self._own or self._load()
            with suppress(StorageError):  # without sockets there each process loads its own
                self._open_to_others(taken, self._own.searches)
            self._follow_always(taken, self._own)
            self._lent.push(taken.pop_all())
        return True

    def _open_to_others(self, taken: ExitStack, searches: Searches) -> None:
        lender = GalleryLender(self._site, self._model(), searches)
        listener = taken.enter_context(listening(self._folder / f"{self._gallery}.sock"))
        serving = Thread(target=lender.serve, args=(listener,), name="gallery lender", daemon=True)
        serving.start()

        def end() -> None:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            serving.join()
            lender.end()

        taken.callback(end)

    def _follow_always(self, taken: ExitStack, own: OwnGallery) -> None:
        def follow() -> None:
            pause = FOLLOWED_EVERY_S
            while not self._ended.wait(pause):
                pause = FOLLOWED_AGAIN_S
                with suppress(DoorwardError, MemoryError):  # told to who searches next
                    if own.wait is not None:
                        own.wait(FOLLOWED_AT_LEAST_EVERY_S)
                    own.searches.follow()
                    pause = FOLLOWED_EVERY_S if own.wait is None else 0

        following = Thread(target=follow, name="gallery follower", daemon=True)
        following.start()
        taken.callback(following.join)

    def _inherit(self) -> None:
        """Take over when the process that holds the gallery ends."""

        def wait() -> None:
            while not self._ended.wait(TRIED_EVERY_S):
                with self._lock, suppress(DoorwardError):
                    if self._take():
                        return

        if self._lends and self._heir is None:
            self._heir = Thread(target=wait, name="gallery heir", daemon=True)
            self._heir.start()
