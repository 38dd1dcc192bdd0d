"""An enrolment: one biometric reference of a person, pending until confirmed in person."""

from collections.abc import Iterable, Sequence
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


def confirmed_by(enrolments: Iterable[Enrolment], model: str) -> list[Template]:
    """The confirmed references that ``model`` made."""
    return [one.template for one in enrolments if not one.is_pending and one.template.origin.model == model]


def references_by(enrolments: Sequence[Enrolment], models: Sequence[str]) -> list[Template]:
    """The confirmed references of the first of ``models`` that made any: those of two are never compared as one."""
    return next((found for model in models if (found := confirmed_by(enrolments, model))), [])


def in_gallery(enrolments: Sequence[Enrolment], model: str, successor: str | None = None) -> list[Template]:
    """What a gallery of ``model`` holds of a person: none once its ``successor`` made confirmed references of them."""
    if successor is not None and confirmed_by(enrolments, successor):
        return []
    return confirmed_by(enrolments, model)
