"""Checkpoints and passages over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from doorward.http.access import Reader
from doorward.http.face.requests import NewCheckpoint
from doorward.http.face.views import CheckpointsView, CheckpointView, PassagesView
from doorward.http.routes import needs
from doorward.http.work import Workers
from doorward.kernel.audit import Actor
from doorward.kernel.ids import PersonId
from doorward.kernel.permissions import Scope
from doorward.passages.checkpoint import Checkpoint
from doorward.wiring.face.site import Site

Hours = Annotated[int | None, Query(ge=1, description="As many as may be read, if not given.")]


def add_passages(routes: APIRouter, site: Site, work: Workers) -> None:
    """Add the routes for checkpoints and for one person's passages."""

    @routes.get("/v1/people/{person}/passages", tags=["passages"], **needs(Scope.PASSAGES_READ))
    async def read_passages(person: UUID, actor: Reader, hours: Hours = None) -> PassagesView:
        """The person's passages of the last ``hours``, oldest first; the look is recorded."""
        return await work.run_alone(lambda: _passages(site, PersonId(str(person)), actor, hours))

    @routes.get("/v1/checkpoints", tags=["checkpoints"], **needs(Scope.PASSAGES_READ))
    async def list_checkpoints() -> CheckpointsView:
        """The checkpoints by name, and how many were accepted and refused at each."""
        return await work.run_alone(
            lambda: CheckpointsView(checkpoints=[_view(site, door) for door in site.doorkeeper.all()])
        )

    @routes.post("/v1/checkpoints", status_code=201, tags=["checkpoints"], **needs(Scope.PEOPLE_WRITE))
    async def add_checkpoint(checkpoint: NewCheckpoint) -> CheckpointView:
        """Add a checkpoint that the people of a group may pass."""
        return await work.run_alone(
            lambda: _view(
                site,
                site.doorkeeper.add(
                    checkpoint.name, checkpoint.group, checkpoint.act, checkpoint.attack_checks, checkpoint.fpir
                ),
            )
        )


def _passages(site: Site, person: PersonId, actor: Actor, hours: int | None) -> PassagesView:
    kept = site.doorkeeper.passages_of(actor, person, site.reading_span.within(hours))
    return PassagesView.of(person, kept, site.doorkeeper.names())


def _view(site: Site, checkpoint: Checkpoint) -> CheckpointView:
    return CheckpointView.of(checkpoint, site.search_policy.fpir_at(checkpoint), site.doorkeeper.tallies(checkpoint))
