"""Whether somebody who was moved here can be taken in, and as whom."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from doorward.errors import AlreadyEnrolled, Conflict, WrongUse
from doorward.face.template import Template
from doorward.identify.neighbours import Neighbours
from doorward.kernel.ids import PersonId
from doorward.people.moved_person import arriving
from doorward.people.person import Identifier
from doorward.people.person_records import PersonRecords
from doorward.wiring.face.neighbours import NoSearch
from doorward.wiring.face.site import Site


@dataclass(slots=True)
class Among:
    """``unfree``: ids that nobody new can be given. ``claimed``: numbers that somebody has, here or among them."""

    unfree: frozenset[PersonId]
    claimed: set[tuple[Identifier, str]]


class ArrivalJudge:
    """Judges people as they arrive from the site called ``moved_from``."""

    def __init__(self, site: Site, moved_from: str) -> None:
        self._site = site
        self._moved_from = moved_from
        self._neighbours: Neighbours | NoSearch = site.neighbours if site.profiles.current().identifies else NoSearch()
        self._keeps_photos = site.profiles.current().keep_photos

    def judged(self, moved: PersonRecords, among: Among) -> PersonRecords:
        """The person as they are to be stored here; their numbers join those that are claimed.

        ``ConsentMissing`` or ``WrongUse`` as in ``arriving``, ``Conflict`` when somebody else holds a number of theirs
        or has their face.
        """
        stores = self._site.stores
        person = PersonId(stores.randomness.uuid()) if moved.person.id in among.unfree else moved.person.id
        records = arriving(moved, person, stores.randomness.uuid, self._moved_from, stores.vault.clock.now())
        numbers = set(records.person.identifiers().items())
        if numbers & among.claimed:
            raise Conflict("Somebody else here holds that document number, badge number or reference.")
        faces = [one.template for one in records.enrolments if self.is_of_model_in_use(one.template)]
        if self._neighbours.neighbours(faces, person):
            raise AlreadyEnrolled("This face is enrolled here as somebody else; if they are two, enrol them by hand.")
        among.claimed |= numbers
        return records if self._keeps_photos else replace(records, photos={})

    def among(self, people: Sequence[PersonRecords]) -> Among:
        """What the people of a frame are judged by together."""
        ids, known = [one.person.id for one in people], self._site.stores.people
        numbers = {number for one in people for number in one.person.identifiers().items()}
        return Among(known.here_among(ids) | known.erased_among(ids), set(known.held_among(numbers)))

    def is_of_model_in_use(self, template: Template) -> bool:
        """``WrongUse`` when it says so, and has not the numbers of that model."""
        card = self._site.embedder
        if template.origin.model != card.model:
            return False
        if template.vector.size != card.input.dimension:
            raise WrongUse("A reference has not as many numbers as its model gives.")
        return True
