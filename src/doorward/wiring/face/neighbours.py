"""The verify profile's answer to "whom does this face resemble?": it does not search."""

from collections.abc import Sequence

from doorward.face.template import Template
from doorward.kernel.ids import PersonId


class NoSearch:
    """``NeighbourSearch`` that loads no gallery and finds nobody."""

    def neighbours(self, templates: Sequence[Template], other_than: PersonId) -> Sequence[PersonId]:
        return ()
