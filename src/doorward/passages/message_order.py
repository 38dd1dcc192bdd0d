"""In which order a device's messages may come: each once, none of the past, none of a second device with its key."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

MOST_SKEW = timedelta(seconds=60)
"""How far the clocks of a device and of the site may be apart."""

HIGHEST_COUNTER = 2**53 - 1
"""What every JSON and CBOR implementation holds exactly."""


class Standing(StrEnum):
    """What a message is to those before it. ``NEW`` and ``REPEATED`` are a working device's; the rest is an alarm."""

    NEW = "new"
    REPEATED = "repeated"
    REPLAYED = "replayed"
    CLONED = "cloned"
    CLOCK_WRONG = "clock_wrong"

    @property
    def is_alarm(self) -> bool:
        return self not in (Standing.NEW, Standing.REPEATED)


@dataclass(frozen=True, slots=True)
class Mark:
    """The newest message that was taken from a device: its counter, and the SHA-256 of what was signed."""

    counter: int
    digest: bytes


def standing_of(mark: Mark | None, message: Mark, sent_at: datetime, now: datetime) -> Standing:
    """A device sends one message at a time, and again when no answer came: the newest may repeat, byte for byte.

    An older counter is a recording played again, or a copy of the device that fell behind; the newest counter with
    other content is the work of two devices with one key.
    """
    if mark is not None and message.counter == mark.counter:
        return Standing.REPEATED if message.digest == mark.digest else Standing.CLONED
    if mark is not None and message.counter < mark.counter:
        return Standing.REPLAYED
    if abs(sent_at - now) > MOST_SKEW:
        return Standing.CLOCK_WRONG
    return Standing.NEW
