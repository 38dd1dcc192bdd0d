"""Legal holds: one person's passages of a stated span, kept past their retention once two people signed for it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from doorward.errors import Conflict, Forbidden, WrongUse
from doorward.kernel.ids import HoldId, PersonId
from doorward.passages.passage import RETENTION_HOURS, Passage
from doorward.people.person import LONGEST_TEXT, is_plain

LONGEST = timedelta(days=180)
"""How long a hold lasts at most."""

REQUEST_LASTS = timedelta(hours=RETENTION_HOURS)
"""After it the passages that were asked for are gone."""


@dataclass(frozen=True, slots=True)
class LegalHold:
    """``begin`` (included) to ``end`` (not): the span of the person's passages. ``until``: the hold's end.

    It holds nothing before ``approved_by``, who is not ``asked_by``, signed for it.
    """

    id: HoldId
    person: PersonId
    begin: datetime
    end: datetime
    reason: str
    until: datetime
    asked_by: str
    asked_at: datetime
    approved_by: str | None = None
    approved_at: datetime | None = None

    @property
    def is_approved(self) -> bool:
        return self.approved_at is not None

    @property
    def ends_at(self) -> datetime:
        """When it ends by itself."""
        return self.until if self.is_approved else min(self.until, self.asked_at + REQUEST_LASTS)

    def is_in_force(self, now: datetime) -> bool:
        return self.is_approved and now < self.until

    def covers(self, passage: Passage) -> bool:
        return passage.person == self.person and self.begin <= passage.at < self.end


class HoldStore(Protocol):
    """Legal holds, each under a key of its own; what they hold opens no longer than the hold and its person last."""

    def add(self, hold: LegalHold) -> None:
        """Durable when the call returns."""
        ...

    def get(self, hold: HoldId) -> LegalHold:
        """``NotFound`` when there is none."""
        ...

    def all(self) -> Sequence[LegalHold]:
        """Requests too, in the order in which they were asked for."""
        ...

    def approve(self, approved: LegalHold, passages: Iterable[Passage]) -> None:
        """Put ``approved`` in its request's place, with what it holds, in one step.

        ``Conflict`` when the request is gone or approved already.
        """
        ...

    def take_in(self, hold: HoldId, passages: Iterable[Passage]) -> None:
        """Hold ``passages`` too, each once; nothing happens when the hold has ended."""
        ...

    def passages(self, hold: HoldId) -> Sequence[Passage]:
        """What is held, oldest first; ``NotFound`` without such a hold, ``PersonUnknown`` when they were erased."""
        ...

    def end(self, hold: LegalHold) -> None:
        """Destroy the hold's key, then its row. ``Conflict`` when it was approved meanwhile: then two have to."""
        ...


def checked_request(hold: LegalHold) -> LegalHold:
    """``hold`` itself; ``WrongUse`` when its reason, its span or its end cannot be."""
    if not hold.reason.strip() or not is_plain(hold.reason):
        raise WrongUse(f"Say in at most {LONGEST_TEXT} characters why they are held; the person can see it.")
    if not hold.begin < hold.end <= hold.asked_at:
        raise WrongUse("The span begins before it ends and lies in the past: nobody is watched ahead.")
    if hold.begin < hold.asked_at - timedelta(hours=RETENTION_HOURS):
        raise WrongUse(f"Passages are kept for {RETENTION_HOURS} hours; name a span that lies within them.")
    if not hold.asked_at < hold.until <= hold.asked_at + LONGEST:
        raise WrongUse(f"A hold ends at a stated moment, at most {LONGEST.days} days from now.")
    return hold


def approved(hold: LegalHold, by: str, now: datetime) -> LegalHold:
    """The hold with its second signature. ``Forbidden`` from who asked for it, ``Conflict`` when it is too late."""
    if hold.is_approved:
        raise Conflict("This hold is approved already.")
    if now >= hold.ends_at:
        raise Conflict("This request lapsed, for what it asked for is kept no longer; ask anew for what is left.")
    if by.casefold() == hold.asked_by.casefold():
        raise Forbidden("Who asked for a hold cannot approve it; another signatory has to.")
    return replace(hold, approved_by=by, approved_at=now)
