"""A route that asks for its scope before it reads a body, and for a body no larger than its kind needs."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from doorward.errors import InternalError, TimeLimitExceeded, TooFast
from doorward.http.access import caller, require
from doorward.http.bodies import read_body, replay
from doorward.http.limits import Limits
from doorward.http.presence import watched
from doorward.http.problems import MEDIA_TYPE, Problem
from doorward.kernel.permissions import Scope

_SCOPE, _FORM, _DELIVERY = "x-doorward-scope", "x-doorward-form", "x-doorward-delivery"

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


def needs(scope: Scope, form: dict[str, Any] | None = None) -> dict[str, Any]:
    """Arguments of a route: the scope it needs and, for photos, the form it takes, both told in OpenAPI."""
    extra: dict[str, Any] = {_SCOPE: scope.value}
    if form is not None:
        extra |= {_FORM: True, "requestBody": form}
    told = {"description": "Problem", "content": {MEDIA_TYPE: {"schema": Problem.model_json_schema()}}}
    return {"openapi_extra": extra, "responses": {"default": told}}


def signed_by_device() -> dict[str, Any]:
    """Arguments of a route that takes octets which a device signed and sealed."""
    arguments = needs(Scope.DEVICE)
    octets = {"required": True, "content": {"application/octet-stream": {"schema": {"format": "binary"}}}}
    arguments["openapi_extra"] |= {_DELIVERY: True, "requestBody": octets}
    return arguments


def too_long(seconds: float) -> TimeLimitExceeded:
    return TimeLimitExceeded(f"This took longer than {seconds:g} seconds; try again later.")


def scoped_route(limits: Limits) -> type[APIRoute]:
    """The class of every route but the open one; a route without a scope cannot be made."""
    forms = 0

    class ScopedRoute(APIRoute):
        def get_route_handler(self) -> Handler:
            handle = super().get_route_handler()
            extra = self.openapi_extra or {}
            if _SCOPE not in extra:
                raise InternalError(f"The route {self.path} names no scope.")
            scope, is_form = Scope(extra[_SCOPE]), extra.get(_FORM, False)
            most = limits.delivery_bytes if extra.get(_DELIVERY, False) else limits.json_bytes

            async def handle_form(request: Request) -> Response:
                nonlocal forms
                if forms >= limits.forms:
                    raise TooFast("The server takes in as many photos as it can; try again in a moment.", 1)
                forms += 1
                try:
                    return await take_in(request, limits.form_bytes)
                finally:
                    forms -= 1

            async def take_in(request: Request, most: int) -> Response:
                body = await read_body(request, most, limits.body_seconds)
                try:
                    async with watched(request), asyncio.timeout(limits.request_seconds):
                        return await handle(Request(request.scope, replay(body)))
                except TimeoutError:
                    raise too_long(limits.request_seconds) from None

            async def scoped(request: Request) -> Response:
                require(caller(request), scope)
                return await (handle_form(request) if is_form else take_in(request, most))

            return scoped

    return ScopedRoute
