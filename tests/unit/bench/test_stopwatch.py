"""Contenders measured in processes of their own."""

import pytest

from doorward.bench.stopwatch import Stopwatch
from doorward.errors import ModelMissing


class Doubling:
    def lap(self, task: int) -> int | None:
        return task * 2 if task else None


class Lacking:
    def __init__(self, model: str) -> None:
        raise ModelMissing(f"{model} is not here.")


def test_each_task_is_answered_the_impossible_one_with_nothing() -> None:
    with Stopwatch(Doubling, (0,)) as watch:
        assert [watch.lap(1), watch.lap(0), watch.lap(3)] == [2, None, 6]


def test_what_keeps_a_contender_from_starting_is_said_as_it_said_it(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ModelMissing, match="minifasnet-v2 is not here"), Stopwatch(Lacking, (0,), ("minifasnet-v2",)):
        pass
    assert "Traceback" not in capfd.readouterr().err
