"""The roster: who is in the gallery and in which groups, kept in step with the store before every search."""

from datetime import datetime

from doorward.errors import PersonUnknown
from doorward.face.thresholds import SFACE_LFW
from doorward.identify.deadlines import Deadlines
from doorward.identify.next_look import next_look
from doorward.identify.ports import Gallery, Roll, Rolls
from doorward.kernel.clock import Clock
from doorward.kernel.ids import PersonId
from doorward.people.consent import Purpose, purposes_in_force
from doorward.people.enrolment import in_gallery
from doorward.people.ports import Changes, ConsentStore, EnrolmentStore, PersonStore


class Roster:
    """Puts into the gallery whoever is confirmed and consents to identification, and takes out whoever is not.

    With ``rolls`` it starts from a roll, without from the first change on. Only templates of ``model`` are put in:
    those of another do not compare; and none of whoever has some of its ``successor``.
    """

    def __init__(
        self,
        gallery: Gallery,
        people: PersonStore,
        consents: ConsentStore,
        enrolments: EnrolmentStore,
        changes: Changes,
        clock: Clock,
        rolls: Rolls | None = None,
        model: str = SFACE_LFW.model,
        successor: str | None = None,
    ) -> None:
        self._gallery = gallery
        self._people = people
        self._consents = consents
        self._enrolments = enrolments
        self._changes = changes
        self._clock = clock
        self._rolls = rolls
        self._model = model
        self._successor = successor
        self._has_started = False
        self._revision = 0
        self._deadlines = Deadlines.of({})

    def refresh(self) -> None:
        """Follow every change made since the last call, in this process or another, and every consent that ended.

        A membership that has begun or ended since needs no change to be followed.
        """
        now = self._clock.now()
        if self._rolls is not None and not self._has_started:
            self._start_from(self._rolls.newest(now), now)
        self._has_started = True
        revision, changed = self._changes.since(self._revision)
        due = {*changed, *self._deadlines.due(now)}
        for person in due:
            self._follow(person, now)
        self._deadlines.forget(now)
        self._revision = revision
        if self._rolls is not None:
            self._rolls.keep(revision, self._deadlines, len(due), now)

    def _start_from(self, roll: Roll, now: datetime) -> None:
        self._gallery.fill(roll.references)
        self._deadlines = roll.deadlines
        self._revision = roll.revision
        for person in roll.unsettled:
            self._follow(person, now)

    def _follow(self, person: PersonId, now: datetime) -> None:
        try:
            known = self._people.get(person)
        except PersonUnknown:
            self._gallery.remove(person)
            return
        consents = self._consents.of(person)
        consented = Purpose.IDENTIFY in purposes_in_force(consents, now)
        held = self._enrolments.of(person) if consented else ()
        templates = in_gallery(held, self._model, self._successor)
        turn = next_look(consents, known.memberships, now)
        if turn is not None:
            self._deadlines.put(person, turn)
        self._gallery.put(person, templates, known.groups_at(now))
