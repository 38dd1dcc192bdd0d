"""Movements of the head, judged from five landmarks.

The nose's place is taken in the face's own oblique axes: along the line between the eyes, and along the line from
between the eyes to between the corners of the mouth. Both coordinates stay what they are when a plane is turned,
tilted, sheared or scaled far from the camera, so a still photo does not change them by being moved; a nose that
stands out does. A detector of landmarks guesses the shape of a face, though, and reads a turn into a photo held
askew. What gives that photo away is that it narrows more than a head which turns as far.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from doorward.face.sample import Face


class Movement(StrEnum):
    """Left and right are the person's own; the camera's picture must not be mirrored."""

    TURN_LEFT = "turn_left"
    TURN_RIGHT = "turn_right"
    COME_NEARER = "come_nearer"
    LOOK_UP = "look_up"

    @property
    def sentence(self) -> str:
        return _SENTENCES[self]


_SENTENCES = {
    Movement.TURN_LEFT: "Turn your head to your left.",
    Movement.TURN_RIGHT: "Turn your head to your right.",
    Movement.COME_NEARER: "Come nearer.",
    Movement.LOOK_UP: "Look up.",
}


@dataclass(frozen=True, slots=True)
class HeadPose:
    """``yaw``: the difference of the nose's distances to both eyes over their sum, along the eyes' line; positive
    where the nose is nearer to the person's left eye. ``pitch``: how far down from the eyes to the mouth the nose lies,
    as a share. ``eye_ratio``: eye distance over eye-to-mouth length. ``height``: that length in pixels, however the
    head leans.
    """

    yaw: float
    pitch: float
    eye_ratio: float
    height: float


def head_pose(face: Face) -> HeadPose | None:
    """The pose, or None for landmarks that span no face."""
    right_eye, left_eye, nose, right_mouth, left_mouth = face.landmarks.astype(np.float64)
    eyes = (right_eye + left_eye) / 2
    across, down = left_eye - right_eye, (right_mouth + left_mouth) / 2 - eyes
    width, length = float(np.hypot(*across)), float(np.hypot(*down))
    turned = across[0] * down[1] - across[1] * down[0]
    if not np.isfinite(face.landmarks).all() or turned <= _LEAST_SINE * width * length:
        return None
    shift, share = np.linalg.solve(np.column_stack([across, down]), nose - eyes)
    return HeadPose(2 * float(shift), float(share), width / length, length)


_LEAST_SINE = 0.2
"""Between the eyes' line and the face's; a mirrored or collapsed face has less."""


def median_pose(poses: Sequence[HeadPose]) -> HeadPose:
    """The median of each value."""
    values = np.array([(pose.yaw, pose.pitch, pose.eye_ratio, pose.height) for pose in poses])
    return HeadPose(*(float(value) for value in np.median(values, axis=0)))


@dataclass(frozen=True, slots=True)
class MovementLimits:
    """Changes from the session's own frontal pose. ``turn``: of yaw; a yaw beyond ``most_turn`` is no longer told
    reliably and counts as nothing. ``up``: of pitch. ``nearer``: ratio of heights. ``least_ratio`` and ``most_ratio``:
    of the eye ratio over the frontal one. ``still``: yaw, and ``level``: pitch, within which a head is frontal again.
    ``frontal_yaw`` and ``frontal_ratio``: what a frontal pose may be in itself.
    """

    name: str
    turn: float
    most_turn: float
    up: float
    nearer: float
    least_ratio: float
    most_ratio: float
    still: float
    level: float
    frontal_yaw: float
    frontal_ratio: tuple[float, float]

    def is_frontal(self, pose: HeadPose) -> bool:
        """Whether a session may begin with this pose."""
        least, most = self.frontal_ratio
        return abs(pose.yaw) <= self.frontal_yaw and least <= pose.eye_ratio <= most

    def is_back(self, pose: HeadPose, frontal: HeadPose) -> bool:
        """Whether the head looks ahead as it did at first."""
        return abs(pose.yaw - frontal.yaw) <= self.still and abs(pose.pitch - frontal.pitch) <= self.level

    def shown(self, pose: HeadPose, frontal: HeadPose) -> frozenset[Movement]:
        """The movements that this pose shows, seen from ``frontal``."""
        turned, sunk = pose.yaw - frontal.yaw, pose.pitch - frontal.pitch
        ratio = pose.eye_ratio / frontal.eye_ratio
        found = set()
        if pose.height >= self.nearer * frontal.height:
            found.add(Movement.COME_NEARER)
        is_told = abs(pose.yaw) <= self.most_turn and self.least_ratio <= ratio <= self.most_ratio
        if is_told and abs(turned) >= self.turn:
            found.add(Movement.TURN_LEFT if turned > 0 else Movement.TURN_RIGHT)
        elif is_told and -sunk >= self.up:
            found.add(Movement.LOOK_UP)
        return frozenset(found)


# Measured with YuNet on LFW's photos. Of 83 photos of heads turned by .35 to .8 from the median of the same person's
# frontal photos .95 keep .8 of their eye ratio. Of photos shown as planes, turned by 15 to 65 degrees about the
# vertical and up to 30 about both other axes, .14 read as a turn of .35 or more, and .02 once the ratio is asked for;
# of planes tilted by as much about the horizontal axis, .003 read as a look up.
LIMITS = MovementLimits(
    name="movements-1",
    turn=0.35,
    most_turn=0.8,
    up=0.10,
    nearer=1.25,
    least_ratio=0.8,
    most_ratio=1.25,
    still=0.2,
    level=0.06,
    frontal_yaw=0.25,
    frontal_ratio=(0.75, 1.3),
)
