"""What a device decides alone while its site does not answer: about credentials that people carry, and nothing else."""

from collections import Counter as Count
from datetime import UTC, datetime
from uuid import uuid4

from doorward.adapters.credentials.text import is_credential, octets_of
from doorward.adapters.devices.carried_reader import CarriedReader
from doorward.adapters.devices.delivery_body import DeliveryBody
from doorward.errors import LimitExceeded
from doorward.face.comparison import compare
from doorward.face.decision import Reason
from doorward.face.template import Template
from doorward.kernel.ids import CheckpointId, CredentialId, PassageId
from doorward.passages.passage import Counter, Passage
from doorward.people.credential import Credential
from doorward.wiring.face.joined_device import JoinedDevice

MOST_FAILED = 5
"""Faces in a row that are not a credential's, after which it waits for the site: as many as the site allows freely."""


class Alone:
    """``reader``: None where the site does not let this device decide alone."""

    def __init__(self, device: JoinedDevice) -> None:
        self._device = device
        self._failed: Count[CredentialId] = Count()
        self.reader: CarriedReader | None = None

    def may_decide(self, claim: str | None) -> bool:
        """Whether ``claim`` is a credential, and the device may say yes or no to one."""
        return self.reader is not None and claim is not None and is_credential(claim)

    def site_answered(self) -> None:
        """The site counts again."""
        self._failed.clear()

    def decide(self, checkpoint: CheckpointId, claim: str, probes: tuple[Template, ...], *, is_attack: bool) -> Reason:
        """``MATCHED`` only after the passage is kept for the site, durably."""
        now = datetime.now(UTC)
        held = None if self.reader is None else self.reader.read(octets_of(claim), checkpoint, now)
        reason = self._reason(held, probes, is_attack=is_attack)
        passages = []
        if held is not None and reason is Reason.MATCHED:
            passages = [Passage(PassageId(str(uuid4())), held.person, checkpoint, now)]
        counter = Counter.ACCEPTED if passages else Counter.REFUSED
        try:
            self._device.keep(DeliveryBody(passages, {(checkpoint, counter): 1}))
        except LimitExceeded:
            return Reason.SITE_UNREACHABLE
        return reason

    def _reason(self, held: Credential | None, probes: tuple[Template, ...], *, is_attack: bool) -> Reason:
        if held is None or self.reader is None:
            return Reason.CREDENTIAL_REFUSED
        if self._failed[held.id] >= MOST_FAILED:
            return Reason.TOO_MANY_ATTEMPTS
        if is_attack:
            return Reason.PRESENTATION_ATTACK
        for probe in probes:
            reference = held.template(probe.origin)
            if reference is not None and compare(probe, reference) >= self.reader.threshold:
                del self._failed[held.id]
                return Reason.MATCHED
        self._failed[held.id] += 1
        return Reason.CREDENTIAL_REFUSED
