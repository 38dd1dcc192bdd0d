"""Many threads ask one thing: a lone one is not held back, the others are gathered, and none is left waiting."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from doorward.errors import DoorwardError, StorageError, TimeLimitExceeded, TooFast
from doorward.identify.gatherer import Gatherer
from doorward.identify.gathering import Gathering
from doorward.identify.ports import Asker

PATIENCE_S = 10
ADA = Asker("ada")


class Oracle:
    """Answers with what it was asked, and keeps its first batch until it is let go on."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.threads: list[int] = []
        self.begun = threading.Event()
        self.go_on = threading.Event()

    def answer(self, questions: Sequence[str]) -> Sequence[str | DoorwardError]:
        self.batches.append(list(questions))
        self.threads.append(threading.get_ident())
        self.begun.set()
        assert self.go_on.wait(PATIENCE_S)
        return [StorageError(one) if one == "bad" else one.upper() for one in questions]


class Crowd:
    """``ask`` in a thread each, and waits until it waits."""

    def __init__(self, most: int = 64) -> None:
        self.oracle = Oracle()
        self._gathering: Gathering = Gathering(batch=4, most=most)
        self.gatherer: Gatherer[str, str] = Gatherer(self.oracle.answer, self._gathering)
        self._pool = ThreadPoolExecutor(16)

    def ask(self, question: str, asker: Asker = ADA) -> "Future[str]":
        before = len(self._gathering)
        asked = self._pool.submit(self.gatherer.ask, asker, question)
        wait_until(lambda: len(self._gathering) > before)
        return asked

    def first(self) -> "Future[str]":
        asked = self._pool.submit(self.gatherer.ask, ADA, "first")
        assert self.oracle.begun.wait(PATIENCE_S)
        return asked


@pytest.fixture
def crowd() -> Crowd:
    return Crowd()


def wait_until(is_so: Callable[[], bool]) -> None:
    for _ in range(PATIENCE_S * 1000):
        if is_so():
            return
        threading.Event().wait(0.001)
    raise AssertionError("waited in vain")


def test_a_lone_question_is_answered_by_its_own_thread(crowd: Crowd) -> None:
    crowd.oracle.go_on.set()
    assert crowd.gatherer.ask(ADA, "alone") == "ALONE"
    assert crowd.gatherer.ask(ADA, "again") == "AGAIN"
    assert set(crowd.oracle.threads) == {threading.get_ident()}
    assert crowd.oracle.batches == [["alone"], ["again"]]


def test_what_comes_meanwhile_is_gathered_in_turn_by_asker(crowd: Crowd) -> None:
    asked = [crowd.first()]
    asked += [crowd.ask(f"a{number}") for number in range(4)]
    asked += [crowd.ask("b", Asker("bo")), crowd.ask("c", Asker("cy"))]
    crowd.oracle.go_on.set()
    assert [one.result(PATIENCE_S) for one in asked] == ["FIRST", "A0", "A1", "A2", "A3", "B", "C"]
    assert crowd.oracle.batches == [["first"], ["a0", "b", "c", "a1"], ["a2", "a3"]]


def test_an_error_is_told_to_its_own_asker_alone(crowd: Crowd) -> None:
    asked = [crowd.first(), crowd.ask("bad"), crowd.ask("good")]
    crowd.oracle.go_on.set()
    assert asked[2].result(PATIENCE_S) == "GOOD"
    with pytest.raises(StorageError):
        asked[1].result(PATIENCE_S)


def test_an_asker_who_went_is_not_searched_for(crowd: Crowd) -> None:
    here = True
    asked = [crowd.first(), crowd.ask("gone", Asker("bo", lambda: here)), crowd.ask("stays")]
    here = False
    crowd.oracle.go_on.set()
    assert asked[2].result(PATIENCE_S) == "STAYS"
    with pytest.raises(TimeLimitExceeded):
        asked[1].result(PATIENCE_S)
    assert crowd.oracle.batches == [["first"], ["stays"]]


def test_beyond_what_may_wait_it_is_refused_at_once() -> None:
    crowd = Crowd(most=2)
    asked = [crowd.first(), crowd.ask("one"), crowd.ask("two", Asker("bo"))]
    with pytest.raises(TooFast):
        crowd.gatherer.ask(Asker("cy"), "three")
    crowd.oracle.go_on.set()
    assert [one.result(PATIENCE_S) for one in asked] == ["FIRST", "ONE", "TWO"]
    assert crowd.gatherer.ask(ADA, "three") == "THREE"


@pytest.mark.parametrize("failure", [StorageError("the disk is gone"), ZeroDivisionError(), KeyboardInterrupt()])
def test_nobody_waits_for_a_batch_that_failed(failure: BaseException) -> None:
    crowd = Crowd()
    answer, crowd.oracle.answer = crowd.oracle.answer, None
    failing = [False]

    def fails_once(questions: Sequence[str]) -> Sequence[str | DoorwardError]:
        done = answer(questions)
        if questions != ["first"] and not failing[0]:
            failing[0] = True
            raise failure
        return done

    crowd.gatherer = Gatherer(fails_once, crowd._gathering)
    asked = [crowd.first()] + [crowd.ask(f"a{number}") for number in range(6)]
    crowd.oracle.go_on.set()
    assert asked[0].result(PATIENCE_S) == "FIRST"
    for one in asked[1:5]:
        with pytest.raises((DoorwardError, type(failure))):
            one.result(PATIENCE_S)
    assert [one.result(PATIENCE_S) for one in asked[5:]] == ["A4", "A5"]


def test_all_of_many_threads_get_their_own_answer() -> None:
    gatherer: Gatherer[int, int] = Gatherer(lambda questions: [one * 2 for one in questions])

    def ask_often(number: int) -> bool:
        asker = Asker(str(number))
        return all(gatherer.ask(asker, one) == one * 2 for one in range(number, 2000, 8))

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(ask_often, range(8)))
