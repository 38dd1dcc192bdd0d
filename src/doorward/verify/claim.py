"""Who somebody claims to be, however they say it, and what that comes to: one value for one path to a decision."""

from collections.abc import Sequence
from dataclasses import dataclass

from doorward.face.decision import Reason
from doorward.face.template import Template
from doorward.kernel.ids import PersonId
from doorward.people.person import Identifier
from doorward.verify.attempts import Subject


@dataclass(frozen=True, slots=True)
class Number:
    """A badge or document number that somebody shows, as they wrote it."""

    kind: Identifier
    text: str


def shown_number(badge: str | None, document_number: str | None) -> Number | None:
    """The one of the two that somebody shows, if any."""
    if document_number is not None:
        return Number(Identifier.DOCUMENT, document_number)
    return None if badge is None else Number(Identifier.BADGE, badge)


@dataclass(frozen=True, slots=True)
class Shown:
    """How somebody says who they are: a person's id, a number or a credential's octets; nothing is nobody's."""

    person: PersonId | None = None
    number: Number | None = None
    credential: bytes | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Claim:
    """A claim to decide on.

    ``references``: of one model, a probe's; none when nobody can meet the claim. ``about``: whose entry it is.
    ``subjects``: those that a failure counts against, as many for a claim that nobody can meet. ``told``: the reason
    of every refusal after a comparison. ``way`` and ``refusal`` stand in the entry alone.
    """

    person: PersonId | None
    about: PersonId | None
    references: Sequence[Template]
    subjects: tuple[Subject, ...]
    told: Reason = Reason.NOT_MATCHED
    way: str | None = None
    refusal: str | None = None

    @property
    def can_be_met(self) -> bool:
        return self.person is not None and bool(self.references) and self.refusal is None

    def action(self, *, accepted: bool) -> str:
        """What its entry says was done."""
        if self.way is None:
            return "verification"
        return f"verification by {self.way}: {self.refusal or ('accepted' if accepted else 'the face is another')}"
