"""The device's side: joining a site, and delivering to it what waits, in order, each once."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from doorward.adapters.devices.delivery_body import DeliveryBody, encoded
from doorward.adapters.devices.identity import (
    KEY,
    DeviceIdentity,
    make_key,
    read_identity,
    with_sealing_key,
    write_identity,
)
from doorward.adapters.devices.invitation_code import InvitationCode
from doorward.adapters.devices.outbox import Outbox
from doorward.adapters.devices.presentation_body import PresentationBody
from doorward.adapters.devices.presentation_body import encoded as encoded_presentation
from doorward.adapters.devices.site_client import PATIENCE, SiteClient
from doorward.adapters.process import harden_process
from doorward.errors import SiteRefused
from doorward.kernel.ids import CheckpointId, DeviceId, SiteId
from doorward.passages.signed_request import SignedRequest
from doorward.vault.device_bodies import seal_to_site
from doorward.wiring.face.callers import INVITATION_SCHEME

DELIVERIES = "/v1/device/deliveries"
PRESENTATIONS = "/v1/device/presentations"
SETTINGS = "/v1/device/settings"
DEVICES = "/v1/devices"
JSON = "application/json"


def join_site(address: str, code: str, folder: Path) -> DeviceIdentity:
    """Make a key in ``folder`` and become the device that ``code`` invites, of the site that shows its certificate."""
    harden_process()
    invitation = InvitationCode.read(code)
    client = SiteClient(address, invitation.fingerprint)
    key = make_key(folder)
    body = f'{{"public_key":"{key.public_key().public_bytes_raw().hex()}"}}'.encode()
    try:
        told = client.post(DEVICES, f"{INVITATION_SCHEME} {invitation.secret.hex()}", body, JSON).told
        identity = _identity(told, address, client.fingerprint)
    except BaseException:
        (folder / KEY).unlink(missing_ok=True)  # so that joining can be tried again in the same folder
        raise
    finally:
        client.close()
    write_identity(folder, identity)
    return identity


class JoinedDevice:
    """A machine that joined a site. Close it, or use it in a ``with`` block.

    ``now``: the device's clock. ``seconds``: within which the site has to answer.
    """

    def __init__(
        self, folder: Path, now: Callable[[], datetime] = lambda: datetime.now(UTC), seconds: float = PATIENCE
    ) -> None:
        harden_process()
        self.folder = folder
        self._now = now
        self.identity, self._key = read_identity(folder)
        self.outbox = Outbox(folder)
        self._client = SiteClient(self.identity.address, self.identity.certificate, seconds)

    def __enter__(self) -> "JoinedDevice":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._client.close()
        self.outbox.close()

    def keep(self, body: DeliveryBody) -> None:
        """Seal passages and counts to the site and keep them until they are delivered; durable when it returns."""
        self.outbox.put(sealed_body(self.identity, encoded(body)))

    def deliver(self) -> int:
        """Deliver everything that waits, oldest first; how many messages the site took.

        ``SiteUnreachable``: what was not taken waits. ``SiteRefused``: so does what the site refuses, but a body that
        it can make nothing of, which would hold up all that follows, is dropped and counted as not taken.
        """
        taken = 0
        while (was_taken := self._deliver_one()) is not None:
            taken += was_taken
        return taken

    def ask_settings(self, receiver: bytes = b"") -> Mapping[str, Any]:
        """What the site asks of this device's checkpoints; ``SiteUnreachable`` or ``SiteRefused``.

        ``receiver``: the public key of this run, to which the site seals what lets it decide alone, if it may.
        """
        return self._send(SETTINGS, receiver)

    def present(self, body: PresentationBody) -> Mapping[str, Any]:
        """What the site decides about ``body``. Nothing of it is kept here, and it is never sent again.

        ``SiteUnreachable`` when there is no answer, ``SiteRefused``.
        """
        told = self._send(PRESENTATIONS, sealed_body(self.identity, encoded_presentation(body)))
        self._seal_to(told)
        return told

    def _send(self, path: str, body: bytes) -> Mapping[str, Any]:
        if self.outbox.has_unanswered():
            self._deliver_one()
        with self.outbox.sending():
            return self._post(self.outbox.next_counter(), path, body)

    def _deliver_one(self) -> bool | None:
        """Whether the site took the oldest that waits; ``None`` when nothing does."""
        with self.outbox.sending():
            if (waiting := self.outbox.next()) is None:
                return None
            was_taken = True
            try:
                self._seal_to(self._post(waiting.counter, DELIVERIES, waiting.body))
            except SiteRefused as refusal:
                if refusal.refused_as != "request_invalid":
                    raise
                was_taken = False
            self.outbox.delivered(waiting)
            return was_taken

    def _seal_to(self, told: Mapping[str, Any]) -> None:
        self.identity = with_sealing_key(self.folder, self.identity, bytes.fromhex(told["sealing_key"]))

    def _post(self, counter: int, path: str, body: bytes) -> Mapping[str, Any]:
        request = signed_request(self._key, self.identity, counter, self._now(), "POST", path, body)
        return self._client.post(path, request.header(), body).told


def sealed_body(identity: DeviceIdentity, plaintext: bytes) -> bytes:
    """What the site alone can read, and only as this device's."""
    return seal_to_site(identity.sealing_key, identity.site, identity.device, plaintext)


def signed_request(
    key: Ed25519PrivateKey,
    identity: DeviceIdentity,
    counter: int,
    now: datetime,
    method: str,
    path: str,
    body: bytes,
) -> SignedRequest:
    """What the device says of one request."""
    digest, moment = sha256(body).digest(), now.replace(microsecond=0)
    unsigned = SignedRequest(identity.device, counter, moment, digest, b"")
    signature = key.sign(unsigned.to_be_signed(identity.site, method, path))
    return SignedRequest(identity.device, counter, moment, digest, signature)


def _identity(told: Mapping[str, Any], address: str, certificate: bytes) -> DeviceIdentity:
    doors = {door["name"]: CheckpointId(door["id"]) for door in told["checkpoints"]}
    key = bytes.fromhex(told["sealing_key"])
    return DeviceIdentity(
        DeviceId(told["device"]), told["name"], SiteId(told["site"]), address, certificate, key, doors
    )
