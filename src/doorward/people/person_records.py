"""A person with everything that is kept of them, but for what a site adds of its own: passages, attempts, the log."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from doorward.kernel.ids import TemplateId
from doorward.people.consent import Consent
from doorward.people.enrolment import Enrolment
from doorward.people.person import Person


@dataclass(frozen=True, slots=True, eq=False)
class PersonRecords:
    """Consents and references are the person's own; ``photos`` are kept by the reference that came of each."""

    person: Person
    consents: Sequence[Consent]
    enrolments: Sequence[Enrolment]
    photos: Mapping[TemplateId, bytes]
