"""Whose face it is that is about to be enrolled, if it is enrolled already."""

from doorward.face.template import Template
from doorward.face.thresholds import ThresholdsOf, threshold_set_for
from doorward.identify.identification import DEFAULT_FPIR
from doorward.identify.ports import Asker, Searches
from doorward.kernel.ids import PersonId
from doorward.people.person import EVERYONE

_ENROLMENT = Asker("enrolment")


class Duplicates:
    """``DuplicateSearch`` among everybody in the gallery."""

    def __init__(self, searches: Searches, thresholds: ThresholdsOf = threshold_set_for) -> None:
        self._searches = searches
        self._thresholds = thresholds

    def holder(self, template: Template, other_than: PersonId) -> PersonId | None:
        """Whose face this is among all others in the gallery, if anybody's."""
        measured = self._thresholds(template.origin.model)
        wanted = DEFAULT_FPIR / max(self._searches.count(EVERYONE), 1)
        # Beyond what was measured the strictest threshold serves: enrolling must not end where searching does.
        threshold = measured.at(min(max(wanted, measured.lowest_fmr), measured.highest_fmr))
        # The best two: one of them at most is the person left out.
        for candidate in self._searches.search(_ENROLMENT, template, EVERYONE, limit=2):
            if candidate.person != other_than and candidate.score >= threshold.value:
                return candidate.person
        return None
