"""The verify profile's answer to "is this face enrolled already?": it does not search."""

from doorward.face.template import Template
from doorward.kernel.ids import PersonId


class NoSearch:
    """``DuplicateSearch`` that loads no gallery and finds nobody."""

    def holder(self, template: Template, other_than: PersonId) -> PersonId | None:
        return None
