"""What a device's signed message says, once its order, its seal and its checkpoints are in order."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from types import MappingProxyType
from typing import NoReturn

from doorward.adapters.devices.delivery_body import Counts, decoded
from doorward.errors import ClockWrong, DeviceCloned, Forbidden, MessageReplayed, RequestInvalid
from doorward.kernel.ids import CheckpointId
from doorward.passages.delivery import Delivery
from doorward.passages.message_order import Mark, Standing
from doorward.passages.passage import Passage
from doorward.people.consent import Purpose, purposes_in_force
from doorward.wiring.face.device_alarms import Alarm
from doorward.wiring.face.devices import SigningDevice
from doorward.wiring.face.site import Site

NO_COUNTS: Counts = MappingProxyType({})

_TAKEN = (Alarm.REPLAYED, MessageReplayed("That message, or a later one, was taken already."))
_REFUSALS = {
    Standing.REPEATED: _TAKEN,
    Standing.REPLAYED: _TAKEN,
    Standing.CLONED: (
        Alarm.CLONED,
        DeviceCloned("Two machines use this device's key; revoke the device, and let one of them join anew."),
    ),
    Standing.CLOCK_WRONG: (
        Alarm.CLOCK_WRONG,
        ClockWrong("The device's clock is more than a minute off; set it, and send again."),
    ),
}


def opened(site: Site, signer: SigningDevice, body: bytes) -> bytes:
    """The plaintext of a signed body; ``RequestInvalid``, and an alarm, when it was not sealed to this site."""
    plaintext = site.stores.vault.device_bodies().open(signer.device.id, body)
    if plaintext is None:
        site.devices.alarms.raised(signer.device, Alarm.UNREADABLE)
        raise RequestInvalid("The message was not sealed to this site's key; let the device join again.")
    return plaintext


def delivery_of(site: Site, signer: SigningDevice, body: bytes) -> Delivery:
    """The delivery in a signed body, without the passages of people who did not agree to be recorded.

    ``Forbidden`` when it tells of a checkpoint that the device does not act for.
    """
    held = decoded(opened(site, signer, body))
    named = {passage.checkpoint for passage in held.passages} | {checkpoint for checkpoint, _ in held.counted}
    return message_of(signer, named, _agreed(site, held.passages), held.counted)


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


def key_to_seal_to(site: Site) -> str:
    """The key that the device seals its next message to, in hexadecimal."""
    return site.stores.vault.device_bodies().public_key().hex()


def refuse_alarm(site: Site, signer: SigningDevice, standing: Standing) -> NoReturn:
    """Raise the alarm, and the error that the device is answered with."""
    alarm, error = _REFUSALS[standing]
    site.devices.alarms.raised(signer.device, alarm)
    raise error


def _agreed(site: Site, passages: Sequence[Passage]) -> list[Passage]:
    now = site.stores.vault.clock.now()
    consents = site.stores.consents.of_many({passage.person for passage in passages})
    agreed = {person for person, given in consents.items() if Purpose.PASSAGES in purposes_in_force(given, now)}
    return [passage for passage in passages if passage.person in agreed]
