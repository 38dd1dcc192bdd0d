"""One code, one face, one decision: nobody is decided upon by another's card."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from doorward.verify.held_credentials import AWAY, GONE_AFTER, WITHIN, HeldCredentials

A, B = "DW1:A", "DW1:B"


def after(*seen: tuple[float, set[str]]) -> HeldCredentials:
    held = HeldCredentials()
    for seconds, codes in seen:
        held.see_codes(seconds, codes)
    return held


def test_a_code_waits_for_a_face_and_is_taken_once() -> None:
    held = after((0, {A}))
    assert held.waiting
    assert held.take() == A
    assert not held.waiting
    assert held.take() is None


def test_a_card_that_is_held_on_is_decided_upon_once() -> None:
    held = after((0, {A}))
    held.take()
    for tick in range(1, 100):
        held.see_codes(tick / 4, {A})
        assert not held.waiting
    held.see_codes(25 + AWAY + 0.1, {A})
    assert held.waiting


def test_a_code_is_forgotten_when_nobody_comes() -> None:
    held = after((0, {A}), (WITHIN + 0.1, set()))
    assert not held.waiting
    assert after((0, {A}), (WITHIN - 0.1, set())).waiting


def test_a_code_that_is_seen_again_waits_on() -> None:
    held = after((0, {A}), (WITHIN - 1, {A}), (2 * WITHIN - 2, set()))
    assert held.waiting


def test_another_code_ends_both() -> None:
    for held in (after((0, {A}), (1, {A}), (1, {B})), after((1, {A, B})), after((0, {A}), (1, {A, B}))):
        assert not held.waiting
        assert held.were_several
        held.see_codes(1 + AWAY / 2, {A})
        assert not held.waiting, "it must be out of sight first"
        held.see_codes(1 + 3 * AWAY, {B})
        assert held.take() == B
        assert not held.were_several


def test_a_code_goes_with_the_face_that_it_was_shown_with() -> None:
    held = after((0, {A}))
    held.see_face(0.5, is_there=True)
    held.see_face(0.6, is_there=False)
    assert held.waiting, "a card may hide a face"
    held.see_face(0.5 + GONE_AFTER, is_there=False)
    held.see_face(3, is_there=True)
    assert held.take() is None


def test_a_code_stays_for_as_long_as_its_person_does() -> None:
    held = after((0, {A}))
    for second in range(1, 60):
        held.see_codes(second, set())
        held.see_face(second, is_there=True)
    assert held.take() == A


def test_who_comes_after_the_card_was_shown_is_taken() -> None:
    held = after((0, {A}))
    held.see_face(5, is_there=False)
    held.see_face(6, is_there=True)
    assert held.take() == A


steps = st.lists(
    st.tuples(st.floats(0.01, 3), st.sets(st.sampled_from([A, B, "DW1:C"]), max_size=2), st.booleans(), st.booleans()),
    max_size=60,
)


@given(steps)
def test_a_code_is_taken_in_its_time_and_once_while_it_is_in_sight(given_steps: list) -> None:
    held, now = HeldCredentials(), 0.0
    sightings: list[tuple[float, set[str]]] = []
    taken: dict[str, float] = {}
    for pause, codes, is_there, decide in given_steps:
        now += pause
        held.see_codes(now, codes)
        sightings.append((now, codes))
        held.see_face(now, is_there=is_there)
        code = held.take() if decide else None
        if code is None:
            continue
        seen = [at for at, shown in sightings if code in shown]
        if not any(is_there for _, _, is_there, _ in given_steps):
            assert now - seen[-1] <= WITHIN
        if code in taken:
            since = [at for at in seen if at >= taken[code]]
            assert any(later - earlier >= AWAY for earlier, later in pairwise(since))
        taken[code] = seen[-1]
