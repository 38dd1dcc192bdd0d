"""Deliveries ahead of the router: a thousand devices send all day, and finding the way cost more than taking them."""

import asyncio
from types import SimpleNamespace

from fastapi import Request, Response
from starlette.types import ASGIApp, Receive, Send
from starlette.types import Scope as Asked

from doorward.http.access import caller, require
from doorward.http.bodies import read_body
from doorward.http.face.devices import DELIVERIES, delivered
from doorward.http.face.presentations import signer_of
from doorward.http.limits import Limits
from doorward.http.routes import too_long
from doorward.http.work import Workers
from doorward.kernel.permissions import Scope
from doorward.wiring.face.site import Site

_ROUTE = SimpleNamespace(path=DELIVERIES)


class Intake:
    """An ASGI application around another, behind the guard, which answers what this raises."""

    def __init__(self, app: ASGIApp, site: Site, work: Workers, limits: Limits) -> None:
        self._app = app
        self._site = site
        self._work = work
        self._limits = limits

    async def __call__(self, scope: Asked, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != DELIVERIES or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        scope["route"] = _ROUTE
        answer = await self._answer(Request(scope, receive))
        await answer(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        require(caller(request), Scope.DEVICE)
        body = await read_body(request, self._limits.delivery_bytes, self._limits.body_seconds)
        try:
            async with asyncio.timeout(self._limits.request_seconds):
                view = await delivered(self._site, self._work, signer_of(request, body), body)
        except TimeoutError:
            raise too_long(self._limits.request_seconds) from None
        return Response(view.model_dump_json(), media_type="application/json")
