"""A nonce serves once, its owner alone, and until its deadline."""

from datetime import timedelta

import pytest

from doorward.errors import TooFast
from doorward.face.challenge import Eyes, Stage
from doorward.face.challenge_book import KEPT, LASTS, MOST_FRAMES, MOST_OPEN, ChallengeBook, Issued
from doorward.face.decision import Reason
from doorward.face.movements import Movement
from fakes.clock import FakeClock, FakeRandomness
from known_people import face
from simulated_heads import HEAD, seen

SAME = 0.4296
POSES = {
    Movement.TURN_LEFT: {"yaw": 27.0},
    Movement.TURN_RIGHT: {"yaw": -27.0},
    Movement.LOOK_UP: {"pitch": 20.0},
    Movement.COME_NEARER: {"distance": 440.0},
    None: {},
}


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def book(clock: FakeClock) -> ChallengeBook:
    return ChallengeBook(clock, FakeRandomness())


def perform(issued: Issued) -> None:
    """Every asked movement, one frame in a tenth of a second."""
    eyes = Eyes(lambda _: True, lambda _: face(1))
    for tenth in range(100):
        challenge = issued.challenge
        challenge.observe(tenth / 10, [seen(HEAD, **POSES[challenge.asked])], eyes)
    assert issued.challenge.stage is Stage.PASSED


def test_a_passed_challenge_is_redeemed_once(book: ChallengeBook) -> None:
    issued = book.issue("token desk", SAME)
    perform(issued)
    assert book.redeem(issued.nonce, "token desk") is issued
    assert book.redeem(issued.nonce, "token desk") is Reason.NONCE_USED
    assert book.find(issued.nonce, "token desk") is Reason.NONCE_USED


def test_an_unfinished_one_is_spent_by_the_attempt(book: ChallengeBook) -> None:
    issued = book.issue("token desk", SAME)
    assert book.redeem(issued.nonce, "token desk") is Reason.CHALLENGE_REQUIRED
    assert book.redeem(issued.nonce, "token desk") is Reason.NONCE_USED


def test_one_whose_movements_are_not_all_made_does_not_serve(book: ChallengeBook) -> None:
    issued = book.issue("token desk", SAME)
    eyes = Eyes(lambda _: True, lambda _: face(1))
    for tenth in range(6):
        issued.challenge.observe(tenth / 10, [seen(HEAD)], eyes)
    assert (issued.challenge.stage, issued.challenge.template is None) == (Stage.MOVING, False)
    assert book.redeem(issued.nonce, "token desk") is Reason.CHALLENGE_REQUIRED


def test_a_refused_one_says_why(book: ChallengeBook) -> None:
    issued = book.issue("token desk", SAME)
    eyes = Eyes(lambda _: True, lambda _: face(1))
    issued.challenge.observe(0.0, [seen(HEAD)], eyes)
    issued.challenge.observe(5.0, [seen(HEAD)], eyes)
    assert book.redeem(issued.nonce, "token desk") is Reason.FACE_LOST


def test_nobody_else_can_use_it(book: ChallengeBook) -> None:
    issued = book.issue("token desk", SAME)
    assert book.find(issued.nonce, "token gate") is Reason.CHALLENGE_UNKNOWN
    assert book.redeem("0" * 32, "token desk") is Reason.CHALLENGE_UNKNOWN
    assert book.find(issued.nonce, "token desk") is issued


def test_after_the_deadline_it_is_over(book: ChallengeBook, clock: FakeClock) -> None:
    issued = book.issue("token desk", SAME)
    perform(issued)
    clock.pass_by(seconds=LASTS.total_seconds())
    assert book.find(issued.nonce, "token desk") is issued
    clock.pass_by(milliseconds=1)
    assert book.redeem(issued.nonce, "token desk") is Reason.CHALLENGE_EXPIRED
    assert book.redeem(issued.nonce, "token desk") is Reason.CHALLENGE_EXPIRED


def test_this_machines_clock_an_hour_back_is_told(book: ChallengeBook, clock: FakeClock) -> None:
    issued = book.issue("token desk", SAME)
    perform(issued)
    clock.pass_by(hours=-1)
    assert book.redeem(issued.nonce, "token desk") is Reason.CLOCK_WRONG


def test_this_machines_clock_an_hour_on_is_too_late(book: ChallengeBook, clock: FakeClock) -> None:
    issued = book.issue("token desk", SAME)
    clock.pass_by(hours=1)
    assert book.find(issued.nonce, "token desk") is Reason.CHALLENGE_EXPIRED


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_camera_whose_clock_is_an_hour_off_is_told(book: ChallengeBook, clock: FakeClock, hours: int) -> None:
    issued = book.issue("token desk", SAME)
    assert book.find(issued.nonce, "token desk", clock.now() + timedelta(seconds=20)) is issued
    assert book.find(issued.nonce, "token desk", clock.now() + timedelta(hours=hours)) is Reason.CLOCK_WRONG
    assert book.redeem(issued.nonce, "token desk") is Reason.CLOCK_WRONG


def test_frames_are_bounded(book: ChallengeBook) -> None:
    issued = book.issue("token desk", SAME)
    for _ in range(MOST_FRAMES):
        assert book.find(issued.nonce, "token desk") is issued
    assert book.find(issued.nonce, "token desk") is Reason.CHALLENGE_EXPIRED


def test_only_so_many_are_open_at_once(book: ChallengeBook, clock: FakeClock) -> None:
    first = book.issue("token desk", SAME)
    nonces = {first.nonce} | {book.issue("token desk", SAME).nonce for _ in range(MOST_OPEN - 1)}
    assert len(nonces) == MOST_OPEN
    with pytest.raises(TooFast):
        book.issue("token desk", SAME)
    clock.pass_by(seconds=LASTS.total_seconds() + 1)
    book.issue("token desk", SAME)


def test_what_was_spent_long_ago_is_unknown(book: ChallengeBook, clock: FakeClock) -> None:
    issued = book.issue("token desk", SAME)
    book.redeem(issued.nonce, "token desk")
    clock.pass_by(seconds=KEPT.total_seconds())
    book.forget()
    assert book.redeem(issued.nonce, "token desk") is Reason.CHALLENGE_UNKNOWN
