"""Whose search is next: those that wait, in turn by who asks, and no more than may wait."""

from collections import OrderedDict, deque
from typing import Generic, TypeVar

from doorward.errors import TooFast

BATCH = 16
"""Searches made together: beyond it a batch gains nothing, and whoever comes next waits longer."""

MOST_EACH = 8
"""Searches of one asker that may wait."""

MOST = 64
"""Searches of all askers that may wait: some tenths of a second among millions."""

RETRY_AFTER = 1
"""Seconds."""

Search = TypeVar("Search")


class Gathering(Generic[Search]):
    """Not for several threads at once. ``most_each``, ``most``: how many searches may wait, of one asker and in all."""

    def __init__(self, batch: int = BATCH, most_each: int = MOST_EACH, most: int = MOST) -> None:
        self._batch = batch
        self._most_each = most_each
        self._most = most
        self._waiting: OrderedDict[str, deque[Search]] = OrderedDict()
        self._count = 0

    def __len__(self) -> int:
        """How many wait."""
        return self._count

    def offer(self, asker: str, search: Search) -> None:
        """Let the search wait for its turn; ``TooFast`` when as many wait as may."""
        if self._count >= self._most:
            raise TooFast("More searches wait than can be answered soon; try again in a moment.", RETRY_AFTER)
        if len(self._waiting.get(asker, ())) >= self._most_each:
            raise TooFast(
                "This checkpoint asks faster than its searches can be answered; try again in a moment.", RETRY_AFTER
            )
        self._waiting.setdefault(asker, deque()).append(search)
        self._count += 1

    def take(self) -> list[Search]:
        """The next batch, no longer waiting: one of each asker in turn, and again while there is room."""
        taken: list[Search] = []
        while self._waiting and len(taken) < self._batch:
            asker, searches = self._waiting.popitem(last=False)
            taken.append(searches.popleft())
            if searches:
                self._waiting[asker] = searches  # behind all others
        self._count -= len(taken)
        return taken

    def first(self) -> Search | None:
        """The one that the next batch begins with; ``None`` when none waits."""
        return next(iter(self._waiting.values()))[0] if self._waiting else None

    def drop(self, asker: str, search: Search) -> bool:
        """Let the search wait no longer; false when it did not."""
        searches = self._waiting.get(asker, deque())
        if search not in searches:
            return False
        searches.remove(search)
        self._count -= 1
        if not searches:
            del self._waiting[asker]
        return True
