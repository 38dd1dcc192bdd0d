"""Request bodies, taken in whole: no larger and no slower than allowed, and in memory only."""

import asyncio
from collections.abc import MutableMapping
from contextlib import suppress
from typing import Any

from starlette.requests import Request
from starlette.types import Receive, Scope

from doorward.errors import BodyTooLarge, BodyTooSlow
from doorward.http.limits import MB

BODY_READ = "doorward.body_read"
"""Set in a request's scope once its body is here in whole."""


BODY_SLOW = "doorward.body_slow"
"""Set in a request's scope once its body has kept the server waiting too long."""

MOST_DISCARDED = 32 * MB
DISCARD_SECONDS = 5.0


async def read_body(request: Request, most: int, seconds: float) -> bytes:
    """The body; ``BodyTooLarge`` by its announced or its real length, ``BodyTooSlow`` after ``seconds``."""
    announced = request.headers.get("content-length", "0")
    if not announced.isdecimal() or int(announced) > most:
        raise _too_large(most)
    taken = bytearray()
    try:
        async with asyncio.timeout(seconds):
            while BODY_READ not in request.scope:
                message = await request.receive()
                if message["type"] == "http.disconnect":
                    raise BodyTooSlow("The connection ended before the body did; send it again.")
                if not message.get("more_body", False):
                    request.scope[BODY_READ] = True
                taken += message.get("body", b"")
                if len(taken) > most:
                    raise _too_large(most)
    except TimeoutError:
        request.scope[BODY_SLOW] = True
        raise BodyTooSlow(f"The body did not arrive within {seconds:g} seconds; send it again.") from None
    return bytes(taken)


async def discard_body(scope: Scope, receive: Receive) -> None:
    """Let a body that nobody wants run out, so that a client still sending it gets to read its refusal.

    Not one that came too slowly already, nor one that waits to be asked for, and neither much nor for long.
    """
    if BODY_SLOW in scope or any(name == b"expect" for name, _ in scope["headers"]):
        return
    left, more = MOST_DISCARDED, True
    with suppress(TimeoutError):
        async with asyncio.timeout(DISCARD_SECONDS):
            while more and left > 0:
                message = await receive()
                left -= len(message.get("body", b""))
                more = message.get("more_body", False)


def replay(body: bytes) -> Receive:
    """What the rest of the application receives in place of the connection."""
    messages: list[MutableMapping[str, Any]] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> MutableMapping[str, Any]:
        return messages.pop() if messages else {"type": "http.disconnect"}

    return receive


def _too_large(most: int) -> BodyTooLarge:
    size = f"{most // MB} MB" if most >= MB else f"{most // 1024} KB"
    return BodyTooLarge(f"The body is larger than {size}; send less.")
