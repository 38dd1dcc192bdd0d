"""The process: uvicorn on a bound socket, TLS always, stopped gracefully."""

import logging
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from doorward.http.limits import DEFAULT_LIMITS, Limits
from doorward.http.patience import patient
from doorward.wiring.serving import Transport

STOP_SECONDS = 10
"""How long requests under way may take to end once the server is told to stop."""

SWITCH_SECONDS = 0.0005
"""How long a thread computes before another gets its turn: with Python's 5 ms a thread that seals has the one that
answers wait so long at every packet. Under 773 deliveries a second, a fifth more came through."""


class Server(uvicorn.Server):
    """Tells when it is ready and when it begins to stop, and ends as done when a signal asks it to."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None], stopping: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready
        self._stopping = stopping

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        sys.setswitchinterval(SWITCH_SECONDS)
        super().run(sockets)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._stopping()
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """As uvicorn does, without raising the signal again: stopping on request is no failure."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def make_server(
    app: ASGIApp,
    transport: Transport,
    ready: Callable[[], None],
    limits: Limits = DEFAULT_LIMITS,
    stopping: Callable[[], None] = lambda: None,
) -> Server:
    """A server for ``app`` that speaks TLS and nothing else; ``serve`` it on a bound socket.

    ``stopping``: called in its loop when it begins to stop, to end answers that would go on.
    """
    config = uvicorn.Config(
        app,
        http=patient(limits),
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        h11_max_incomplete_event_size=limits.header_bytes,
        limit_concurrency=limits.connections,
        timeout_keep_alive=limits.idle_seconds,
        timeout_graceful_shutdown=STOP_SECONDS,
    )
    config.load()
    config.ssl = transport.context
    return Server(config, ready, stopping)


def log_to_stderr() -> None:
    """Doorward's own lines on standard error; of uvicorn's, which know addresses and paths, only faults."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    own = logging.getLogger("doorward.http")
    own.addHandler(handler)
    own.setLevel(logging.INFO)
    own.propagate = False
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "asyncio"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
