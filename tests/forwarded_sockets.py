"""What `ssh -L` does with a socket, in this process: whoever connects at one place talks to who listens at another."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from doorward.adapters.unix_socket.door import listening


@contextmanager
def forwarded(place: Path, to: Path) -> Iterator[None]:
    """Until the end of the block, which cuts every connection."""
    held: list[socket.socket] = []

    def accept(listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                near, _ = listener.accept()
                far = socket.socket(socket.AF_UNIX)
                held.extend((near, far))
                far.connect(str(to))
                for source, sink in ((near, far), (far, near)):
                    threading.Thread(target=_pumped, args=(source, sink), daemon=True).start()

    with listening(place) as listener:
        accepting = threading.Thread(target=accept, args=(listener,))
        accepting.start()
        try:
            yield
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            accepting.join()
            for one in held:
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
                one.close()


def _pumped(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while octets := source.recv(1 << 16):
            sink.sendall(octets)
        sink.shutdown(socket.SHUT_WR)
