"""The live view as server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html)."""

import asyncio
import json
from collections.abc import AsyncIterator
from threading import Event, Thread

from fastapi import APIRouter
from starlette.responses import StreamingResponse

from doorward.errors import DoorwardError, TooFast
from doorward.http.routes import needs
from doorward.kernel.permissions import Scope
from doorward.passages.live import LiveEvent
from doorward.wiring.face.live import LiveFollowing, LiveView

MOST = 64
"""Streams at once."""

WAITING = 256
"""Events that wait for a reader; one who is further behind is let go, and connects again. Until the connection has
ended, it counts as a stream.
"""

BEAT_S = 15.0
"""Seconds of silence after which a comment shows that the stream still stands."""

LONGEST_S = 900.0
"""After which a stream ends, so that a token that was revoked ends with it. Readers connect again by themselves."""

_RETRY_MS = 2000
_AGAIN_S = 5.0


class LiveStreams:
    """One thread follows the site and tells every stream. Begin and close it in the server's loop."""

    def __init__(self, live: LiveView) -> None:
        self._live = live
        self._streams: set[asyncio.Queue[LiveEvent | None]] = set()
        self._following: LiveFollowing | None = None
        self._ended = Event()

    def begin(self) -> None:
        loop = asyncio.get_running_loop()
        self._thread = Thread(target=self._follow, args=(loop,), name="live view", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """End every stream now, and the thread soon. May be called twice."""
        self._ended.set()
        for stream in self._streams:
            _ended(stream)

    def close(self) -> None:
        self.end()
        self._thread.join()

    async def stream(self) -> AsyncIterator[bytes]:
        """``TooFast`` when there are as many as may be. The states that hold come first."""
        if len(self._streams) >= MOST or self._ended.is_set():
            raise TooFast("The server has as many live views open as it can; close one, or try again later.", 10)
        waiting: asyncio.Queue[LiveEvent | None] = asyncio.Queue(WAITING)
        self._streams.add(waiting)
        return self._told(waiting)

    async def _told(self, waiting: asyncio.Queue[LiveEvent | None]) -> AsyncIterator[bytes]:
        try:
            yield f"retry: {_RETRY_MS}\n\n".encode()
            for state in self._following.states() if self._following else ():
                yield _sent(state)
            now = asyncio.get_running_loop().time
            ends = now() + LONGEST_S
            while (left := ends - now()) > 0:
                try:
                    event = await asyncio.wait_for(waiting.get(), min(BEAT_S, left))
                except TimeoutError:
                    yield b":\n\n"
                    continue
                if event is None:
                    return
                yield _sent(event)
        finally:
            self._streams.discard(waiting)

    def _follow(self, loop: asyncio.AbstractEventLoop) -> None:
        while not self._ended.is_set():
            try:
                with self._live.follow() as self._following:
                    while not self._ended.is_set():
                        for event in self._following.next():
                            loop.call_soon_threadsafe(self._tell, event)
            except DoorwardError:
                self._ended.wait(_AGAIN_S)
            except RuntimeError:  # the loop was closed
                return

    def _tell(self, event: LiveEvent) -> None:
        for stream in self._streams:
            try:
                stream.put_nowait(event)
            except asyncio.QueueFull:
                _ended(stream)


def add_live(routes: APIRouter, streams: LiveStreams) -> None:
    """Add the route for the live view."""

    @routes.get("/v1/live", tags=["live"], response_class=StreamingResponse, **needs(Scope.LIVE_READ))
    async def live() -> StreamingResponse:
        """Decisions, and the states of cameras and devices, as server-sent events. Never who it was."""
        return StreamingResponse(await streams.stream(), media_type="text/event-stream")


def _ended(stream: asyncio.Queue[LiveEvent | None]) -> None:
    """Whatever still waits is not told any more."""
    while stream.qsize():
        stream.get_nowait()
    stream.put_nowait(None)


def _sent(event: LiveEvent) -> bytes:
    data = json.dumps(event.to_json(), separators=(",", ":"))
    return f"event: {event.kind.value}\nid: {event.event}\ndata: {data}\n\n".encode()
