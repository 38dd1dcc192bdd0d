"""``Searches`` one after another."""

from collections.abc import Callable, Sequence

from doorward.errors import TimeLimitExceeded
from doorward.face.template import Template
from doorward.identify.ports import Asker, Candidate, Gallery


class FakeSearches:
    """``model``: of the gallery, where probes of others come too and find nobody there."""

    def __init__(self, gallery: Gallery, follow: Callable[[], None] = lambda: None, model: str | None = None) -> None:
        self._gallery = gallery
        self._model = model
        self._follow = follow

    def search(self, asker: Asker, probe: Template, group: str, limit: int) -> Sequence[Candidate]:
        if not asker.is_waiting():
            raise TimeLimitExceeded("Nobody waits for the answer to this search any more.")
        self._follow()
        if self._model not in (None, probe.origin.model):
            return ()
        return self._gallery.search(probe, group, limit)

    def count(self, group: str) -> int:
        self._follow()
        return self._gallery.count(group)
