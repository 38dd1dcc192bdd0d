"""The roster: who is in the gallery and in which groups, kept in step with the store before every search."""

from doorward.errors import PersonUnknown
from doorward.face.template import Template
from doorward.identify.identification import search_threshold
from doorward.identify.ports import Gallery
from doorward.kernel.clock import Clock
from doorward.kernel.ids import PersonId
from doorward.people.consent import Purpose, purposes_in_force
from doorward.people.ports import Changes, ConsentStore, EnrolmentStore, PersonStore


class Roster:
    """Puts into the gallery whoever is confirmed and consents to identification, and takes out whoever is not."""

    def __init__(
        self,
        gallery: Gallery,
        people: PersonStore,
        consents: ConsentStore,
        enrolments: EnrolmentStore,
        changes: Changes,
        clock: Clock,
    ) -> None:
        self._gallery = gallery
        self._people = people
        self._consents = consents
        self._enrolments = enrolments
        self._changes = changes
        self._clock = clock
        self._revision = 0
        self._groups: dict[PersonId, frozenset[str]] = {}

    def refresh(self) -> None:
        """Follow every change made since the last call, in this process or another."""
        revision, changed = self._changes.since(self._revision)
        for person in changed:
            self._follow(person)
        self._revision = revision

    def members(self, group: str) -> frozenset[PersonId]:
        return frozenset(person for person, groups in self._groups.items() if group in groups)

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
        threshold = search_threshold(template.origin.model, self._gallery.templates_of(others))
        for candidate in self._gallery.search(template, others, limit=1):
            if candidate.score >= threshold.value:
                return candidate.person
        return None

    def _follow(self, person: PersonId) -> None:
        try:
            known = self._people.get(person)
        except PersonUnknown:
            self._groups.pop(person, None)
            self._gallery.remove(person)
            return
        consented = Purpose.IDENTIFY in purposes_in_force(self._consents.of(person), self._clock.now())
        templates = [one.template for one in self._enrolments.of(person) if not one.is_pending] if consented else []
        self._gallery.put(person, templates)
        self._groups[person] = known.groups
