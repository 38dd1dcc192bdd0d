"""An enrolment: one biometric reference of a person, pending until confirmed in person."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from doorward.face.template import Template
from doorward.kernel.ids import PersonId, TemplateId


class CapturedFrom(StrEnum):
    """Where the reference came from: a live capture, or a photo file that can only claim a consent."""

    LIVE = "live"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class Enrolment:
    """``confirmed_at`` is ``None`` while pending: in no gallery and accepted nowhere."""

    id: TemplateId
    person: PersonId
    template: Template
    captured_from: CapturedFrom
    enrolled_at: datetime
    confirmed_at: datetime | None

    @property
    def is_pending(self) -> bool:
        return self.confirmed_at is None
