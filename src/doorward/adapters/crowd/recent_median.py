"""The median of what was seen last."""

from bisect import bisect_left, insort
from collections import deque


class RecentMedian:
    """Of the last ``most`` values, kept in order so that asking costs nothing."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._by_age: deque[float] = deque()
        self._by_size: list[float] = []

    def __len__(self) -> int:
        return len(self._by_size)

    def add(self, value: float) -> None:
        """``value``: any number but NaN, which has no place in an order."""
        if len(self._by_age) == self._most:
            del self._by_size[bisect_left(self._by_size, self._by_age.popleft())]
        self._by_age.append(value)
        insort(self._by_size, value)

    def value(self) -> float:
        """The middle one, or the mean of the two in the middle; ``IndexError`` when there is none."""
        middle, is_odd = divmod(len(self._by_size), 2)
        return self._by_size[middle] if is_odd else (self._by_size[middle - 1] + self._by_size[middle]) / 2
