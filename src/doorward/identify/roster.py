"""The roster: who is in the gallery and in which groups, kept in step with the store before every search."""

from datetime import datetime

from doorward.errors import PersonUnknown
from doorward.face.template import Template
from doorward.face.thresholds import SFACE_LFW, ThresholdsOf, threshold_set_for
from doorward.identify.identification import DEFAULT_FPIR
from doorward.identify.ports import Gallery, Roll, Rolls
from doorward.kernel.clock import Clock
from doorward.kernel.ids import PersonId
from doorward.people.consent import Purpose, purposes_in_force
from doorward.people.ports import Changes, ConsentStore, EnrolmentStore, PersonStore


class Roster:
    """Puts into the gallery whoever is confirmed and consents to identification, and takes out whoever is not.

    With ``rolls`` it starts from a roll, without from the first change on. Only templates of ``model`` are put in:
    those of another do not compare.
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
        thresholds: ThresholdsOf = threshold_set_for,
    ) -> None:
        self._gallery = gallery
        self._people = people
        self._consents = consents
        self._enrolments = enrolments
        self._changes = changes
        self._clock = clock
        self._rolls = rolls
        self._model = model
        self._thresholds = thresholds
        self._revision = 0
        self._groups: dict[PersonId, frozenset[str]] = {}
        self._ends: dict[PersonId, datetime] = {}
        self._members: dict[str, frozenset[PersonId]] = {}

    def refresh(self) -> None:
        """Follow every change made since the last call, in this process or another, and every consent that ended."""
        now = self._clock.now()
        if self._rolls is not None:
            self._start_from(self._rolls.newest(now), now)
            self._rolls = None
        revision, changed = self._changes.since(self._revision)
        ended = [person for person, end in self._ends.items() if end <= now]
        for person in {*changed, *ended}:
            self._follow(person, now)
        self._revision = revision

    def members(self, group: str) -> frozenset[PersonId]:
        """The same set until somebody changes: galleries keep what they looked up for it."""
        held = self._members.get(group)
        if held is None:
            held = frozenset(person for person, groups in self._groups.items() if group in groups)
            self._members[group] = held
        return held

    def is_member(self, person: PersonId, group: str) -> bool:
        """Asked of the store itself, not of memory."""
        try:
            return group in self._people.get(person).groups
        except PersonUnknown:
            return False

    def holder(self, template: Template, other_than: PersonId) -> PersonId | None:
        """Whose face this is among all others in the gallery, if anybody's."""
        self.refresh()
        others = frozenset(self._groups) - {other_than}
        measured = self._thresholds(template.origin.model)
        wanted = DEFAULT_FPIR / max(self._gallery.templates_of(others), 1)
        # Beyond what was measured the strictest threshold serves: enrolling must not end where searching does.
        threshold = measured.at(min(max(wanted, measured.lowest_fmr), measured.highest_fmr))
        for candidate in self._gallery.search(template, others, limit=1):
            if candidate.score >= threshold.value:
                return candidate.person
        return None

    def _start_from(self, roll: Roll, now: datetime) -> None:
        self._gallery.fill(roll.people, roll.owners, roll.vectors)
        self._groups = dict(zip(roll.people, roll.groups, strict=True))
        self._ends = dict(roll.ends)
        self._members.clear()
        self._revision = roll.revision
        for person in roll.unsettled:
            self._follow(person, now)

    def _follow(self, person: PersonId, now: datetime) -> None:
        self._ends.pop(person, None)
        self._members.clear()
        try:
            known = self._people.get(person)
        except PersonUnknown:
            self._groups.pop(person, None)
            self._gallery.remove(person)
            return
        consents = self._consents.of(person)
        consented = Purpose.IDENTIFY in purposes_in_force(consents, now)
        held = [one.template for one in self._enrolments.of(person) if not one.is_pending] if consented else []
        templates = [template for template in held if template.origin.model == self._model]
        if ends := [consent.until for consent in consents if consent.until and consent.in_force(now)]:
            self._ends[person] = min(ends)
        self._gallery.put(person, templates)
        self._groups[person] = known.groups
