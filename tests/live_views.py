"""Decisions told over and over, for tests that follow a site live."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from doorward.adapters.system import SystemClock, SystemRandomness
from doorward.adapters.unix_socket.datagrams import DatagramChannel
from doorward.wiring.face.live import LiveView


@contextmanager
def deciding(site: Path) -> Iterator[None]:
    """Somebody is let in at Main door of the site in ``site``, as another process would tell, until the block ends."""
    live, over = LiveView(DatagramChannel(site / "live"), SystemClock(), SystemRandomness()), threading.Event()

    def decide() -> None:
        while not over.wait(0.05):
            live.decided("Main door", accepted=True)

    thread = threading.Thread(target=decide)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
