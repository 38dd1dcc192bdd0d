"""What was read of a document, and how far it can be believed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from doorward.documents.layouts import Format
from doorward.documents.zone import MachineReadableZone
from doorward.errors import PhotoError
from doorward.face.capture import Capture
from doorward.face.decision import Reason


@dataclass(frozen=True, slots=True, eq=False)
class DocumentReading:
    """``reason``: why the zone is not confirmed, None where it is. ``check_digits``: whether each holds, by field.

    ``name_confirmed``: the page prints the zone's name. ``portrait``: the face on the page, or what is wrong with it,
    None where no zone was confirmed. ``looks``: how many the zone took; ``first_look_seconds`` and ``seconds``: how
    long the first look and the whole reading took.
    """

    reason: Reason | None
    format: Format | None
    check_digits: Mapping[str, bool]
    zone: MachineReadableZone | None = field(default=None, repr=False)
    name_confirmed: bool = False
    is_expired: bool = False
    portrait: Capture | PhotoError | None = field(default=None, repr=False)
    looks: int = 0
    first_look_seconds: float = 0.0
    seconds: float = 0.0

    @property
    def has_portrait(self) -> bool:
        return isinstance(self.portrait, Capture)

    def to_json(self) -> dict[str, object]:
        """Plain values for ``--json``; nothing of the zone unless it is confirmed."""
        return {
            "ok": self.zone is not None,
            "reason": self.reason.value if self.reason else None,
            "format": self.format.value if self.format else None,
            "fields": _fields(self.zone, self.name_confirmed) if self.zone else None,
            "check_digits": dict(self.check_digits),
            "repaired": self.zone.repaired if self.zone else None,
            "expired": self.is_expired if self.zone else None,
            "portrait": self.has_portrait,
            "looks": self.looks,
            "first_look_seconds": round(self.first_look_seconds, 3),
            "seconds": round(self.seconds, 3),
        }


def _fields(zone: MachineReadableZone, name_confirmed: bool) -> dict[str, object]:
    return {
        "document_code": zone.document_code,
        "issuing_state": zone.issuing_state,
        "number": zone.number,
        "primary_name": zone.name.primary,
        "secondary_name": zone.name.secondary,
        "name_confirmed": name_confirmed,
        "birth_date": _told(zone.birth_date),
        "expiry_date": _told(zone.expiry_date),
    }


def _told(day: date | None) -> str | None:
    return day.isoformat() if day else None
