"""Devices over HTTP: joining with an invitation, and deliveries that a device signed and sealed."""

import asyncio

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from doorward.errors import RequestInvalid
from doorward.http.access import caller
from doorward.http.face.presentations import signed
from doorward.http.face.requests import Strict
from doorward.http.routes import needs, signed_by_device
from doorward.http.work import Workers
from doorward.kernel.permissions import Scope
from doorward.passages.message_order import Standing
from doorward.wiring.face.device_messages import key_to_seal_to, refuse_alarm
from doorward.wiring.face.devices import Invited, SigningDevice
from doorward.wiring.face.signed_deliveries import SignedBody
from doorward.wiring.face.site import Site

DELIVERIES = "/v1/device/deliveries"


class NewDevice(Strict):
    """``public_key``: Ed25519, 32 bytes in hexadecimal; the private half stays on the device."""

    public_key: str = Field(pattern="^[0-9a-f]{64}$")


class DoorView(BaseModel):
    id: str
    name: str


class JoinedView(BaseModel):
    """``sealing_key``: X25519, what the device seals to. ``checkpoints``: for which it acts."""

    device: str
    name: str
    site: str
    sealing_key: str
    checkpoints: list[DoorView]


class DeliveredView(BaseModel):
    """``standing``: new, or repeated when it was here already. ``sealing_key``: to seal what follows to."""

    standing: Standing
    recorded: int
    sealing_key: str


def add_devices(routes: APIRouter, site: Site, work: Workers) -> None:
    """Add the routes for devices."""

    @routes.post("/v1/devices", status_code=201, tags=["devices"], **needs(Scope.JOIN))
    async def join(request: Request, device: NewDevice) -> JoinedView:
        """Become the device that was invited. The invitation serves once."""
        invited = caller(request)
        if not isinstance(invited, Invited):
            raise RequestInvalid("Only an invitation lets a device join.")
        return await work.run_alone(lambda: _joined(site, invited, bytes.fromhex(device.public_key)))

    @routes.post(DELIVERIES, tags=["devices"], **signed_by_device())
    async def deliver(request: Request) -> DeliveredView:
        """Take passages and counts, each delivery once; answered when they are durable."""
        return await delivered(site, work, *await signed(request))


async def delivered(site: Site, work: Workers, signer: SigningDevice, body: bytes) -> DeliveredView:
    """What a signed delivery is answered."""
    receipt = await asyncio.wrap_future(site.deliveries.hand_in_signed(SignedBody(signer, body)))
    taken = receipt.taken
    if taken.standing.is_alarm:
        await work.run(lambda: refuse_alarm(site, signer, taken.standing))
    return DeliveredView(standing=taken.standing, recorded=taken.recorded, sealing_key=receipt.sealing_key.hex())


def _joined(site: Site, invited: Invited, public_key: bytes) -> JoinedView:
    device = site.devices.join(invited, public_key)
    doors = [DoorView(id=door.id, name=door.name) for door in site.doorkeeper.all() if door.id in device.checkpoints]
    return JoinedView(
        device=device.id,
        name=device.name,
        site=site.stores.vault.site,
        sealing_key=key_to_seal_to(site),
        checkpoints=doors,
    )
