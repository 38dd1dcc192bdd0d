"""When an alarm is raised, gets worse, is handed over, and ends."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from doorward.crowd.alarms import Alarm, AlarmBook, AlarmChange, AlarmEvent, AlarmKind, AlarmRules
from doorward.crowd.analysis import CrowdAnalysis
from doorward.crowd.live import LiveLine, LiveView, LiveZone
from doorward.crowd.pressure import Pressure
from doorward.errors import WrongUse
from fakes.crowd_intervals import NOON
from fakes.crowd_scene import DEPTH, PIXELS_A_METRE, ZONE, CountingIds, FixedClock, overhead_scene

SCENE = overhead_scene(zones=(replace(ZONE, limit=10),))


def view(seconds: float, line_safety: int | None = 0, **zone: object) -> LiveView:
    values: dict[str, object] = {"count": 3, "safety": 0} | zone
    hall = LiveZone("hall", **values)  # type: ignore[arg-type] # the values are each test's own
    return LiveView(seconds, (hall,), (LiveLine("door", 0, 0, safety=line_safety),))


def changes(book: AlarmBook, views: Iterable[LiveView]) -> list[AlarmChange]:
    return [change for each in views for change in book.update(NOON + timedelta(seconds=each.seconds), each)]


def told(found: list[AlarmChange]) -> list[tuple[str, AlarmKind, int, float]]:
    def moment(change: AlarmChange) -> float:
        times = {AlarmEvent.ENDED: change.alarm.ended_at, AlarmEvent.HANDED_OVER: change.alarm.handed_over_at}
        return ((times.get(change.event) or change.alarm.raised_at) - NOON).total_seconds()

    return [(change.event.value, change.alarm.kind, change.alarm.level, moment(change)) for change in found]


def test_a_safety_level_alarms_gets_worse_and_ends_after_it_was_quiet() -> None:
    book = AlarmBook(SCENE, AlarmRules(hand_over_seconds=None), CountingIds())
    levels = [0, 1, 2, 3, 2, 1, 2, *[0] * 12]
    found = changes(book, (view(second, safety=level) for second, level in enumerate(levels)))
    assert told(found) == [
        ("raised", AlarmKind.SAFETY, 2, 2),
        ("worse", AlarmKind.SAFETY, 3, 2),
        ("ended", AlarmKind.SAFETY, 3, 17),
    ]
    assert len({change.alarm.id for change in found}) == 1


def test_nothing_ends_while_it_is_unknown() -> None:
    book = AlarmBook(SCENE, AlarmRules(hand_over_seconds=None), CountingIds())
    levels: list[int | None] = [2, 0, *[None] * 30, *[0] * 9]
    found = changes(book, (view(second, safety=level) for second, level in enumerate(levels)))
    assert told(found) == [("raised", AlarmKind.SAFETY, 2, 0)]


def test_a_full_zone_alarms_when_it_has_been_full_for_a_while_and_not_by_one_person_to_and_fro() -> None:
    book = AlarmBook(SCENE, AlarmRules(hand_over_seconds=None), CountingIds())
    short = [view(second, count=10 if second < 9 else 9) for second in range(12)]
    flapping = [view(second, count=9 if second % 2 else 10) for second in range(12, 60)]
    assert changes(book, [*short, *flapping]) == []
    full = [view(second, count=10) for second in range(60, 72)]
    around = [view(second, count=10 if second % 2 else 9) for second in range(72, 120)]
    assert told(changes(book, [*full, *around])) == [("raised", AlarmKind.LIMIT, 1, 70)]


def test_a_flow_alarms_at_its_line() -> None:
    book = AlarmBook(SCENE, AlarmRules(), CountingIds())
    (raised,) = changes(book, [view(0), view(1, line_safety=1)])
    assert (raised.alarm.kind, raised.alarm.place) == (AlarmKind.FLOW, "door")


def test_a_camera_that_is_out_is_an_alarm_of_its_own() -> None:
    book = AlarmBook(SCENE, AlarmRules(hand_over_seconds=None), CountingIds())
    views = [view(0), *(view(second, None, count=None, safety=None) for second in range(1, 15)), view(15)]
    assert told(changes(book, views)) == [("raised", AlarmKind.BLIND, 1, 11)]


def test_who_does_not_acknowledge_loses_it_to_the_next() -> None:
    book = AlarmBook(SCENE, AlarmRules(hand_over_seconds=20), CountingIds())
    found = changes(book, (view(second, safety=2) for second in range(60)))
    assert told(found) == [("raised", AlarmKind.SAFETY, 2, 0), ("handed_over", AlarmKind.SAFETY, 2, 20)]


def test_who_acknowledges_keeps_it() -> None:
    book = AlarmBook(SCENE, AlarmRules(hand_over_seconds=20), CountingIds())
    (raised,) = changes(book, [view(0, safety=2)])
    taken = replace(raised.alarm, acknowledged_at=NOON, acknowledged_by="control room")
    book.acknowledged({taken.id: taken})
    (worse,) = changes(book, (view(second, safety=3) for second in range(1, 60)))
    assert (worse.event, worse.alarm.acknowledged_by) == (AlarmEvent.WORSE, "control room")


def test_what_an_earlier_run_left_open_goes_on() -> None:
    left = Alarm("a", "hall", "hall", AlarmKind.SAFETY, 2, NOON)
    book = AlarmBook(SCENE, AlarmRules(hand_over_seconds=None), CountingIds(), (left,))
    found = changes(book, (view(second, safety=2 if second < 5 else 0) for second in range(20)))
    assert [(change.event, change.alarm.id) for change in found] == [(AlarmEvent.ENDED, "a")]


def alarms_of(turbulence: float) -> list[tuple[AlarmKind, float]]:
    """Alarms of 36 people on 4 m2 each way who walk with one another, each 5 cm off; from second 6 on their velocities
    vary by ``turbulence`` m/s."""
    scene = overhead_scene()
    crowd = CrowdAnalysis(scene, "motion", FixedClock(NOON), CountingIds())
    book = AlarmBook(scene, AlarmRules(hand_over_seconds=None), CountingIds())
    rng = np.random.default_rng(3)
    x, y = (axis.ravel() for axis in np.meshgrid(np.arange(6) * 0.6 + 4.0, np.arange(6) * 0.6 + 2.0))
    heading = np.where(np.arange(36) % 2, 1.0, -1.0)
    raised = []
    for tick in range(60):
        seconds = tick * 0.2
        if seconds > 6:
            x = x + heading * turbulence * 0.2
        x = x + 0.3 * 0.2
        seen = np.stack([x, y], axis=1) + rng.normal(0, 0.01, (36, 2))
        crowd.observe(seconds, np.stack([seen[:, 0] * PIXELS_A_METRE, (DEPTH - seen[:, 1]) * PIXELS_A_METRE], axis=1))
        if tick % 5 == 0:
            raised += [
                (change.alarm.kind, seconds) for change in book.update(NOON + timedelta(seconds=seconds), crowd.live())
            ]
    return raised


def test_a_crowd_that_flows_does_not_alarm_and_one_that_turns_turbulent_does_within_two_seconds() -> None:
    assert alarms_of(0.0) == []
    ((kind, second),) = [alarm for alarm in alarms_of(0.3) if alarm[0] is AlarmKind.PRESSURE]
    assert kind is AlarmKind.PRESSURE
    assert 6 < second <= 8.2


def test_pressure_hidden_by_jitter_is_unknown() -> None:
    book = AlarmBook(SCENE, AlarmRules(), CountingIds())
    assert changes(book, [view(0, pressure=Pressure(None, 0.5))]) == []
    assert changes(book, [view(1, pressure=Pressure(0.02, 0.001))]) == []
    assert told(changes(book, [view(2, pressure=Pressure(0.021, 0.001))])) == [("raised", AlarmKind.PRESSURE, 1, 2)]


@pytest.mark.parametrize(
    "wrong",
    [{"zone_safety": 0}, {"line_safety": 5}, {"quiet_seconds": -1.0}, {"hand_over_seconds": 0.0}],
)
def test_rules_that_never_or_always_alarm_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(WrongUse):
        AlarmRules(**wrong)  # type: ignore[arg-type] # one of them
