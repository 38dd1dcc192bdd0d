"""What stands before every route: credential, pace, time limit, headers, and a log that knows nobody."""

import asyncio
import logging
import time
from collections.abc import MutableMapping
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from doorward.errors import DoorwardError, TooFast, Unauthenticated
from doorward.http.access import Authenticate, Holder
from doorward.http.bodies import BODY_READ, discard_body
from doorward.http.limits import Limits, TokenBuckets
from doorward.http.problems import fault, problem, whole_seconds
from doorward.http.security_txt import PATH as SECURITY_TXT
from doorward.kernel.permissions import Presented

HEALTH = "/healthz"
OPEN_PATHS = frozenset({HEALTH, SECURITY_TXT})
"""The paths that need no credential."""

log = logging.getLogger("doorward.http")

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_HEADERS = [
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"referrer-policy", b"no-referrer"),
    (b"strict-transport-security", b"max-age=31536000"),
    (b"x-content-type-options", b"nosniff"),
]


class Guard:
    """An ASGI application around another."""

    def __init__(self, app: ASGIApp, authenticate: Authenticate, limits: Limits) -> None:
        self._app = app
        self._authenticate = authenticate
        self._paces = TokenBuckets(limits.token_rate, limits.token_burst)
        self._failures = TokenBuckets(limits.failure_rate, limits.failure_burst)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.monotonic()
        answer = _Answer(scope, receive, send)
        try:
            await self._admit(scope)
            await self._app(scope, receive, answer)
        except DoorwardError as error:
            await answer.problem(error)
        except Exception as error:  # noqa: BLE001 - the last line of defence: no traceback reaches a client or a log
            log.error("a fault of the server's own: %s at %s", type(error).__name__, _place(error))
            await answer.problem(fault(error))
        finally:
            _write_line(scope, answer.status, time.monotonic() - began)

    async def _admit(self, scope: Scope) -> None:
        """Put the caller into ``scope``; ``Unauthenticated`` or ``TooFast`` before anything else is looked at."""
        if scope["path"] in OPEN_PATHS:
            return
        try:
            holder = await self._holder(scope)
        except Unauthenticated:
            address = scope["client"][0] if scope.get("client") else ""
            self._pace(self._failures, address, "Too many requests without a valid credential came from this address")
            raise
        self._pace(self._paces, holder.digest, "This credential is used faster than it may be")
        scope["doorward.holder"] = holder

    async def _holder(self, scope: Scope) -> Holder:
        given = [value for name, value in scope["headers"] if name == b"authorization"]
        kind, _, credential = given[0].decode("latin-1").partition(" ") if len(given) == 1 else ("", "", "")
        presented = Presented(kind.lower(), credential.strip(), scope["method"], scope["path"])
        return await asyncio.to_thread(self._authenticate, presented)

    def _pace(self, buckets: TokenBuckets, key: str, sentence: str) -> None:
        wait = buckets.wait(key)
        if wait:
            seconds = whole_seconds(wait)
            raise TooFast(f"{sentence}; wait {seconds} s.", seconds)


class _Answer:
    """Sends what the application answers, with the headers that every answer has."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self.status: int | None = None

    async def __call__(self, message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            ours = {name for name, _ in _HEADERS}
            kept = [(name, value) for name, value in message["headers"] if name not in ours]
            closing = []
            if self._is_unread():
                closing = [(b"connection", b"close")]
                await discard_body(self._scope, self._receive)
            message = {**message, "headers": [*kept, *_HEADERS, *closing]}
        await self._send(message)

    async def problem(self, error: DoorwardError) -> None:
        """Answer with ``error``, unless an answer has begun already."""
        if self.status is None:
            await problem(error)(self._scope, self._receive, self)

    def _is_unread(self) -> bool:
        """Whether a body is still on its way: the connection then ends, so that nobody goes on sending it."""
        headers = dict(self._scope["headers"])
        announced = headers.get(b"content-length", b"0") != b"0" or b"transfer-encoding" in headers
        return announced and BODY_READ not in self._scope


def _write_line(scope: Scope, status: int | None, seconds: float) -> None:
    """Method, the route's template, status and milliseconds: no id, no query, no address."""
    method = scope["method"] if scope["method"] in _METHODS else "other"
    template = getattr(scope.get("route"), "path", "-")
    log.info("%s %s %s %d ms", method, template, status or "-", round(seconds * 1000))


def _place(error: BaseException) -> str:
    """File and line where ``error`` arose, and none of its words."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_globals.get('__name__')}:{trace.tb_lineno}" if trace else "an unknown place"
