"""Rows found by counting up: the numbers of what is there have no gaps, so the first free one is quickly found."""

from collections.abc import Callable


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
