"""Searches of the gallery in this process: in step with the store, and several made together."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Lock

from doorward.errors import DoorwardError
from doorward.face.template import Template
from doorward.identify.gatherer import Gatherer
from doorward.identify.ports import Asker, Candidate, Gallery

_Found = Sequence[Candidate]


@dataclass(frozen=True, slots=True, eq=False)
class _Search:
    probe: Template
    group: str
    limit: int


class GatheredSearches:
    """``Searches`` of ``gallery``, which ``follow`` brings in step with the store."""

    def __init__(self, gallery: Gallery, follow: Callable[[], None]) -> None:
        self._gallery = gallery
        self._follow = follow
        self._following = Lock()
        self._gatherer: Gatherer[_Search, _Found] = Gatherer(self._found)

    def follow(self) -> None:
        """Take over what has changed in the store since."""
        with self._following:
            self._follow()

    def search(self, asker: Asker, probe: Template, group: str, limit: int) -> Sequence[Candidate]:
        return self._gatherer.ask(asker, _Search(probe, group, limit))

    def count(self, group: str) -> int:
        self.follow()
        return self._gallery.count(group)

    def _found(self, searches: Sequence[_Search]) -> Sequence[_Found | DoorwardError]:
        self.follow()
        alike: dict[tuple[str, int], list[_Search]] = {}
        for search in searches:
            alike.setdefault((search.group, search.limit), []).append(search)
        found = {search: answer for some in alike.values() for search, answer in self._together(some)}
        return [found[search] for search in searches]

    def _together(self, alike: Sequence[_Search]) -> Sequence[tuple[_Search, _Found | DoorwardError]]:
        """The answers of searches in one group; one with a probe that does not compare spoils none beside it."""
        first = alike[0]
        try:
            found = self._gallery.search_many([one.probe for one in alike], first.group, first.limit)
            return list(zip(alike, found, strict=True))
        except DoorwardError as error:
            if len(alike) == 1:
                return [(first, error)]
        return [answer for one in alike for answer in self._together([one])]
