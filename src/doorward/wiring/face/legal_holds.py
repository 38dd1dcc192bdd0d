"""Legal holds of a site: signed for by two, read for a purpose, and at their end gone with their key."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from doorward.errors import Conflict, Forbidden, PersonUnknown, Tampered, UnderLegalHold, WrongUse
from doorward.kernel.audit import Actor, AuditEntry
from doorward.kernel.ids import HoldId, PersonId
from doorward.passages.legal_hold import LegalHold, approved, checked_request
from doorward.passages.passage import RETENTION_HOURS, Passage
from doorward.wiring.face.opening import Stores
from doorward.wiring.face.signatories import Signatories

_KEEPER = "doorward"
_LATEST = timedelta(hours=RETENTION_HOURS + 1)
"""After the end of a span: by then the last of its hours is dropped."""


class LegalHolds:
    """Each act is an entry about the person, with the reason, which they can see."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self._clock = stores.vault.clock
        self._signatories = Signatories(stores.grants, stores.trail, stores.vault.clock)

    def request(
        self,
        actor: Actor,
        person: PersonId,
        span: tuple[datetime, datetime | None],
        reason: str,
        until: datetime,
        by: tuple[str, str],
    ) -> LegalHold:
        """Ask, as the signatory ``by`` (name, secret), that the person's passages of ``span`` be kept ``until`` then.

        A span without an end ends now. Nothing is held yet. ``PersonUnknown``, ``WrongUse``, ``Unauthenticated``.
        """
        begin, end = span
        now = self._clock.now()
        self._stores.people.get(person)
        name = self._signatories.authenticated(actor, *by)
        hold = LegalHold(
            HoldId(self._stores.randomness.uuid()),
            person,
            begin.astimezone(UTC),
            (end or now).astimezone(UTC),
            reason.strip(),
            until.astimezone(UTC),
            name,
            now,
        )
        checked_request(hold)
        self._record(name, hold, f"legal hold asked for: {_told(hold)}")
        self._stores.holds.add(hold)
        return hold

    def approve(self, actor: Actor, hold_id: HoldId, by: tuple[str, str]) -> tuple[LegalHold, int]:
        """Agree as another signatory: what is left of the span is held from now on. The hold, and how many they are.

        ``Forbidden`` or ``Conflict`` when the signatory or the time is not right.
        """
        asked = self._stores.holds.get(hold_id)
        name = self._signatories.authenticated(actor, *by)
        agreed = approved(asked, name, self._clock.now())
        kept = [one for one in self._stores.passages.of(asked.person) if asked.covers(one)]
        self._record(name, agreed, f"legal hold approved, asked for by {asked.asked_by}: {_told(agreed)}")
        self._stores.holds.approve(agreed, kept)
        return agreed, len(kept)

    def lift(self, actor: Actor, hold_id: HoldId, by: Mapping[str, str]) -> LegalHold:
        """End a hold before its time: two signatories agree; a request is taken back by one. ``by``: secrets by name.

        ``Forbidden`` when they are too few. What was held is gone, unless its retention lasts yet.
        """
        hold = self._stores.holds.get(hold_id)
        if hold.is_approved:
            names = self._signatories.agreed(actor, by)
        elif by:
            names = [self._signatories.authenticated(actor, name, secret) for name, secret in by.items()]
        else:
            raise Forbidden("A signatory has to take the request back.")
        told = "lifted" if hold.is_approved else "request taken back"
        self._record(" and ".join(names), hold, f"legal hold {told}: {_told(hold)}")
        self._stores.holds.end(hold)
        return hold

    def listed(self, actor: Actor) -> Sequence[LegalHold]:
        """Those in force and those asked for, oldest first; the look is recorded."""
        self._stores.trail.record(AuditEntry(actor, "legal holds listed", None, self._clock.now()))
        return self._running()

    def read(self, actor: Actor, hold_id: HoldId) -> tuple[LegalHold, Sequence[Passage]]:
        """The hold and what it holds, oldest first; the look is recorded. ``WrongUse`` without a purpose."""
        if not actor.purpose.strip():
            raise WrongUse("Say why you look; the person can see it.")
        hold, now = self._stores.holds.get(hold_id), self._clock.now()
        if not hold.is_in_force(now):
            raise Conflict("Nothing is held there: it was not approved, or has ended.")
        self._stores.trail.record(AuditEntry(actor, "passages under legal hold read", hold.person, now))
        return hold, self._stores.holds.passages(hold.id)

    def of(self, person: PersonId) -> Sequence[tuple[LegalHold, Sequence[Passage]]]:
        """The person's holds and requests, with what each holds; for whoever recorded the look."""
        return [(one, self._stores.holds.passages(one.id)) for one in self._running() if one.person == person]

    def check_none_held(self, people: Collection[PersonId]) -> Collection[PersonId]:
        """``people`` themselves; ``UnderLegalHold`` while passages of one of them are held."""
        held = self.held_among(people)
        if held:
            whose = "this person" if len(people) == 1 else f"{len(held)} of these people"
            raise UnderLegalHold(
                f"Passages of {whose} are under a legal hold until {max(held.values()):%Y-%m-%d %H:%M} UTC, and nobody "
                "is erased or moved meanwhile. Withdraw their consents, which ends references and photos at once, and "
                "try again when the hold has ended or two signatories lifted it."
            )
        return people

    def held_among(self, people: Collection[PersonId]) -> Mapping[PersonId, datetime]:
        """Those of ``people`` of whom passages are held, and until when."""
        now = self._clock.now()
        in_force = sorted((one for one in self._running() if one.is_in_force(now)), key=lambda one: one.until)
        return {one.person: one.until for one in in_force if one.person in people}

    def keep(self) -> None:
        """End what has ended, and hold what arrived late: before old passages are dropped."""
        self._stores.holds.tidy()
        now = self._clock.now()
        for hold in self._stores.holds.all():
            if now >= hold.ends_at:
                told = "ended" if hold.is_approved else "request lapsed"
                with suppress(PersonUnknown):
                    self._record(None, hold, f"legal hold {told}: {_told(hold)}")
                self._stores.holds.end(hold)
            elif not self._stores.vault.knows(hold.person):
                self._stores.holds.end(hold)
            elif hold.is_approved and now < hold.end + _LATEST:
                with suppress(Tampered):  # what can be read was taken when it was approved
                    late = [one for one in self._stores.passages.of(hold.person) if hold.covers(one)]
                    self._stores.holds.take_in(hold.id, late)

    def _running(self) -> Sequence[LegalHold]:
        now = self._clock.now()
        return [one for one in self._stores.holds.all() if now < one.ends_at]

    def _record(self, signatory: str | None, hold: LegalHold, action: str) -> None:
        actor = Actor(f"signatory {signatory}" if signatory else _KEEPER, hold.reason)
        self._stores.trail.record(AuditEntry(actor, action, hold.person, self._clock.now()))


def _told(hold: LegalHold) -> str:
    return (
        f"passages from {hold.begin:%Y-%m-%d %H:%M} to {hold.end:%Y-%m-%d %H:%M} UTC, "
        f"held until {hold.until:%Y-%m-%d %H:%M} UTC"
    )
