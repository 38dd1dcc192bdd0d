"""A sequence of asked movements, watched frame by frame, with the same face throughout."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from doorward.errors import InternalError
from doorward.face.comparison import compare
from doorward.face.decision import Reason
from doorward.face.movements import LIMITS, HeadPose, Movement, MovementLimits, head_pose, median_pose
from doorward.face.sample import Face
from doorward.face.template import Template
from doorward.kernel.clock import Randomness
from doorward.kernel.geometry import Box


class Stage(StrEnum):
    """``SETTLING``: looking ahead before the first movement. ``MOVING``: the asked movement is awaited.
    ``RETURNING``: it was made, and the head is to look ahead again.
    """

    SETTLING = "settling"
    MOVING = "moving"
    RETURNING = "returning"
    PASSED = "passed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class ChallengePolicy:
    """``movements``: how many are asked for, no two alike. ``seconds``: from the first frame to the end.
    ``frontal_frames``: needed at first, ``held_frames``: in a row that show a movement, ``back_frames``: in a row that
    look ahead again. ``gone_after``: seconds without a face that end it. ``second_subject_share``: of the largest
    face's area, from which on another face is a second person, and ``two_frames``: in a row that refuse them.
    ``overlap``: intersection over union that the faces of two frames have at least.
    """

    movements: int = 3
    seconds: float = 20.0
    frontal_frames: int = 5
    held_frames: int = 3
    back_frames: int = 2
    gone_after: float = 1.0
    second_subject_share: float = 0.15
    two_frames: int = 2
    overlap: float = 0.2
    limits: MovementLimits = LIMITS


POLICY = ChallengePolicy()


def draw_movements(randomness: Randomness, count: int = POLICY.movements) -> tuple[Movement, ...]:
    """``count`` different movements in an order that nobody can foresee: three of four give 24 sequences."""
    left = list(Movement)
    drawn: list[Movement] = []
    for _ in range(count):
        drawn.append(left.pop(int.from_bytes(randomness.octets(8), "big") % len(left)))
    return tuple(drawn)


@dataclass(frozen=True, slots=True)
class Eyes:
    """What the challenge asks about a face, and only when it has to know.

    ``is_usable``: is the picture of it good enough to compare? ``embed``: its template.
    """

    is_usable: Callable[[Face], bool]
    embed: Callable[[Face], Template]


class MovementChallenge:
    """Feed it every frame. ``same_face``: the least comparison score (cosine) of one person's templates.

    Templates are compared with the first one each time the head looks ahead again: in the middle, and at the end.
    """

    def __init__(self, movements: Sequence[Movement], same_face: float, policy: ChallengePolicy = POLICY) -> None:
        if not movements:
            raise InternalError("A challenge asks for at least one movement.")
        self._movements = tuple(movements)
        self._same_face = same_face
        self._policy = policy
        self._began: float | None = None
        self._last = 0.0
        self._seen: float | None = None
        self._box: Box | None = None
        self._frontal: HeadPose | None = None
        self._settling: list[HeadPose] = []
        self._done = 0
        self._count = 0
        self._wrong = 0
        self._crowded = 0
        self._first: Template | None = None
        self.stage = Stage.SETTLING
        self.refusal: Reason | None = None
        self.template: Template | None = None
        """The newest template of the face, once there is one: at the end that of the last frame."""

    @property
    def asked(self) -> Movement | None:
        """The movement that is awaited now."""
        return self._movements[self._done] if self.stage is Stage.MOVING else None

    @property
    def is_over(self) -> bool:
        return self.stage in (Stage.PASSED, Stage.REFUSED)

    @property
    def sentence(self) -> str:
        """What to tell the person now."""
        if self.refusal is not None:
            return self.refusal.sentence
        if self.asked is not None:
            return self.asked.sentence
        return "Thank you." if self.stage is Stage.PASSED else "Look straight at the camera."

    def observe(self, seconds: float, faces: Sequence[Face], eyes: Eyes) -> Stage:
        """One frame at ``seconds`` on the source's clock, with its faces, largest first; the stage after it."""
        if self.is_over:
            return self.stage
        refusal = self._clock(seconds) or self._company(seconds, faces)
        if refusal is not None:
            return self._refuse(refusal)
        if not faces or self._crowded:
            return self.stage
        face = faces[0]
        self._seen, self._box = seconds, face.box
        pose = head_pose(face)
        if pose is not None:
            self._judge(pose, face, eyes)
        return self.stage

    def _clock(self, seconds: float) -> Reason | None:
        if self._began is None:
            self._began = self._last = seconds
        if seconds < self._last:
            return Reason.CLOCK_WRONG
        self._last = seconds
        return Reason.CHALLENGE_EXPIRED if seconds - self._began > self._policy.seconds else None

    def _company(self, seconds: float, faces: Sequence[Face]) -> Reason | None:
        """Whether one face, and the same one, stands there."""
        share = self._policy.second_subject_share
        two = len(faces) > 1 and faces[1].box.area >= share * faces[0].box.area
        self._crowded = self._crowded + 1 if two else 0
        if self._crowded >= self._policy.two_frames:
            return Reason.MORE_THAN_ONE_FACE
        if self._seen is None or self._box is None:
            return None
        if seconds - self._seen >= self._policy.gone_after:
            return Reason.FACE_LOST
        if faces and not two and _overlap(self._box, faces[0].box) < self._policy.overlap:
            return Reason.FACE_CHANGED
        return None

    def _judge(self, pose: HeadPose, face: Face, eyes: Eyes) -> None:
        if self._frontal is None:
            self._settle(pose, face, eyes)
            return
        asked = self._movements[self._done]
        shown = self._policy.limits.shown(pose, self._frontal)
        self._wrong = self._wrong + 1 if shown - {asked, Movement.COME_NEARER} else 0
        if self._wrong >= self._policy.held_frames:
            self._refuse(Reason.CHALLENGE_FAILED)
        elif self.stage is Stage.MOVING:
            self._count = self._count + 1 if asked in shown else 0
            if self._count >= self._policy.held_frames:
                self.stage, self._count = Stage.RETURNING, 0
        else:
            self._return(pose, face, eyes, self._frontal)

    def _settle(self, pose: HeadPose, face: Face, eyes: Eyes) -> None:
        if not self._policy.limits.is_frontal(pose) or not eyes.is_usable(face):
            return
        self._settling.append(pose)
        if len(self._settling) >= self._policy.frontal_frames:
            self._frontal = median_pose(self._settling)
            self._first = self.template = eyes.embed(face)
            self.stage = Stage.MOVING

    def _return(self, pose: HeadPose, face: Face, eyes: Eyes, frontal: HeadPose) -> None:
        is_back = self._policy.limits.is_back(pose, frontal) and eyes.is_usable(face)
        self._count = self._count + 1 if is_back else 0
        if self._count < self._policy.back_frames:
            return
        self.template = eyes.embed(face)
        if self._first is None or compare(self.template, self._first) < self._same_face:
            self._refuse(Reason.FACE_CHANGED)
            return
        self._done, self._count = self._done + 1, 0
        self.stage = Stage.PASSED if self._done == len(self._movements) else Stage.MOVING

    def _refuse(self, reason: Reason) -> Stage:
        self.stage, self.refusal = Stage.REFUSED, reason
        return self.stage


def _overlap(one: Box, other: Box) -> float:
    """Intersection over union."""
    wide = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    high = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    shared = max(wide, 0.0) * max(high, 0.0)
    return shared / max(one.area + other.area - shared, 1e-6)
