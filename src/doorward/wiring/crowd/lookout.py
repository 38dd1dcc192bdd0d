"""Whether a picture can be counted at all: in the dark nobody is seen, and a camera that was turned sees elsewhere."""

from collections.abc import Callable

from doorward.crowd.camera_shift import CameraShift, Standing, told
from doorward.crowd.scene import Scene
from doorward.crowd.still import is_dark
from doorward.errors import CameraMoved
from doorward.kernel.image import Frame, Image
from doorward.wiring.crowd.stills import read_still, shift_since

COMPARE_EVERY = 600.0
COMPARE_AGAIN = 10.0
"""Seconds between comparisons with the still: usually, and while the camera stands otherwise."""


class Lookout:
    """Looks at each picture before it is counted. ``remark`` is told when that becomes or ceases to be possible."""

    def __init__(self, scene: Scene, remark: Callable[[str], None]) -> None:
        """``WrongUse`` when the scene's still cannot be read."""
        self._scene, self._remark = scene, remark
        self._still: Image | None = read_still(scene) if scene.still is not None else None
        self._due = 0.0
        self._dark = False
        self._before: Standing | None = None

    def can_count(self, frame: Frame) -> bool:
        """False when what the picture shows is unknown; ``CameraMoved`` when the first one tells that it moved."""
        dark = is_dark(frame.image)
        if dark != self._dark:
            self._dark = dark
            self._remark(
                "It is too dark to see anybody: values are unknown from here." if dark else "There is light again."
            )
        if dark:
            return False
        if self._still is not None and frame.seconds >= self._due:
            self._compare(shift_since(self._scene, self._still, frame.image), frame.seconds)
        return self._before is not Standing.MOVED

    def _compare(self, shift: CameraShift, seconds: float) -> None:
        moved = shift.standing is Standing.MOVED
        if moved and self._before is None:
            raise CameraMoved(told(shift))
        if shift.standing is not (self._before or Standing.SAME):
            self._remark(told(shift) + (" Values are unknown meanwhile." if moved else ""))
        self._before = shift.standing
        self._due = seconds + (COMPARE_AGAIN if moved else COMPARE_EVERY)
