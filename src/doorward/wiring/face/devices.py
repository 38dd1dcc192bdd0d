"""Devices of a site: invited by an operator, joined with a code, known by their signatures."""

import hmac
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from doorward.adapters.devices.invitation_code import FINGERPRINT_LENGTH, SECRET_LENGTH, InvitationCode
from doorward.adapters.stores.face.grant_store import GrantStore
from doorward.errors import Conflict, Unauthenticated, WrongUse
from doorward.kernel.audit import Actor, AuditEntry
from doorward.kernel.clock import Clock
from doorward.kernel.ids import CheckpointId, DeviceId
from doorward.kernel.permissions import Scope
from doorward.passages.checkpoint import Checkpoint
from doorward.passages.device import PUBLIC_KEY_LENGTH, Device, checked_name
from doorward.passages.live import AWAY, LiveKind
from doorward.passages.signed_request import SignedRequest, parsed
from doorward.wiring.face.device_alarms import Alarm, DeviceAlarms
from doorward.wiring.face.live import LiveView
from doorward.wiring.face.opening import Stores

LIFETIME = timedelta(hours=1)
"""Of an invitation: long enough to walk to the device."""

_KIND = "device invitation"
_REFUSED = "This device is not known here, or its key was revoked; invite it and let it join again."


@dataclass(frozen=True, slots=True)
class SigningDevice:
    """A device that signed the request which is being answered: a holder of the scope ``device`` alone."""

    device: Device
    request: SignedRequest
    scopes: frozenset[Scope] = frozenset({Scope.DEVICE})

    @property
    def called(self) -> str:
        return f"device {self.device.name}"

    @property
    def digest(self) -> str:
        return self.device.id


@dataclass(frozen=True, slots=True)
class Invited:
    """Who bears an invitation: it lets them join, and nothing else."""

    digest: str
    called: str
    scopes: frozenset[Scope] = frozenset({Scope.JOIN})


class Devices:
    """Invites, joins, renames and revokes devices; each act stands in the log."""

    def __init__(self, stores: Stores, live: LiveView) -> None:
        self._stores = stores
        self._live = live
        self._grants: GrantStore = stores.grants
        self._clock: Clock = stores.vault.clock
        self.alarms = DeviceAlarms(stores.grants, stores.trail, self._clock, live)

    def invite(
        self, actor: Actor, name: str, checkpoints: Iterable[Checkpoint], fingerprint: bytes
    ) -> tuple[InvitationCode, datetime]:
        """The code, told here and never again, and when it ends. ``fingerprint``: SHA-256 of the site's certificate.

        ``WrongUse`` without a checkpoint, ``Conflict`` when a device had that name.
        """
        name, doors = checked_name(name), list(checkpoints)
        if not doors:
            raise WrongUse("Name the checkpoints that the device acts for: --checkpoint NAME.")
        self._refuse_taken(name)
        code = InvitationCode(self._stores.randomness.octets(SECRET_LENGTH), fingerprint[:FINGERPRINT_LENGTH])
        ends = self._clock.now() + LIFETIME
        told = {"name": name, "checkpoints": sorted(door.id for door in doors), "ends": ends.isoformat()}
        self._record(actor, f"device {name} invited for {', '.join(sorted(door.name for door in doors))}")
        self._grants.put(_KIND, _digest(code.secret), told)
        return code, ends

    def invited(self, secret: str) -> Invited:
        """Who bears the code's ``secret`` in hexadecimal; ``Unauthenticated`` for one that is not valid (any more)."""
        digest, held = self._invitation(secret)
        return Invited(digest, f"invitation of the device {held['name']}")

    def join(self, invited: Invited, public_key: bytes) -> Device:
        """Make the device that was invited; the invitation is used up. ``WrongUse`` when it is no public key."""
        if len(public_key) != PUBLIC_KEY_LENGTH:
            raise WrongUse(f"A device's public key has {PUBLIC_KEY_LENGTH} bytes.")
        held = self._grants.get(_KIND, invited.digest)
        if held is None or not self._grants.remove(_KIND, invited.digest):  # another was quicker
            raise Unauthenticated(_REFUSED)
        if any(hmac.compare_digest(one.public_key, public_key) for one in self._stores.devices.all()):
            raise Conflict("A device has that key already; each makes its own.")
        checkpoints = frozenset(map(CheckpointId, held["checkpoints"]))
        made = DeviceId(self._stores.randomness.uuid())
        device = Device(made, held["name"], public_key, checkpoints, self._clock.now())
        self._record(Actor(f"device {device.name}", "joining"), f"device {device.name} joined")
        self._stores.devices.add(device)
        return device

    def signer(self, credential: str, method: str, path: str) -> SigningDevice:
        """Whose signed request it is; ``Unauthenticated``, in the same words, for nobody's and for a revoked one's."""
        request = parsed(credential)
        device = None if request is None else self._stores.devices.get(request.device)
        if request is None or device is None:
            raise Unauthenticated(_REFUSED)
        signed = request.to_be_signed(self._stores.vault.site, method, path)
        if not _is_signed(device.public_key, request.signature, signed):
            self.alarms.raised(device, Alarm.WRONG_SIGNATURE)
            raise Unauthenticated(_REFUSED)
        if device.is_revoked:
            self.alarms.raised(device, Alarm.REVOKED)
            raise Unauthenticated(_REFUSED)
        self._live.is_here(LiveKind.DEVICE, device.name)
        return SigningDevice(device, request)

    def rename(self, actor: Actor, device: Device, name: str) -> Device:
        """``Conflict`` when a device had that name."""
        renamed = replace(device, name=checked_name(name))
        self._refuse_taken(renamed.name, but=device.id)
        self._record(actor, f"device {device.name} renamed to {renamed.name}")
        self._stores.devices.change(renamed)
        return renamed

    def revoke(self, actor: Actor, device: Device) -> Device:
        """Refuse the device from its next message on. It stays listed, for its name stands in the log."""
        ended = replace(device, revoked_at=device.revoked_at or self._clock.now())
        self._record(actor, f"device {device.name} revoked")
        self._stores.devices.change(ended)
        self._live.state(LiveKind.DEVICE, device.name, AWAY)
        return ended

    def forget_ended(self) -> None:
        """Drop invitations that nobody used in time."""
        for digest, held in list(self._grants.all(_KIND)):
            if datetime.fromisoformat(held["ends"]) <= self._clock.now():
                self._grants.remove(_KIND, digest)

    def _invitation(self, secret: str) -> tuple[str, dict[str, Any]]:
        try:
            digest = _digest(bytes.fromhex(secret))
        except ValueError:
            raise Unauthenticated(_REFUSED) from None
        held = self._grants.get(_KIND, digest)
        if held is None or datetime.fromisoformat(held["ends"]) <= self._clock.now():
            raise Unauthenticated(_REFUSED)
        return digest, held

    def _refuse_taken(self, name: str, but: DeviceId | None = None) -> None:
        if any(one.name.casefold() == name.casefold() and one.id != but for one in self._stores.devices.all()):
            raise Conflict("A device had that name already, and it stands in the log; choose another.")

    def _record(self, actor: Actor, action: str) -> None:
        self._stores.trail.record(AuditEntry(actor, action, None, self._clock.now()))


def _is_signed(public_key: bytes, signature: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def _digest(secret: bytes) -> str:
    return sha256(secret).hexdigest()
