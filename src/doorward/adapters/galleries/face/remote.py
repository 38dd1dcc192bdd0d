"""``Searches`` of the gallery that another process of this host holds."""

import os
import select
import socket
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from doorward.adapters.galleries.face.search_calls import (
    GALLERY,
    LONGEST,
    Call,
    SearchCall,
    count_from,
    found_from,
)
from doorward.adapters.unix_socket.door import connected
from doorward.adapters.unix_socket.messages import Answer, MessageInvalid, receive, send
from doorward.errors import (
    DoorwardError,
    GalleryGone,
    InternalError,
    Sealed,
    StorageError,
    Tampered,
    TimeLimitExceeded,
    TooFast,
)
from doorward.face.template import Template
from doorward.identify.ports import Asker, Candidate
from doorward.kernel.ids import SiteId

_ERRORS = {
    error.code: error for error in (GalleryGone, InternalError, Sealed, StorageError, Tampered, TimeLimitExceeded)
}
Told = TypeVar("Told")

_NOBODY_WAITS = "Nobody waits for the answer to this search any more."
_LOOKED_AFTER_S = 0.1
"""How often a waiting search looks whether its asker still waits."""


class RemoteSearches:
    """For several threads, each search over a connection of its own; a forked process connects anew."""

    def __init__(self, folder: Path, site: SiteId, model: str, gallery: str = GALLERY) -> None:
        self._socket = folder / f"{gallery}.sock"
        self._site = site
        self._model = model
        self._idle: deque[tuple[int, socket.socket]] = deque()

    @staticmethod
    def of(folder: Path, site: SiteId, model: str, gallery: str = GALLERY) -> "RemoteSearches | None":
        """The gallery lent at the socket in ``folder``.

        ``None`` when none is, or it is another site's, or holds templates of another model.
        """
        remote = RemoteSearches(folder, site, model, gallery)
        try:
            with remote._connection():
                return remote
        except GalleryGone:
            return None

    def search(self, asker: Asker, probe: Template, group: str, limit: int) -> Sequence[Candidate]:
        """``GalleryGone`` when its process ended or ends before it answers."""
        if not asker.is_waiting():
            raise TimeLimitExceeded(_NOBODY_WAITS)
        call = SearchCall(asker.name, probe, group, limit)
        return self._told(Call.SEARCH, call.fields(), found_from, asker)

    def count(self, group: str) -> int:
        return self._told(Call.COUNT, (group.encode(),), count_from)

    def close(self) -> None:
        while self._idle:
            self._idle.pop()[1].close()

    def _told(
        self,
        call: Call,
        fields: Sequence[bytes],
        decoded: Callable[[Sequence[bytes]], Told],
        asker: Asker | None = None,
    ) -> Told:
        with self._connection() as connection:
            word, held = _asked(connection, call, fields, asker)
            answer = decoded(held) if word == Answer.DONE else _refusal(held)
        if isinstance(answer, DoorwardError):
            raise answer
        return answer

    @contextmanager
    def _connection(self) -> Iterator[socket.socket]:
        """A connection that is used again only when nothing went wrong on it."""
        connection = self._taken() or self._made()
        try:
            yield connection
        except (OSError, MessageInvalid):
            connection.close()
            raise _gone() from None
        except BaseException:
            connection.close()
            raise
        self._idle.append((os.getpid(), connection))

    def _taken(self) -> socket.socket | None:
        while self._idle:
            try:
                process, connection = self._idle.pop()
            except IndexError:  # another thread was quicker
                break
            if process == os.getpid():
                return connection
            connection.close()
        return None

    def _made(self) -> socket.socket:
        connection = connected(self._socket)
        if connection is None:
            raise _gone()
        try:
            _, held = _asked(connection, Call.HELLO, (), patience=_GREETED_WITHIN_S)
            if tuple(held) == (self._site.encode(), self._model.encode()):
                return connection
        except (OSError, MessageInvalid):
            pass
        connection.close()
        raise _gone()


_PATIENCE_S = 900.0
"""Longer than millions of people take to be read from their rows."""

_GREETED_WITHIN_S = 10.0


def _asked(
    connection: socket.socket,
    call: Call,
    fields: Sequence[bytes],
    asker: Asker | None = None,
    patience: float = _PATIENCE_S,
) -> tuple[int, Sequence[bytes]]:
    send(connection, call, fields)
    _await(connection, asker, patience)
    answer = receive(connection, LONGEST)
    if answer is None:
        raise MessageInvalid
    return answer


def _await(connection: socket.socket, asker: Asker | None, patience: float) -> None:
    answered = select.poll()
    answered.register(connection, select.POLLIN)
    ends = time.monotonic() + patience
    while not answered.poll(_LOOKED_AFTER_S * 1000):
        if asker is not None and not asker.is_waiting():
            raise TimeLimitExceeded(_NOBODY_WAITS)
        if time.monotonic() > ends:
            raise MessageInvalid


def _refusal(held: Sequence[bytes]) -> DoorwardError:
    if not 2 <= len(held) <= 3:
        raise MessageInvalid
    code, sentence, *wait = (field.decode(errors="replace") for field in held)
    if code == TooFast.code:
        return TooFast(sentence, int(wait[0]) if wait and wait[0].isdecimal() else 1)
    return _ERRORS.get(code, StorageError)(sentence)


def _gone() -> GalleryGone:
    return GalleryGone("The process that holds the gallery ended; try again.")
