"""What a device may decide alone, as told by its site: which credentials hold at which checkpoint, and until when."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID

from doorward.adapters.credentials.sealer import decoded
from doorward.kernel.ids import CheckpointId, CredentialId, DeviceId, SiteId
from doorward.people.credential import CLOCK_TOLERANCE, Credential
from doorward.vault.carried_reading import CarriedKeys, RunKey


@dataclass(frozen=True, slots=True, repr=False)
class CarriedReader:
    """``holding``: the credentials that hold at each checkpoint. ``threshold``: least comparison score of a match.
    ``until``: when the site must have answered again.
    """

    keys: CarriedKeys
    holding: Mapping[CheckpointId, frozenset[CredentialId]]
    threshold: float
    until: datetime

    def read(self, octets: bytes, checkpoint: CheckpointId, now: datetime) -> Credential | None:
        """The credential in ``octets``, if it holds at ``checkpoint`` now; ``None`` of any other."""
        plaintext = self.keys.open(octets)
        said = None if plaintext is None else decoded(plaintext)
        if said is None or said.id not in self.holding.get(checkpoint, frozenset()):
            return None
        return said if said.issued_at <= now + CLOCK_TOLERANCE and now < min(said.until, self.until) else None


def reader_from(run: RunKey, site: SiteId, device: DeviceId, sealed: bytes) -> CarriedReader | None:
    """``None`` when it was not sealed to this run, or is of another form."""
    opened = run.opened(site, device, sealed)
    if opened is None:
        return None
    keys, said = opened[0], cast(dict[str, Any], opened[1])
    try:
        holding = {
            CheckpointId(_id(door)): frozenset(CredentialId(_id(one)) for one in held)
            for door, held in said["holding"].items()
        }
        return CarriedReader(keys, holding, float(said["threshold"]), datetime.fromtimestamp(said["until"], UTC))
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, OSError):
        return None


def _id(octets: bytes) -> str:
    return str(UUID(bytes=octets))
