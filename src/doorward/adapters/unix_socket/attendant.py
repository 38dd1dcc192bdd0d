"""Who answers at a socket: each connection in a thread of its own, and none that the system does not trust."""

import socket
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress

from doorward.adapters.unix_socket.door import is_trusted
from doorward.adapters.unix_socket.messages import LONGEST, Answer, MessageInvalid, receive, send
from doorward.errors import DoorwardError, TooFast

MOST_CONNECTIONS = 256

Answering = Callable[[socket.socket, int, Sequence[bytes]], Sequence[bytes]]
"""From a connection, a word and its fields to the fields of the answer.

``MessageInvalid`` ends the connection; Doorward's other errors are told to the asker.
"""


class Attendant:
    """``longest``: bytes of a message that is taken in."""

    def __init__(self, answering: Answering, longest: int = LONGEST) -> None:
        self._answering = answering
        self._longest = longest
        self._places = threading.BoundedSemaphore(MOST_CONNECTIONS)
        self._connections: set[socket.socket] = set()
        self._counting = threading.Lock()

    def serve(self, listener: socket.socket) -> None:
        """Until the listener is shut down."""
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            if not is_trusted(connection) or not self._places.acquire(blocking=False):
                connection.close()
                continue
            with self._counting:
                self._connections.add(connection)
            threading.Thread(target=self._attend, args=(connection,), daemon=True).start()

    def hang_up(self) -> None:
        """End the connections there are: who asks again has to connect anew."""
        with self._counting:
            for connection in self._connections:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def _attend(self, connection: socket.socket) -> None:
        try:
            with connection:
                while asked := receive(connection, self._longest):
                    send(connection, *self._answer(connection, *asked))
        except (OSError, MessageInvalid):
            pass  # the other side has gone, or does not speak as we do
        finally:
            with self._counting:
                self._connections.discard(connection)
            self._places.release()

    def _answer(self, connection: socket.socket, word: int, fields: Sequence[bytes]) -> tuple[Answer, Sequence[bytes]]:
        try:
            return Answer.DONE, self._answering(connection, word, fields)
        except DoorwardError as error:
            wait = [str(error.retry_after).encode()] if isinstance(error, TooFast) else []
            return Answer.REFUSED, (error.code.encode(), error.message.encode(), *wait)
