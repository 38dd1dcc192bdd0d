"""A relay between devices and their site that does to a connection what networks do to it.

Packets that come twice or out of order are put right by the system's TCP and reach neither side. The relay does the
same to the stream itself, which TLS has to notice.
"""

import socket
from contextlib import suppress
from enum import StrEnum
from random import Random
from threading import Event, Lock, Thread
from time import sleep

_LARGEST = 4096
_PIECE = 7
_ONE_IN = 3


class Trouble(StrEnum):
    CUT = "cut"
    STALLED = "stalled"
    SPLIT = "split"
    REORDERED = "reordered"
    DUPLICATED = "duplicated"
    ANSWER_LOST = "answer_lost"


class FaultyNetwork:
    """Listens at ``port`` of this machine for what goes to its port ``to``; ``begin`` and ``end`` say when it is bad.
    Close it, or use it in a ``with`` block.
    """

    def __init__(self, to: int, seed: int) -> None:
        self._to = to
        self._chance = Random(seed)  # noqa: S311 - it chooses moments and keeps no secret
        self._trouble: Trouble | None = None
        self._is_well = Event()
        self._is_well.set()
        self._lock = Lock()
        self._sockets: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> "FaultyNetwork":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def begin(self, trouble: Trouble) -> None:
        self._trouble = trouble
        if trouble is Trouble.STALLED:
            self._is_well.clear()

    def end(self) -> None:
        self._trouble = None
        self._is_well.set()

    def close(self) -> None:
        self.end()
        _shut(self._listener)
        with self._lock:
            for one in self._sockets:
                _shut(one)

    def _accept(self) -> None:
        while True:
            try:
                device, _ = self._listener.accept()
            except OSError:
                return
            try:
                site = socket.create_connection(("127.0.0.1", self._to))
            except OSError:
                device.close()
                continue
            with self._lock:
                self._sockets |= {device, site}
            for source, sink, is_answer in ((device, site, False), (site, device, True)):
                Thread(target=self._pump, args=(source, sink, is_answer), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, is_answer: bool) -> None:
        with suppress(OSError):
            self._carry(source, sink, is_answer=is_answer)
        for one in (source, sink):
            _shut(one)
        with self._lock:
            self._sockets -= {source, sink}

    def _carry(self, source: socket.socket, sink: socket.socket, *, is_answer: bool) -> None:
        while octets := source.recv(_LARGEST):
            trouble = self._trouble if self._chance.randrange(_ONE_IN) == 0 else None
            if trouble is Trouble.STALLED or not self._is_well.is_set():
                self._is_well.wait()
                if _was_given_up(source):
                    return
            elif trouble is Trouble.CUT or (trouble is Trouble.ANSWER_LOST and is_answer):
                return
            elif trouble is Trouble.REORDERED:
                octets = octets[len(octets) // 2 :] + octets[: len(octets) // 2]
            elif trouble is Trouble.DUPLICATED:
                octets += octets
            elif trouble is Trouble.SPLIT:
                for begin in range(0, len(octets), _PIECE):
                    sink.sendall(octets[begin : begin + _PIECE])
                    sleep(0)
                continue
            sink.sendall(octets)


def _was_given_up(source: socket.socket) -> bool:
    """Whether its sender reset the connection while the network held what it had sent."""
    try:
        return source.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        return False


def _shut(one: socket.socket) -> None:
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()
