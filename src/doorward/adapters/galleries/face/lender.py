"""The gallery's side: this process lets others of its user search in its gallery, and take nothing out of it."""

import socket
from collections.abc import Sequence

from doorward.adapters.galleries.face.search_calls import (
    LONGEST,
    Call,
    count_field,
    found_fields,
    name_from,
    search_call,
)
from doorward.adapters.unix_socket.attendant import Attendant
from doorward.adapters.unix_socket.messages import MessageInvalid
from doorward.identify.ports import Asker, Searches
from doorward.kernel.ids import SiteId


class GalleryLender:
    """Answers until ``end``. ``model``: of the templates in the gallery."""

    def __init__(self, site: SiteId, model: str, searches: Searches) -> None:
        self._hello = (site.encode(), model.encode())
        self._searches = searches
        self._attendant = Attendant(self._answer, LONGEST)

    def serve(self, listener: socket.socket) -> None:
        """Until the listener is shut down."""
        self._attendant.serve(listener)

    def end(self) -> None:
        """Hang up: a search under way gets no answer from here."""
        self._attendant.hang_up()

    def _answer(self, connection: socket.socket, word: int, fields: Sequence[bytes]) -> Sequence[bytes]:
        if word == Call.HELLO and not fields:
            return self._hello
        if word == Call.COUNT and len(fields) == 1:
            return (count_field(self._searches.count(name_from(fields[0]))),)
        if word != Call.SEARCH:
            raise MessageInvalid
        call = search_call(fields)
        asker = Asker(call.asker, lambda: is_connected(connection))
        return found_fields(self._searches.search(asker, call.probe, call.group, call.limit))


def is_connected(connection: socket.socket) -> bool:
    """Whether the other side, from which nothing is awaited now, is still there."""
    try:
        return connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) != b""
    except BlockingIOError:
        return True
    except OSError:
        return False
