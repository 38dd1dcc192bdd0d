"""Movements asked for over HTTP: a challenge, then frames of who makes them, one after another."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from pydantic import AwareDatetime, BaseModel

from doorward.face.challenge import MovementChallenge, Stage
from doorward.face.challenge_book import MOST_FRAMES, Issued
from doorward.face.decision import Reason
from doorward.face.movements import Movement
from doorward.http.access import acting_for
from doorward.http.face.requests import Strict
from doorward.http.forms import photo_form, read_photo_form
from doorward.http.routes import needs
from doorward.http.work import Workers
from doorward.kernel.audit import Actor
from doorward.kernel.permissions import Scope
from doorward.wiring.face.challenging import observe_photo
from doorward.wiring.face.site import Site

Mover = Annotated[Actor, Depends(acting_for("movements"))]
Nonce = Annotated[str, Path(pattern="^[0-9a-f]{32}$")]


class MovementFrame(Strict):
    """``taken_at``: by the clock of the camera, if that is known; a clock that is off is refused."""

    taken_at: AwareDatetime | None = None


class ProgressView(BaseModel):
    """``asked``: the movement that is awaited now, null when none is. ``sentence``: what to tell the person.
    ``reason``: why the challenge was refused.
    """

    stage: Stage
    asked: Movement | None
    sentence: str
    reason: Reason | None

    @classmethod
    def of(cls, challenge: MovementChallenge) -> "ProgressView":
        return cls(stage=challenge.stage, asked=challenge.asked, sentence=challenge.sentence, reason=challenge.refusal)

    @classmethod
    def refused(cls, reason: Reason) -> "ProgressView":
        return cls(stage=Stage.REFUSED, asked=None, sentence=reason.sentence, reason=reason)


class ChallengeView(ProgressView):
    """``challenge``: the nonce. ``frames``: how many it takes at most."""

    challenge: str
    expires_at: datetime
    frames: int

    @classmethod
    def issued(cls, issued: Issued) -> "ChallengeView":
        progress = ProgressView.of(issued.challenge)
        return cls(**progress.model_dump(), challenge=issued.nonce, expires_at=issued.expires_at, frames=MOST_FRAMES)


def add_challenges(routes: APIRouter, site: Site, work: Workers) -> None:
    """Add the routes for asked movements."""

    @routes.post("/v1/challenges", status_code=201, tags=["challenges"], **needs(Scope.VERIFY))
    async def begin_challenge(actor: Mover) -> ChallengeView:
        """Ask somebody for movements. They are told one after another; the nonce serves one decision."""
        return ChallengeView.issued(await work.run(lambda: site.attack_guard.begin(actor, site.models.embedder.origin)))

    @routes.post(
        "/v1/challenges/{challenge}/frames", tags=["challenges"], **needs(Scope.VERIFY, photo_form(MovementFrame))
    )
    async def show_frame(request: Request, challenge: Nonce, actor: Mover) -> ProgressView:
        """One picture of who makes the movements; several a second, one after another."""
        photo, frame = await read_photo_form(request, MovementFrame)
        seen = await work.run_alone(
            lambda: observe_photo(photo, site.models, site.attack_guard, challenge, actor, frame.taken_at)
        )
        return ProgressView.refused(seen) if isinstance(seen, Reason) else ProgressView.of(seen.challenge)
