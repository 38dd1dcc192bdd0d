"""What a device's signed message says, and what it is answered when its order is wrong."""

from typing import NoReturn

from doorward.errors import ClockWrong, DeviceCloned, MessageReplayed
from doorward.passages.message_order import Standing
from doorward.wiring.face.device_alarms import Alarm
from doorward.wiring.face.devices import SigningDevice
from doorward.wiring.face.signed_deliveries import SignedBody, plaintext_of
from doorward.wiring.face.site import Site

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
    opener = site.stores.vault.device_bodies().opener()
    return plaintext_of(SignedBody(signer, body), opener, site.devices.alarms)


def key_to_seal_to(site: Site) -> str:
    """The key that the device seals its next message to, in hexadecimal."""
    return site.stores.vault.device_bodies().public_key().hex()


def refuse_alarm(site: Site, signer: SigningDevice, standing: Standing) -> NoReturn:
    """Raise the alarm, and the error that the device is answered with."""
    alarm, error = _REFUSALS[standing]
    site.devices.alarms.raised(signer.device, alarm)
    raise error
