"""What the fakes of the face side share: a site in memory, where erasing a person reaches every store."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from doorward.kernel.audit import AuditEntry
from doorward.kernel.ids import ConsentId, CredentialId, PersonId, TemplateId
from doorward.passages.passage import Passage
from doorward.people.consent import Consent
from doorward.people.credential import Issued, Revocation
from doorward.people.enrolment import Enrolment
from doorward.people.person import Person


@dataclass
class Memory:
    persons: dict[PersonId, Person] = field(default_factory=dict)
    consents: dict[ConsentId, Consent] = field(default_factory=dict)
    enrolments: dict[TemplateId, Enrolment] = field(default_factory=dict)
    photos: dict[TemplateId, bytes] = field(default_factory=dict)
    passages: list[Passage] = field(default_factory=list)
    credentials: dict[PersonId, Issued] = field(default_factory=dict)
    ended: dict[CredentialId, Revocation] = field(default_factory=dict)
    pins: dict[PersonId, str] = field(default_factory=dict)
    pairs: dict[frozenset[PersonId], datetime] = field(default_factory=dict)
    entries: list[AuditEntry] = field(default_factory=list)
    changed: dict[PersonId, int] = field(default_factory=dict)

    def mark(self, person: PersonId) -> None:
        self.changed[person] = max(self.changed.values(), default=0) + 1

    def changed_since(self, revision: int) -> Sequence[PersonId]:
        newer = [(at, person) for person, at in self.changed.items() if at > revision]
        return [person for _, person in sorted(newer)]
