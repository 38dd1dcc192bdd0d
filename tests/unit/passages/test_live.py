"""Live events and the states they leave."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorward.errors import WrongUse
from doorward.passages.live import AWAY, HERE, LiveBoard, LiveEvent, LiveKind

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
ID = "6f0d6f8e-6d1c-4b9d-9f6e-0c7f6f2f7a11"


def camera(told: str, after: float = 0.0) -> LiveEvent:
    return LiveEvent(ID, NOON + timedelta(seconds=after), LiveKind.CAMERA, "Main door", told)


@given(st.uuids(version=4), st.datetimes(), st.sampled_from(LiveKind), st.none() | st.text(max_size=200), st.text())
def test_what_was_told_is_read_as_it_was(event: UUID, at: datetime, kind: LiveKind, name: str, told: str) -> None:
    made = LiveEvent(str(event), at.replace(tzinfo=UTC), kind, name, told[:200])
    assert LiveEvent.from_json(made.to_json()) == made


@pytest.mark.parametrize(
    "wrong",
    [
        {"event": "of nobody"},
        {"at": "at noon"},
        {"at": "2026-11-24T12:00:00"},
        {"kind": "person"},
        {"state": None},
        {"state": "x" * 201},
        {"checkpoint": 7},
    ],
)
def test_what_is_no_event_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(WrongUse):
        LiveEvent.from_json({**camera(HERE).to_json(), **wrong})
    with pytest.raises(WrongUse):
        LiveEvent.from_json({key: told for key, told in camera(HERE).to_json().items() if key not in wrong})


def test_a_sign_of_life_is_no_news_and_silence_is() -> None:
    board = LiveBoard()
    assert board.take(camera(HERE), NOON)
    assert not board.take(camera(HERE, 20), NOON + timedelta(seconds=20))
    assert board.fall_silent(NOON + timedelta(seconds=80)) == ()
    (gone,) = board.fall_silent(NOON + timedelta(seconds=81))
    assert (gone.told, gone.name, gone.at) == (AWAY, "Main door", NOON + timedelta(seconds=81))
    assert board.fall_silent(NOON + timedelta(seconds=999)) == ()
    assert board.states() == (gone,)
    assert board.take(camera(HERE, 100), NOON + timedelta(seconds=100))


def test_every_decision_is_news() -> None:
    board, decision = LiveBoard(), LiveEvent(ID, NOON, LiveKind.DECISION, "Main door", "accepted")
    assert board.take(decision, NOON)
    assert board.take(decision, NOON)
    assert board.states() == ()
