"""What the site's devices raised alarms for, and which of them hold more than others."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from doorward.wiring.doctor.finding import Finding, Severity
from doorward.wiring.face.deciding_alone import LASTS
from doorward.wiring.face.site import Site

RECENT = timedelta(days=7)
_HOURS = LASTS // timedelta(hours=1)


def check_devices(site: Site, now: datetime) -> Iterator[Finding]:
    devices = site.stores.devices.all()
    alone = sorted(one.name for one in devices if not one.is_revoked and site.deciding_alone.may(one.id))
    if alone:
        yield Finding(
            "device-decides-alone",
            Severity.NOTE,
            f"While the site does not answer, these decide alone about carried credentials: {', '.join(alone)}.",
            f"While it runs, each holds in memory what opens every carried credential: who takes it apart can read the "
            f"cards that they see, and a credential that is ended passes there for up to {_HOURS} hours.",
            'Let only those that have to: doorward device offline "NAME" nothing. When such a device is lost, revoke '
            "it, renew the key with doorward keys rotate credential, and issue the credentials anew.",
        )
    for device in devices:
        for raised in site.devices.alarms.of(device.id):
            if now - raised.last <= RECENT:
                at = f"{raised.last:%Y-%m-%d %H:%M} UTC"
                yield Finding(
                    "device-alarm",
                    Severity.WARNING,
                    f"Alarms of the device {device.name}: {raised.count}, last at {at}. {raised.alarm.sentence}",
                    "Somebody may have the device's key, or plays its messages again.",
                    f'Look at the device; then doorward device revoke "{device.name}", and let it join anew.',
                )
