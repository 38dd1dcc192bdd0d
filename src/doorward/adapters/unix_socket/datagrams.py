"""What is told to every process of this user that follows, by datagrams in a folder of theirs, unix(7)."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex

from doorward.adapters.unix_socket.door import address_of, bind, refusal_in_words
from doorward.passages.live import Following

LARGEST = 4096
"""Bytes of what is told at once."""

PATIENCE_S = 0.005
"""How long who tells waits for one whose queue is full: the system keeps ten datagrams."""

_SUFFIX = ".socket"


class DatagramChannel:
    """``LiveChannel`` of this machine: each who follows has a socket in ``folder``, which others may not enter."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def tell(self, octets: bytes) -> None:
        try:
            places = [place for place in self._folder.iterdir() if place.suffix == _SUFFIX]
        except OSError:
            return
        for place in places:
            try:
                with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender, address_of(place) as address:
                    sender.settimeout(PATIENCE_S)
                    sender.connect(address)
                    sender.send(octets)
            except ConnectionRefusedError:  # left behind by a process that was killed
                with suppress(OSError):
                    place.unlink()
            except OSError:
                continue  # its queue is full: who does not read misses something

    @contextmanager
    def follow(self) -> Iterator[Following]:
        place = self._folder / f"{os.getpid()}-{token_hex(4)}{_SUFFIX}"
        receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            with refusal_in_words(self._folder):
                self._folder.mkdir(mode=0o700, exist_ok=True)
                bind(receiver, place)
            yield _Received(receiver)
        finally:
            receiver.close()
            with suppress(OSError):
                place.unlink()
            with suppress(OSError):
                self._folder.rmdir()


class _Received:
    def __init__(self, receiver: socket.socket) -> None:
        self._receiver = receiver

    def next(self, seconds: float) -> bytes | None:
        self._receiver.settimeout(seconds)
        try:
            return self._receiver.recv(LARGEST)
        except TimeoutError:
            return None
