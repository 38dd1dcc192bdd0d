"""The application: every route, behind its guard."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from fastapi import FastAPI
from starlette.types import ASGIApp

from doorward import __version__
from doorward.adapters.stores.crowd.alarm_store import alarms_beside
from doorward.adapters.stores.crowd.interval_store import SqlIntervalStore
from doorward.adapters.stores.crowd.look_book import looks_beside
from doorward.crowd.intervals import IntervalAggregate
from doorward.errors import TooFast
from doorward.http.crowd.alarms import add_crowd_alarms
from doorward.http.crowd.intervals import add_crowd
from doorward.http.crowd.looks import noting_in
from doorward.http.crowd.pictures import Draw, add_crowd_pictures
from doorward.http.face.challenges import add_challenges
from doorward.http.face.decisions import add_decisions
from doorward.http.face.devices import add_devices
from doorward.http.face.holds import add_holds
from doorward.http.face.intake import Intake
from doorward.http.face.live import LiveStreams, add_live
from doorward.http.face.own_reading import add_own_reading
from doorward.http.face.passages import add_passages
from doorward.http.face.people import add_people
from doorward.http.face.presence import add_presence
from doorward.http.face.presentations import add_presentations
from doorward.http.face.statistics import add_statistics
from doorward.http.guard import HEALTH, OPEN_PATHS, Guard, log
from doorward.http.limits import DEFAULT_LIMITS, Limits
from doorward.http.problems import install_problems
from doorward.http.routes import scoped_route
from doorward.http.security_txt import add_security_txt
from doorward.http.work import Workers
from doorward.wiring.face.callers import Callers
from doorward.wiring.face.contact import SecurityContact
from doorward.wiring.face.housekeeping import ROUND, Undone, keep_house
from doorward.wiring.face.site import Site
from doorward.wiring.serving import tokens_of


def build_app(
    site: Site, crowd: SqlIntervalStore, limits: Limits = DEFAULT_LIMITS, streams: LiveStreams | None = None
) -> ASGIApp:
    """The ASGI application of an open site. Nothing but ``OPEN_PATHS`` answers without a token.

    ``streams``: its live views, for whoever has to end them before the server can stop.
    """
    callers = Callers(tokens_of(site), site.devices)
    work = Workers(limits.threads, limits.waiting, lambda: site.turns.next("serving"))
    routed = _application(site, crowd, limits, work, streams or LiveStreams(site.live))
    return Guard(Intake(routed, site, work, limits), callers.holder, limits)


def guarded_routes() -> tuple[tuple[str, str], ...]:
    """Method and path of every route of the OpenAPI document that asks for a token; needs no site."""
    nowhere: Any = None  # routes are described here, and never called
    paths = _application(nowhere, nowhere, DEFAULT_LIMITS, nowhere, LiveStreams(nowhere)).openapi()["paths"]
    return tuple(
        (method.upper(), path) for path, methods in paths.items() if path not in OPEN_PATHS for method in methods
    )


def _application(site: Site, crowd: SqlIntervalStore, limits: Limits, work: Workers, streams: LiveStreams) -> FastAPI:
    @asynccontextmanager
    async def life(_app: FastAPI) -> AsyncIterator[None]:
        keeping = asyncio.create_task(_housekeeping(site, work))
        streams.begin()
        try:
            yield
        finally:
            keeping.cancel()
            await asyncio.to_thread(streams.close)
            await asyncio.to_thread(work.close)

    app = FastAPI(
        title="Doorward",
        version=__version__,
        summary="Faces verified, enrolled people identified, crowds counted, strangers forgotten.",
        openapi_url="/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=life,
    )
    install_problems(app)
    _describe_tokens(app)

    @app.get(HEALTH, tags=["health"])
    async def health() -> dict[str, str]:
        """Whether the server answers; needs no token."""
        return {"status": "ok"}

    add_security_txt(app, lambda: SecurityContact(site.stores.grants).get(), work)
    app.router.route_class = scoped_route(limits)
    add_people(app.router, site, work)
    add_challenges(app.router, site, work)
    add_decisions(app.router, site, work)
    add_passages(app.router, site, work)
    add_own_reading(app.router, site, work)
    add_statistics(app.router, site, work)
    add_holds(app.router, site, work)
    add_presence(app.router, site, work)
    add_live(app.router, streams)
    add_devices(app.router, site, work)
    add_presentations(app.router, site, work)
    note_look = noting_in(lambda: looks_beside(crowd))
    add_crowd(app.router, _reader(crowd), note_look, work)
    add_crowd_pictures(app.router, _draughtsman(crowd), note_look, work)
    add_crowd_alarms(app.router, lambda: alarms_beside(crowd), note_look, work)
    return app


def _reader(crowd: SqlIntervalStore) -> Any:
    def read(
        scene: str, begin: datetime | None, end: datetime | None, limit: int, seconds: int
    ) -> Sequence[IntervalAggregate] | None:
        return crowd.read(scene, begin, end, limit, seconds) or (() if scene in crowd.scenes() else None)

    return read


def _draughtsman(crowd: SqlIntervalStore) -> Draw:
    def draw(
        scene: str, subject: str, begin: datetime | None, end: datetime | None, zone: str | None, ending: str
    ) -> bytes:
        from doorward.wiring.crowd.picturing import Subject, picture  # loads the drawing library

        return picture(crowd, scene, Subject(subject), begin, end, None, zone, ending)

    return draw


async def _housekeeping(site: Site, work: Workers) -> None:
    while True:
        await asyncio.sleep(ROUND.total_seconds())
        try:
            failed = await work.run(lambda: keep_house(site, work.alone))
        except TooFast as busy:
            failed = (Undone("all of it", busy.code),)
        for one in failed:
            log.error("housekeeping is not done yet: %s: %s", one.job, one.code)


def _describe_tokens(app: FastAPI) -> None:
    """Tell in the OpenAPI document that every route but the open ones takes a bearer token."""
    describe = app.openapi

    def openapi() -> dict[str, Any]:
        document = describe()
        document.setdefault("components", {})["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        document["security"] = [{"token": []}]
        for path in OPEN_PATHS:
            document["paths"][path]["get"]["security"] = []
        return document

    app.openapi = openapi  # type: ignore[method-assign] # as FastAPI documents it
