"""What every store of alarms does."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from doorward.adapters.stores.crowd.alarm_store import open_alarm_store
from doorward.crowd.alarm_ports import AlarmStore
from doorward.crowd.alarms import Alarm, AlarmKind
from doorward.errors import Conflict, NotFound
from fakes.alarm_store import MemoryAlarmStore
from fakes.crowd_intervals import NOON
from postgresql_server import crowd_store

ALARM = Alarm("a", "hall", "platform", AlarmKind.SAFETY, 2, NOON)
SOON = NOON + timedelta(seconds=30)


@pytest.fixture(params=["sqlite", "postgresql", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[AlarmStore]:
    if request.param == "memory":
        yield MemoryAlarmStore()
        return
    with crowd_store(request.param) as url, open_alarm_store(tmp_path, url) as opened:
        yield opened


def test_alarms_are_read_newest_first_by_scene_and_while_open(store: AlarmStore) -> None:
    later = replace(ALARM, id="b", raised_at=SOON, handed_over_at=SOON)
    other = replace(ALARM, id="c", scene="gate", place="", kind=AlarmKind.BLIND, raised_at=NOON - timedelta(hours=1))
    for alarm in (ALARM, later, other):
        store.put(alarm)
    assert store.read() == (later, ALARM, other)
    assert store.read("gate") == (other,)
    assert store.read(limit=1) == (later,)
    store.put(replace(later, level=3, ended_at=SOON))
    assert store.read(is_open=True) == (ALARM, other)
    assert store.read("hall")[0] == replace(later, level=3, ended_at=SOON)


def test_an_acknowledgement_stays_whatever_the_counting_process_writes(store: AlarmStore) -> None:
    store.put(ALARM)
    taken = store.acknowledge("a", "control room", SOON)
    assert taken == replace(ALARM, acknowledged_at=SOON, acknowledged_by="control room")
    store.put(replace(ALARM, level=4))
    assert store.read() == (replace(taken, level=4),)
    assert store.acknowledge("a", "night shift", SOON).acknowledged_by == "night shift"


def test_what_is_unknown_or_has_ended_is_not_acknowledged(store: AlarmStore) -> None:
    with pytest.raises(NotFound):
        store.acknowledge("a", "control room", SOON)
    store.put(replace(ALARM, ended_at=SOON))
    with pytest.raises(Conflict):
        store.acknowledge("a", "control room", SOON)
