"""Rows found by counting up: the numbers of what is there have no gaps, so the first free one is quickly found."""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import TypeVar

K = TypeVar("K")


def first_free(is_taken: Callable[[int], bool], guess: int = 0) -> int:
    """The smallest number that is not taken; ``guess`` is one that was free before, so that two questions do."""
    if guess and not is_taken(guess - 1):
        guess = 0  # what was counted is gone: counting up begins anew
    taken, free, step = guess - 1, guess, 1
    while is_taken(free):
        taken, free, step = free, free + step, step * 2
    while free - taken > 1:
        middle = (taken + free) // 2
        if is_taken(middle):
            taken = middle
        else:
            free = middle
    return free


def first_free_of_many(taken: Callable[[Mapping[K, int]], Collection[K]], keys: Iterable[K]) -> dict[K, int]:
    """``first_free`` for each of ``keys``, who are asked about together: ``taken`` says whose number is."""
    low = dict.fromkeys(keys, -1)
    high, step = dict.fromkeys(low, 0), dict.fromkeys(low, 1)
    asked = dict(high)
    while asked:
        found = taken(asked)
        for key in found:
            low[key], high[key], step[key] = high[key], high[key] + step[key], step[key] * 2
        asked = {key: high[key] for key in found}
    while asked := {key: (low[key] + high[key]) // 2 for key in low if high[key] - low[key] > 1}:
        found = taken(asked)
        for key, number in asked.items():
            (low if key in found else high)[key] = number
    return high
