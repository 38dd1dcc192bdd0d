"""What devices delivered, out of the bodies that they signed and sealed: many at once, with one question for all."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from types import MappingProxyType

from doorward.adapters.devices.delivery_body import Counts, DeliveryBody, decoded
from doorward.errors import DoorwardError, Forbidden, RequestInvalid
from doorward.kernel.ids import CheckpointId, PersonId
from doorward.passages.delivery import Delivery
from doorward.passages.message_order import MOST_SKEW, Mark
from doorward.passages.passage import Passage
from doorward.people.consent import Purpose, purposes_in_force
from doorward.vault.device_bodies import BodyOpener
from doorward.wiring.face.device_alarms import Alarm, DeviceAlarms
from doorward.wiring.face.devices import SigningDevice
from doorward.wiring.face.opening import Stores

NO_COUNTS: Counts = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class SignedBody:
    """A body whose signature was checked, still sealed."""

    signer: SigningDevice
    sealed: bytes


class SignedDeliveries:
    """``delivering.Opener`` over the site's keys and consents."""

    def __init__(self, stores: Stores, alarms: DeviceAlarms) -> None:
        self._stores = stores
        self._alarms = alarms

    def opened(self, bodies: Sequence[SignedBody]) -> Sequence[Delivery | DoorwardError]:
        """Each delivery, without the passages of people who did not agree to be recorded, or why there is none.

        Nor is one with it that is yet to come: it would be kept for longer than the site keeps passages.

        ``RequestInvalid`` unless it was sealed to this site, ``Forbidden`` when it tells of a checkpoint that the
        device does not act for.
        """
        opener = self._stores.vault.device_bodies().opener()
        held: list[DeliveryBody | DoorwardError] = []
        for body in bodies:
            try:
                told = decoded(plaintext_of(body, opener, self._alarms))
                held.append(self._without_those_to_come(body.signer, told))
            except DoorwardError as refusal:
                held.append(refusal)
        people = {one.person for body in held if isinstance(body, DeliveryBody) for one in body.passages}
        agreed = self._agreed(people) if people else frozenset()
        return [
            one if isinstance(one, DoorwardError) else _delivery(body.signer, one, agreed)
            for body, one in zip(bodies, held, strict=True)
        ]

    def sealing_key(self) -> bytes:
        return self._stores.vault.device_bodies().public_key()

    def _without_those_to_come(self, signer: SigningDevice, body: DeliveryBody) -> DeliveryBody:
        latest = self._stores.vault.clock.now() + MOST_SKEW
        passed = [one for one in body.passages if one.at <= latest]
        if len(passed) < len(body.passages):
            self._alarms.raised(signer.device, Alarm.CLOCK_WRONG)
        return DeliveryBody(passed, body.counted)

    def _agreed(self, people: AbstractSet[PersonId]) -> AbstractSet[PersonId]:
        now = self._stores.vault.clock.now()
        consents = self._stores.consents.of_many(people)
        return {person for person, given in consents.items() if Purpose.PASSAGES in purposes_in_force(given, now)}


def plaintext_of(body: SignedBody, opener: BodyOpener, alarms: DeviceAlarms) -> bytes:
    """``RequestInvalid``, and an alarm, when it was not sealed to this site."""
    plaintext = opener.open(body.signer.device.id, body.sealed)
    if plaintext is None:
        alarms.raised(body.signer.device, Alarm.UNREADABLE)
        raise RequestInvalid("The message was not sealed to this site's key; let the device join again.")
    return plaintext


def message_of(
    signer: SigningDevice,
    named: AbstractSet[CheckpointId],
    passages: Sequence[Passage] = (),
    counted: Counts = NO_COUNTS,
) -> Delivery:
    """The message in the device's order; ``Forbidden`` unless it acts for the checkpoints that are ``named``."""
    if not named <= signer.device.checkpoints:
        raise Forbidden("The device was not invited for that checkpoint; invite it anew, with all that it acts for.")
    mark = Mark(signer.request.counter, signer.request.digest)
    return Delivery(signer.device.id, mark, signer.request.sent_at, passages, counted)


def _delivery(signer: SigningDevice, body: DeliveryBody, agreed: AbstractSet[PersonId]) -> Delivery | DoorwardError:
    named = {passage.checkpoint for passage in body.passages} | {checkpoint for checkpoint, _ in body.counted}
    try:
        return message_of(signer, named, [one for one in body.passages if one.person in agreed], body.counted)
    except Forbidden as refusal:
        return refusal
