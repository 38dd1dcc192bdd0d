"""Whether a request's client still waits for the answer, for work that goes on in a thread."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from threading import Event

from fastapi import Request

_GONE = "doorward.gone"


@asynccontextmanager
async def watched(request: Request) -> AsyncIterator[None]:
    """For the block, see whether the client goes; after it nobody waits any more. The body must be here already."""
    gone: Event = request.scope.setdefault(_GONE, Event())
    watching = asyncio.create_task(_watch(request, gone))
    try:
        yield
    finally:
        gone.set()
        watching.cancel()


def is_waiting(request: Request) -> Callable[[], bool]:
    """To be asked from any thread."""
    gone: Event = request.scope.setdefault(_GONE, Event())
    return lambda: not gone.is_set()


async def _watch(request: Request, gone: Event) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
    gone.set()
