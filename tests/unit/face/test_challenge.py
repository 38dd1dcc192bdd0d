"""Asked movements, watched frame by frame."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doorward.errors import InternalError
from doorward.face.challenge import POLICY, Eyes, MovementChallenge, Stage, draw_movements
from doorward.face.decision import Reason
from doorward.face.movements import Movement
from doorward.face.sample import Face
from doorward.face.template import Template
from doorward.kernel.geometry import Box
from fakes.clock import FakeRandomness
from known_people import UNHURRIED, face, resembling
from simulated_heads import HEAD, PHOTO, seen

SAME = 0.4296
STEP = 0.1
POSES = {
    Movement.TURN_LEFT: {"yaw": 27.0},
    Movement.TURN_RIGHT: {"yaw": -27.0},
    Movement.LOOK_UP: {"pitch": 20.0},
    Movement.COME_NEARER: {"distance": 440.0},
}
TWO_TURNS = (Movement.TURN_LEFT, Movement.TURN_RIGHT)
sequences = st.permutations(list(Movement)).map(lambda drawn: tuple(drawn[:3]))


@dataclass
class Session:
    """Somebody before the camera, ten frames a second. ``points``: their head; ``noise``: of landmarks, in pixels."""

    movements: Sequence[Movement]
    points: np.ndarray = field(default_factory=lambda: HEAD)
    noise: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        self.challenge = MovementChallenge(self.movements, SAME)
        self.seconds = 0.0
        self.templates: Iterator[Template] = iter(lambda: face(1), None)
        self.usable = True
        self.rng = np.random.default_rng(self.seed)

    def show(self, frames: int = 1, others: Sequence[Face] = (), **pose: float) -> Stage:
        for _ in range(frames):
            one = seen(self.points, **pose)
            landmarks = one.landmarks + self.rng.normal(0, self.noise, (5, 2))
            one = Face(one.box, landmarks.astype(np.float32), 0.9)
            self.frame([one, *others])
        return self.challenge.stage

    def frame(self, faces: Sequence[Face]) -> Stage:
        eyes = Eyes(lambda _: self.usable, lambda _: next(self.templates))
        self.seconds += STEP
        return self.challenge.observe(self.seconds, faces, eyes)

    def glide(self, pose: dict[str, float], frames: int = 5) -> None:
        """To a pose, hold it, and back, as a person moves."""
        for share in [*np.linspace(0, 1, frames), 1, 1, 1, *np.linspace(1, 0, frames)]:
            resting = {"distance": 600.0}
            moved = {
                name: resting.get(name, 0.0) + share * (value - resting.get(name, 0.0)) for name, value in pose.items()
            }
            self.show(**moved)
        self.show(3)

    def perform(self, movements: Sequence[Movement]) -> Stage:
        self.show(6)
        for movement in movements:
            self.glide(POSES[movement])
        return self.challenge.stage


@given(sequences, st.integers(0, 2**32))
@UNHURRIED
def test_who_makes_the_asked_movements_passes(movements: tuple[Movement, ...], seed: int) -> None:
    session = Session(movements, noise=0.6, seed=seed)
    assert session.perform(movements) is Stage.PASSED
    assert session.challenge.refusal is None
    assert session.challenge.template is not None


@given(sequences, st.floats(0.7, 2.5), st.floats(20, 70), st.integers(0, 2**32))
@settings(UNHURRIED, max_examples=40)
def test_a_still_photo_turned_tilted_and_brought_near_does_not_pass(
    movements: tuple[Movement, ...], scale: float, degrees: float, seed: int
) -> None:
    session = Session(movements, PHOTO * scale, noise=0.6, seed=seed)
    session.show(6)
    while not session.challenge.is_over:
        for pose in ({"yaw": degrees}, {"yaw": -degrees}, {"pitch": degrees}, {"pitch": -degrees}, {"distance": 440.0}):
            session.glide(pose)
    assert session.challenge.stage is Stage.REFUSED
    assert session.challenge.refusal in {Reason.CHALLENGE_EXPIRED, Reason.FACE_CHANGED, Reason.CHALLENGE_FAILED}


def test_the_movements_are_asked_one_after_another() -> None:
    session = Session(TWO_TURNS)
    assert session.challenge.asked is None
    assert session.challenge.sentence == "Look straight at the camera."
    session.show(5)
    assert session.challenge.asked is Movement.TURN_LEFT
    assert session.challenge.sentence == "Turn your head to your left."
    assert session.show(3, yaw=27) is Stage.RETURNING
    assert session.challenge.asked is None
    assert session.show(2) is Stage.MOVING
    assert session.challenge.asked is Movement.TURN_RIGHT
    session.show(3, yaw=-27)
    assert session.show(2) is Stage.PASSED


def test_a_movement_is_held_for_three_frames() -> None:
    session = Session(TWO_TURNS)
    session.show(5)
    for _ in range(5):
        assert session.show(2, yaw=27) is Stage.MOVING
        assert session.show(1) is Stage.MOVING


def test_another_movement_than_the_asked_one_refuses() -> None:
    session = Session(TWO_TURNS)
    session.show(5)
    assert session.show(2, yaw=-27) is Stage.MOVING
    assert session.show(1, yaw=-27) is Stage.REFUSED
    assert session.challenge.refusal is Reason.CHALLENGE_FAILED


def test_a_recording_of_all_movements_in_another_order_does_not_pass() -> None:
    session = Session((Movement.TURN_LEFT, Movement.LOOK_UP, Movement.TURN_RIGHT))
    session.perform((Movement.TURN_LEFT, Movement.TURN_RIGHT, Movement.LOOK_UP))
    assert session.challenge.refusal is Reason.CHALLENGE_FAILED


def test_who_does_not_move_runs_out_of_time() -> None:
    session = Session(TWO_TURNS)
    while not session.challenge.is_over:
        session.show()
    assert session.challenge.refusal is Reason.CHALLENGE_EXPIRED
    assert session.seconds == pytest.approx(POLICY.seconds + 2 * STEP, abs=STEP)


def test_movements_made_after_the_deadline_do_not_count() -> None:
    session = Session(TWO_TURNS)
    session.show(5)
    session.seconds += 0.5
    session.show(3, yaw=27)
    session.show(2)
    while session.seconds < POLICY.seconds:
        session.show()
    assert session.show(10, yaw=-27) is Stage.REFUSED
    assert session.challenge.refusal is Reason.CHALLENGE_EXPIRED


def test_two_people_are_refused() -> None:
    session = Session(TWO_TURNS)
    session.show(5)
    session.show(2, others=[seen(HEAD, distance=700, at=(300, 0))])
    assert session.challenge.refusal is Reason.MORE_THAN_ONE_FACE


def test_somebody_far_behind_is_no_second_person() -> None:
    session = Session(TWO_TURNS)
    assert session.show(9, others=[seen(HEAD, distance=2500, at=(300, 0))]) is Stage.MOVING


def test_nothing_counts_in_a_frame_with_two_faces() -> None:
    session = Session(TWO_TURNS)
    session.show(5)
    other = seen(HEAD, distance=700, at=(300, 0))
    assert session.show(2, yaw=27) is Stage.MOVING
    assert session.show(1, others=[other], yaw=27) is Stage.MOVING
    assert session.show(1, yaw=27) is Stage.RETURNING


def test_who_leaves_halfway_is_refused() -> None:
    session = Session(TWO_TURNS)
    session.show(5)
    session.show(3, yaw=27)
    for _ in range(9):
        assert session.frame([]) is Stage.RETURNING
    session.frame([])
    session.frame([])
    assert session.challenge.refusal is Reason.FACE_LOST


def test_a_gap_without_pictures_is_a_face_lost() -> None:
    session = Session(TWO_TURNS)
    session.show(5)
    session.seconds += 2
    session.show(1)
    assert session.challenge.refusal is Reason.FACE_LOST


def test_nobody_yet_is_no_face_lost() -> None:
    session = Session(TWO_TURNS)
    for _ in range(30):
        assert session.frame([]) is Stage.SETTLING


@pytest.mark.parametrize("clock", [-3600.0, -0.5])
def test_a_clock_that_goes_back_is_refused(clock: float) -> None:
    session = Session(TWO_TURNS)
    session.show(7)
    session.seconds += clock
    session.show(1)
    assert session.challenge.refusal is Reason.CLOCK_WRONG


def test_a_clock_an_hour_ahead_ends_it() -> None:
    session = Session(TWO_TURNS)
    session.show(5)
    session.seconds += 3600
    session.show(1)
    assert session.challenge.refusal is Reason.CHALLENGE_EXPIRED


def test_a_face_that_jumps_is_another_one() -> None:
    session = Session(TWO_TURNS)
    session.show(5)
    session.show(1, at=(300.0, 0.0))
    assert session.challenge.refusal is Reason.FACE_CHANGED


@pytest.mark.parametrize(("cosine", "stage"), [(SAME + 0.02, Stage.MOVING), (SAME - 0.02, Stage.REFUSED)])
def test_the_face_is_compared_each_time_it_looks_ahead_again(cosine: float, stage: Stage) -> None:
    session = Session(TWO_TURNS)
    session.templates = iter([face(1), resembling(face(1), cosine)])
    session.show(5)
    session.show(3, yaw=27)
    assert session.show(2) is stage
    assert session.challenge.refusal is (Reason.FACE_CHANGED if stage is Stage.REFUSED else None)


def test_another_person_at_the_end_is_refused() -> None:
    session = Session(TWO_TURNS)
    session.templates = iter([face(1), face(1), face(2)])
    assert session.perform(TWO_TURNS) is Stage.REFUSED
    assert session.challenge.refusal is Reason.FACE_CHANGED


def test_pictures_that_cannot_be_compared_begin_nothing() -> None:
    session = Session(TWO_TURNS)
    session.usable = False
    assert session.show(20) is Stage.SETTLING


def test_nobody_begins_with_a_turned_head() -> None:
    assert Session(TWO_TURNS).show(20, yaw=20) is Stage.SETTLING


def test_what_is_over_stays_over() -> None:
    session = Session(TWO_TURNS)
    assert session.perform(TWO_TURNS) is Stage.PASSED
    assert session.frame([]) is Stage.PASSED
    session.seconds += 3600
    assert session.frame([]) is Stage.PASSED


def test_landmarks_of_no_face_are_passed_over() -> None:
    session = Session(TWO_TURNS)
    nothing = Face(Box(250, 155, 140, 160), np.zeros((5, 2), dtype=np.float32), 0.9)
    for _ in range(10):
        assert session.frame([nothing]) is Stage.SETTLING


def test_a_challenge_without_movements_is_none() -> None:
    with pytest.raises(InternalError):
        MovementChallenge((), SAME)


def test_every_sequence_is_drawn_and_each_asks_for_a_turn() -> None:
    randomness = FakeRandomness(1)
    drawn = {draw_movements(randomness) for _ in range(1000)}
    assert len(drawn) == 24
    assert all({Movement.TURN_LEFT, Movement.TURN_RIGHT} & set(movements) for movements in drawn)
