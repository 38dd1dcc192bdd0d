"""The badge or PIN of somebody whose face did not decide alone: waited for, and for them only."""

import pytest

from doorward.face.decision import Decision, Outcome, Reason
from doorward.verify.second_factor import Factor
from doorward.wiring.face.awaited_factor import FACTOR_WITHIN, AwaitedFactor
from doorward.wiring.face.claims import Claims


class Reader(Claims):
    """Lines when the test says so, instead of a thread that reads them."""

    def __init__(self) -> None:
        super().__init__(())
        self._reader.join()

    def show(self, line: str) -> None:
        self._read([line])


def refused(reason: Reason) -> Decision:
    return Decision(Outcome.REFUSED, reason)


@pytest.fixture
def reader() -> Reader:
    return Reader()


def looked_at(shown: list[Factor | None], alone: Reason = Reason.SECOND_FACTOR_REQUIRED):
    def by_factor(factor: Factor | None) -> Decision:
        shown.append(factor)
        return refused(alone if factor is None else Reason.NOT_MATCHED)

    return by_factor


def test_a_face_that_decides_waits_for_nothing(reader: Reader) -> None:
    awaited = AwaitedFactor(reader)
    reader.show("4711")
    decision = awaited.decide(looked_at([], Reason.NOBODY), 1)
    assert decision is not None
    assert decision.reason is Reason.NOBODY
    assert not awaited.is_awaited
    assert not reader.waiting, "shown for somebody who has gone"
    assert awaited.settle(2, is_over=True) is None


@pytest.mark.parametrize(
    ("line", "factor"),
    [("4711", Factor(badge="4711")), ("pin:482913", Factor(pin="482913")), ("PIN: 482913", Factor(pin=" 482913"))],
)
def test_a_line_decides_when_it_comes(reader: Reader, line: str, factor: Factor) -> None:
    awaited, shown = AwaitedFactor(reader), []
    assert awaited.decide(looked_at(shown), 1) is None
    assert awaited.is_awaited
    assert awaited.settle(2, is_over=False) is None
    reader.show(line)
    reader.show("of whoever comes next")
    decision = awaited.settle(3, is_over=False)
    assert decision is not None
    assert decision.reason is Reason.NOT_MATCHED
    assert shown == [None, factor]
    assert not awaited.is_awaited
    assert not reader.waiting


def test_a_badge_is_waited_for_where_no_search_is_made(reader: Reader) -> None:
    awaited, shown = AwaitedFactor(reader), []
    assert awaited.decide(looked_at(shown, Reason.BADGE_REQUIRED), 1) is None
    reader.show("4711")
    assert awaited.settle(2, is_over=False) is not None
    assert shown == [None, Factor(badge="4711")]


@pytest.mark.parametrize(("after", "is_over"), [(FACTOR_WITHIN, False), (0.1, True)])
def test_without_a_line_the_face_alone_is_the_answer(reader: Reader, after: float, is_over: bool) -> None:
    awaited, shown = AwaitedFactor(reader), []
    awaited.decide(looked_at(shown), 1)
    decision = awaited.settle(1 + after, is_over=is_over)
    assert decision is not None
    assert decision.reason is Reason.SECOND_FACTOR_REQUIRED
    reader.show("4711")
    assert awaited.settle(2 + after, is_over=False) is None
    assert shown == [None]
