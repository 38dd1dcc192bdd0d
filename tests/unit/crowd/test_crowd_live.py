"""What is told of a line while it happens: the flow of the last minute, and none of what was before it."""

import pytest

from doorward.crowd.lines import Crossings, LineCounter
from doorward.crowd.live import FLOW_SECONDS, LineWatch
from fakes.crowd_scene import LINE


def watched() -> tuple[LineWatch, float]:
    counter = LineCounter(LINE, 0.3)
    return LineWatch(counter, None), counter.length


def flows(watch: LineWatch, began: int, *crossed: int) -> list[float | None]:
    """One of as many crossings each second from ``began`` on."""
    told = []
    for second, number in enumerate(crossed, start=began):
        watch.see(float(second), Crossings(number, 0), Crossings())
        told.append(watch.view.flow)
    return told


def test_the_flow_is_that_of_the_last_minute() -> None:
    watch, length = watched()
    minute = int(FLOW_SECONDS)
    told = flows(watch, 0, *[1] * (minute + 1), *[0] * minute)
    assert told[:minute] == [None] * minute
    assert told[minute] == pytest.approx(60 / length)
    assert told[minute + 20] == pytest.approx(40 / length)
    assert told[-1] == 0


def test_after_an_outage_the_minute_begins_anew() -> None:
    watch, length = watched()
    minute = int(FLOW_SECONDS)
    flows(watch, 0, *[1] * 90)
    watch.lose(90.0)
    assert watch.view.flow is None
    told = flows(watch, 100, 5, *[0] * (minute - 1), 3)
    assert told[:-1] == [None] * minute
    assert told[-1] == pytest.approx(3 / length)
