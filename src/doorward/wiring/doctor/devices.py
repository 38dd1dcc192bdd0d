"""What the site's devices raised alarms for."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from doorward.wiring.doctor.finding import Finding, Severity
from doorward.wiring.face.site import Site

RECENT = timedelta(days=7)


def check_devices(site: Site, now: datetime) -> Iterator[Finding]:
    for device in site.stores.devices.all():
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
