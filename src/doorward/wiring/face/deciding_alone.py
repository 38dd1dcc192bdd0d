"""Which devices may decide alone, while the site does not answer: about carried credentials. None unless told."""

from datetime import timedelta
from uuid import UUID

from doorward.adapters.stores.face.grant_store import GrantStore
from doorward.errors import LimitExceeded, RequestInvalid
from doorward.face.thresholds import DEFAULT_VERIFICATION_FMR, ThresholdsOf
from doorward.identify.membership import Memberships
from doorward.kernel.audit import Actor, AuditEntry, AuditTrail
from doorward.kernel.clock import Clock
from doorward.kernel.ids import DeviceId
from doorward.passages.checkpoint import Checkpoint
from doorward.passages.device import Device
from doorward.people.consent import Purpose, purposes_in_force
from doorward.wiring.face.opening import Stores

LASTS = timedelta(hours=12)
"""After the site's last answer: a night. Whom the site ends meanwhile, the device lets pass until then."""

MOST_CARRIED = 5_000
"""Credentials that a device is told of."""

_KIND = "device decides alone"


class DecidingAlone:
    def __init__(self, grants: GrantStore, trail: AuditTrail, clock: Clock) -> None:
        self._grants = grants
        self._trail = trail
        self._clock = clock

    def may(self, device: DeviceId) -> bool:
        return self._grants.get(_KIND, device) is not None

    def let(self, actor: Actor, device: Device, *, alone: bool) -> None:
        """Let a device decide alone, or no more; the change is recorded before it holds."""
        action = f"device {device.name} {'may' if alone else 'may not'} decide alone about carried credentials"
        self._trail.record(AuditEntry(actor, action, None, self._clock.now()))
        if alone:
            self._grants.put(_KIND, device.id, {"since": self._clock.now().isoformat()})
        else:
            self._grants.remove(_KIND, device.id)


def carried_for(
    stores: Stores,
    memberships: Memberships,
    thresholds: ThresholdsOf,
    model: str,
    doors: tuple[Checkpoint, ...],
    device: DeviceId,
    receiver: bytes,
) -> bytes:
    """What lets the device decide alone, sealed to ``receiver``, the public key of its run.

    ``LimitExceeded`` above ``MOST_CARRIED``, ``RequestInvalid`` when ``receiver`` is no key.
    """
    now = stores.vault.clock.now()
    carried = [one for one in stores.credentials.all() if now < one.until]
    if len(carried) > MOST_CARRIED:
        raise LimitExceeded(f"More than {MOST_CARRIED} people carry a credential; devices decide about none alone.")
    consents = stores.consents.of_many({one.person for one in carried})
    agreed = [one for one in carried if Purpose.VERIFY in purposes_in_force(consents.get(one.person, ()), now)]
    holding = {
        UUID(door.id).bytes: [UUID(one.id).bytes for one in agreed if memberships.is_member(one.person, door.group)]
        for door in doors
    }
    said = {
        "holding": holding,
        "threshold": thresholds(model).at(DEFAULT_VERIFICATION_FMR).value,
        "until": int((now + LASTS).timestamp()),
    }
    try:
        return stores.vault.credentials().for_device(receiver, device, said)
    except ValueError:
        raise RequestInvalid("What the device sent is no public key; update the device.") from None
