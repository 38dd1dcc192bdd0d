"""Which detector of people a name stands for."""

from doorward.adapters.crowd.motion import MotionDetector
from doorward.crowd.ports import PersonDetector
from doorward.crowd.scene import Scene
from doorward.errors import WrongUse

STILL_DETECTORS: tuple[str, ...] = ()
"""Those that find people in a single photo."""


def clip_detector(scene: Scene) -> PersonDetector:
    """The detector for the pictures of one camera, in their order."""
    return MotionDetector(scene)


def still_detector(name: str) -> PersonDetector:
    """The detector called ``name`` for single photos; ``WrongUse`` when it is not here or needs a clip."""
    if name == MotionDetector.name:
        raise WrongUse("motion finds people by what moves between pictures, so it counts nobody in single photos.")
    known = ", ".join(STILL_DETECTORS) or "none here yet"
    raise WrongUse(f"There is no detector {name!r} for single photos; there is {known}.")
