"""Whose search is next: nobody is lost or starved, and no queue grows."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from doorward.errors import TooFast
from doorward.identify.gathering import Gathering

ASKERS = some.sampled_from("abcde")
STEPS = some.lists(ASKERS | some.none(), max_size=200)
"""An asker: one more search of theirs; none: a batch is taken."""


@given(STEPS, some.integers(1, 6), some.integers(1, 4), some.integers(1, 12))
def test_everything_that_was_let_in_is_taken_once_in_each_askers_order(
    steps: list[str | None], batch: int, most_each: int, most: int
) -> None:
    waiting: Gathering[tuple[str, int]] = Gathering(batch, most_each, most)
    let_in: list[tuple[str, int]] = []
    taken: list[tuple[str, int]] = []
    for number, asker in enumerate(steps):
        of_asker = [one for one in let_in if one[0] == asker and one not in taken]
        if asker is None:
            part = waiting.take()
            assert len(part) == min(batch, len(let_in) - len(taken))
            taken += part
        elif len(of_asker) >= most_each or len(let_in) - len(taken) >= most:
            with pytest.raises(TooFast) as refused:
                waiting.offer(asker, (asker, number))
            assert refused.value.retry_after >= 1
        else:
            waiting.offer(asker, (asker, number))
            let_in.append((asker, number))
        assert len(waiting) == len(let_in) - len(taken)
    while part := waiting.take():
        taken += part
    assert sorted(taken) == sorted(let_in)
    for asker in "abcde":
        assert [one for one in taken if one[0] == asker] == [one for one in let_in if one[0] == asker]


def test_who_asks_a_lot_is_taken_no_more_often_than_who_asks_once() -> None:
    waiting: Gathering[str] = Gathering(batch=4)
    for number in range(8):
        waiting.offer("busy", f"busy {number}")
    for asker in ("calm", "quiet"):
        waiting.offer(asker, asker)
    assert waiting.first() == "busy 0"
    assert waiting.take() == ["busy 0", "calm", "quiet", "busy 1"]
    waiting.offer("late", "late")
    assert waiting.take() == ["busy 2", "late", "busy 3", "busy 4"]


@given(some.lists(ASKERS, max_size=30), some.data())
def test_who_goes_is_not_taken(askers: list[str], data: some.DataObject) -> None:
    waiting: Gathering[tuple[str, int]] = Gathering(batch=100, most_each=100, most=100)
    held = [(asker, number) for number, asker in enumerate(askers)]
    for one in held:
        waiting.offer(one[0], one)
    gone = [one for one in held if data.draw(some.booleans())]
    for one in gone:
        assert waiting.drop(one[0], one)
        assert not waiting.drop(one[0], one)
    assert len(waiting) == len(held) - len(gone)
    assert sorted(waiting.take()) == sorted(set(held) - set(gone))
    assert waiting.first() is None
