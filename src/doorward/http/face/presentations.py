"""Presentations before the cameras of devices: signed, sealed, decided by the site, and answered."""

import asyncio
import hmac
from hashlib import sha256
from typing import Any
from uuid import uuid4

from fastapi import APIRouter, Request
from pydantic import BaseModel

from doorward.errors import RequestInvalid
from doorward.face.decision import Decision
from doorward.http.access import caller
from doorward.http.routes import signed_by_device
from doorward.http.work import Workers
from doorward.passages.message_order import Standing
from doorward.wiring.face.device_messages import key_to_seal_to, refuse_alarm
from doorward.wiring.face.devices import SigningDevice
from doorward.wiring.face.presentations import carried_of, decide_presented, presentation_of, settings_for
from doorward.wiring.face.site import Site


class DecidedView(BaseModel):
    """What a device is told: never who it was. ``event``: a random id of this decision, for whoever drives the door.

    ``sealing_key``: to seal what follows to.
    """

    event: str
    decision: str
    reason: str
    sentence: str
    pad: str
    retry_after: int | None
    sealing_key: str

    @staticmethod
    def of(decision: Decision, key: str) -> "DecidedView":
        return DecidedView(
            event=str(uuid4()),
            decision=decision.outcome.value,
            reason=decision.reason.value,
            sentence=decision.sentence,
            pad=decision.pad.sentence,
            retry_after=decision.retry_after,
            sealing_key=key,
        )


def add_presentations(routes: APIRouter, site: Site, work: Workers) -> None:
    """Add the routes by which a device watches a checkpoint for the site."""

    @routes.post("/v1/device/settings", tags=["devices"], **signed_by_device())
    async def settings(request: Request) -> dict[str, Any]:
        """What the device's checkpoints ask of people, and which models make the templates.

        The body is empty, or the public key (X25519) of a run to which is sealed what lets the device decide alone
        about carried credentials: ``carried``, null where it may not.
        """
        signer, receiver = await signed(request)

        def told() -> dict[str, Any]:
            asked = settings_for(site, signer)
            return {**asked.to_json(site), "carried": carried_of(site, signer, asked, receiver)}

        return await work.run(told)

    @routes.post("/v1/device/presentations", tags=["devices"], **signed_by_device())
    async def present(request: Request) -> DecidedView:
        """Decide about whoever presented themselves; each message once, and nothing of it is kept."""
        signer, octets = await signed(request)
        body, message = await work.run(lambda: presentation_of(site, signer, octets))
        taken = (await asyncio.wrap_future(site.deliveries.hand_in(message))).taken
        if taken.standing is not Standing.NEW:
            await work.run(lambda: refuse_alarm(site, signer, taken.standing))
        decision = await work.run(lambda: decide_presented(site, signer, body, work.alone))
        return DecidedView.of(decision, await work.run(lambda: key_to_seal_to(site)))


async def signed(request: Request) -> tuple[SigningDevice, bytes]:
    """Who signed the request, and its body; ``RequestInvalid`` when that is another one."""
    body = await request.body()
    return signer_of(request, body), body


def signer_of(request: Request, body: bytes) -> SigningDevice:
    """Who signed the request with that body; ``RequestInvalid`` when nobody did."""
    signer = caller(request)
    if not isinstance(signer, SigningDevice):
        raise RequestInvalid("Only a device's signature serves here.")
    if not hmac.compare_digest(sha256(body).digest(), signer.request.digest):
        raise RequestInvalid("The body is not the one that was signed; send it again.")
    return signer
