"""A second factor beside a face that does not decide alone: whose badge or PIN it is, among those it resembles."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from doorward.errors import WrongUse
from doorward.face.template import TemplateOrigin
from doorward.kernel.ids import PersonId
from doorward.people.enrolment import references_by
from doorward.people.person import Identifier, comparable
from doorward.people.pin import entered_digits
from doorward.people.ports import EnrolmentStore, PersonStore, PinStore
from doorward.verify.attempts import Counted, Subject
from doorward.verify.claim import Claim


@dataclass(frozen=True, slots=True)
class Factor:
    """A badge number or a PIN, as it was shown or entered; ``WrongUse`` unless it is exactly one."""

    badge: str | None = None
    pin: str | None = None

    def __post_init__(self) -> None:
        if (self.badge is None) == (self.pin is None):
            raise WrongUse("Give a badge number or a PIN, not both.")

    @staticmethod
    def of(badge: str | None, pin: str | None) -> "Factor | None":
        """``None`` when neither was given."""
        return None if badge is None and pin is None else Factor(badge, pin)


class SecondFactors:
    """Makes the claim that a factor comes to. A PIN is compared with those of the people who are resembled alone."""

    def __init__(self, people: PersonStore, enrolments: EnrolmentStore, pins: PinStore) -> None:
        self._people = people
        self._enrolments = enrolments
        self._pins = pins

    def holder(self, factor: Factor | None) -> frozenset[PersonId] | None:
        """Whose badge it is, nobody perhaps; ``None`` of a PIN, which alone tells not whose it is, and without any."""
        if factor is None or factor.badge is None:
            return None
        holder, _ = self._of_badge(factor.badge)
        return frozenset({holder} if holder else ())

    def claim(
        self,
        factor: Factor,
        among: frozenset[PersonId],
        origins: Sequence[TemplateOrigin],
        checkpoint: str,
        may_pass: Callable[[PersonId], bool],
    ) -> Claim:
        """That somebody ``among`` whom a face resembles stands at the checkpoint; nobody can meet it with another's.

        ``origins``: of the face's templates, that of the model in use first.

        A wrong PIN counts against each of them, a badge against its holder.
        """
        if factor.badge is not None:
            way, (holder, subjects) = "badge", self._of_badge(factor.badge)
        else:
            way, (holder, subjects) = "PIN", self._of_pin(factor.pin or "", among)
        person = holder if holder in among and may_pass(PersonId(holder)) else None
        held = self._enrolments.of(person) if person else ()
        references = references_by(held, [origin.model for origin in origins])
        return Claim(
            person,
            person if references else None,
            references,
            subjects,
            way=f"face and {way} at {checkpoint}",
            refusal=None if references else f"the {way} is of nobody whom the face resembles",
        )

    def _of_badge(self, badge: str) -> tuple[PersonId | None, tuple[Subject, ...]]:
        plain = comparable(badge)
        holder = self._people.find(Identifier.BADGE, plain)
        return holder, (Subject(Counted.PERSON, holder or f"{Identifier.BADGE} {plain}"),)

    def _of_pin(self, pin: str, among: frozenset[PersonId]) -> tuple[PersonId | None, tuple[Subject, ...]]:
        holders = self._pins.holders(sorted(among), entered_digits(pin) or "")
        holder = next(iter(holders)) if len(holders) == 1 else None  # one PIN of two people tells them not apart
        return holder, tuple(Subject(Counted.PERSON, person) for person in sorted(among))
