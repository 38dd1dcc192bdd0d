"""Who is enrolled with a face that is as near as the same one's to the face that is about to be enrolled."""

from collections.abc import Iterator, Sequence

from doorward.face.template import Template
from doorward.face.thresholds import DEFAULT_FPIR, ThresholdsOf, threshold_set_for
from doorward.identify.identification import MOST_CANDIDATES
from doorward.identify.ports import Asker, Searches
from doorward.kernel.ids import PersonId
from doorward.people.person import EVERYONE

_ENROLMENT = Asker("enrolment")


class Neighbours:
    """``NeighbourSearch`` among everybody in the gallery."""

    def __init__(self, searches: Searches, thresholds: ThresholdsOf = threshold_set_for) -> None:
        self._searches = searches
        self._thresholds = thresholds

    def neighbours(self, templates: Sequence[Template], other_than: PersonId) -> Sequence[PersonId]:
        """All others who reach the threshold of a search among the templates of a model, the nearest first of each."""
        references = max(self._searches.count(EVERYONE), 1)
        near = [one for template in templates for one in self._near(template, references)]
        return [person for person in dict.fromkeys(near) if person != other_than]

    def _near(self, template: Template, references: int) -> Iterator[PersonId]:
        measured = self._thresholds(template.origin.model)
        # Beyond what was measured the strictest threshold serves: enrolling must not end where searching does.
        threshold = measured.at(min(max(DEFAULT_FPIR / references, measured.lowest_fmr), measured.highest_fmr))
        # One more than is asked for: one of them at most is the person left out.
        for candidate in self._searches.search(_ENROLMENT, template, EVERYONE, limit=MOST_CANDIDATES + 1):
            if candidate.score >= threshold.value:
                yield candidate.person
