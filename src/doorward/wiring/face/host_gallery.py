"""The one gallery that a host has for a site: this process's own, or that of the process which lends it."""

import socket
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from threading import Event, Lock, Thread
from typing import TypeVar

from doorward.adapters.galleries.face.hold import GalleryHold
from doorward.adapters.galleries.face.lender import GalleryLender
from doorward.adapters.galleries.face.remote import RemoteSearches
from doorward.adapters.galleries.face.search_calls import NAME
from doorward.adapters.unix_socket.door import listening
from doorward.errors import DoorwardError, GalleryGone, StorageError
from doorward.face.template import Template
from doorward.identify.ports import Asker, Candidate, Searches
from doorward.identify.searches import GatheredSearches
from doorward.kernel.ids import SiteId

FOLLOWED_EVERY_S = 0.005
"""Half of the ten milliseconds within which a change must be in the gallery."""

_TRIED_EVERY_S = 0.25
_RETRIES = 2

Told = TypeVar("Told")


class HostGallery:
    """``Searches`` for several threads.

    A process that lends holds the gallery alone among those of its host, follows the store all the time, and lets the
    others search in it; while another holds it, it searches there, and takes over when that one ends. A process that
    does not lend searches where one is lent, and otherwise loads its own for itself.

    ``folder``: of the keys. ``load``: a gallery of this process's own, still empty.
    """

    def __init__(self, folder: Path, site: SiteId, model: str, load: Callable[[], GatheredSearches]) -> None:
        self._folder = folder
        self._site = site
        self._model = model
        self._load = load
        self._lends = False
        self._lock = Lock()
        self._own: GatheredSearches | None = None
        self._remote: RemoteSearches | None = None
        self._ended = Event()
        self._lent = ExitStack()
        self._taking_over: Thread | None = None

    def lend(self) -> None:
        """From its first search on this process holds the gallery, or is the next to."""
        self._lends = True

    def pull_up(self) -> None:
        """Have the gallery ready before somebody waits for it."""
        found = self._reached()
        if isinstance(found, GatheredSearches):
            found.follow()

    def search(self, asker: Asker, probe: Template, group: str, limit: int) -> Sequence[Candidate]:
        """As ``Searches``; asked once more where the process that holds the gallery ended meanwhile."""
        return self._asked(lambda searches: searches.search(asker, probe, group, limit))

    def count(self, group: str) -> int:
        return self._asked(lambda searches: searches.count(group))

    def close(self) -> None:
        self._ended.set()
        if self._taking_over is not None:
            self._taking_over.join()
        with self._lock:
            self._lent.close()
            if self._remote is not None:
                self._remote.close()

    def _asked(self, ask: Callable[[Searches], Told]) -> Told:
        for _ in range(_RETRIES - 1):
            searches = self._reached()
            try:
                return ask(searches)
            except GalleryGone:
                self._forget(searches)
        return ask(self._reached())

    def _reached(self) -> Searches:
        with self._lock:
            if self._own is not None:
                return self._own
            if self._lends and self._take():
                return self._owned()
            self._remote = self._remote or RemoteSearches.of(self._folder, self._site, self._model)
            if self._remote is None:
                return self._owned()
            if self._lends and self._taking_over is None:
                self._taking_over = Thread(target=self._take_over, name="gallery heir", daemon=True)
                self._taking_over.start()
            return self._remote

    def _forget(self, gone: Searches) -> None:
        with self._lock:
            if self._remote is gone and self._remote is not None:
                self._remote.close()
                self._remote = None

    def _owned(self) -> GatheredSearches:
        if self._own is None:
            self._own = self._load()
        return self._own

    def _take(self) -> bool:
        """Hold the gallery, unless another process does, and let others search in it."""
        hold = GalleryHold.taken(self._folder)
        if hold is None:
            return False
        self._lent.callback(hold.let_go)
        searches = self._owned()
        self._follow_always(searches)
        with suppress(StorageError):  # without sockets there each process loads its own
            self._open_to_others(searches)
        return True

    def _open_to_others(self, searches: GatheredSearches) -> None:
        lender = GalleryLender(self._site, self._model, searches)
        listener = self._lent.enter_context(listening(self._folder / NAME))
        serving = Thread(target=lender.serve, args=(listener,), name="gallery lender", daemon=True)
        serving.start()

        def end() -> None:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            lender.end()
            serving.join()

        self._lent.callback(end)

    def _follow_always(self, searches: GatheredSearches) -> None:
        def follow() -> None:
            while not self._ended.wait(FOLLOWED_EVERY_S):
                with suppress(DoorwardError):  # told to who searches next
                    searches.follow()

        following = Thread(target=follow, name="gallery follower", daemon=True)
        following.start()
        self._lent.callback(following.join)

    def _take_over(self) -> None:
        while not self._ended.wait(_TRIED_EVERY_S):
            with self._lock:
                if self._take():
                    return
