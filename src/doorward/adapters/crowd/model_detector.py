"""People found by a model that boxes whole people: of what it says, nothing but persons is kept."""

from collections.abc import Mapping
from typing import Protocol

import numpy as np

from doorward.adapters.crowd.nanodet import NanodetFormat
from doorward.adapters.crowd.person_boxes import Floats, PersonBoxes, letterbox
from doorward.adapters.crowd.picture_size import check_size
from doorward.adapters.crowd.yolox import YoloxFormat
from doorward.adapters.models.session import ModelSession
from doorward.crowd.geometry import Points
from doorward.errors import ModelRefused
from doorward.kernel.image import Image

LARGEST_SIDE = 2048


class PersonFormat(Protocol):
    """How a family of models wants its pictures, and how it answers."""

    fill: int
    least_score: float
    overlap: float

    def tensor(self, canvas: Image) -> Floats: ...
    def fits(self, outputs: Mapping[str, Floats]) -> bool: ...
    def people(self, outputs: Mapping[str, Floats]) -> PersonBoxes: ...


FORMATS = {each.name: each for each in (YoloxFormat, NanodetFormat)}


class ModelDetector:
    """Foot-points of the people in each picture by itself. ``scene_size``: the only size of pictures that is taken
    (width, height); None takes any."""

    def __init__(
        self, name: str, session: ModelSession, input_shape: tuple[int, ...], format_name: str,
        scene_size: tuple[int, int] | None = None,
    ) -> None:  # fmt: skip
        """``input_shape``: of the model's file. ``ModelRefused`` when the model is none of the format."""
        if (
            len(input_shape) != 4
            or input_shape[1] != 3
            or not all(32 <= side <= LARGEST_SIDE for side in input_shape[2:])
        ):
            raise ModelRefused(
                f"The model {name} wants no picture of a fixed size (1x3xheightxwidth, 32 to {LARGEST_SIDE} pixels); "
                "export it with one."
            )
        self._name, self._session, self._scene_size = name, session, scene_size
        self._size = (input_shape[3], input_shape[2])
        self._format: PersonFormat = FORMATS[format_name](self._size)
        blank = np.full((self._size[1], self._size[0], 3), self._format.fill, dtype=np.uint8)
        if not self._format.fits(session.run(self._format.tensor(blank))):
            raise ModelRefused(
                f"The model {name} does not answer in the format {format_name}; name the format that it has, of "
                f"{' and '.join(FORMATS)}, or export it as its makers do."
            )

    @property
    def name(self) -> str:
        return self._name

    def detect(self, image: Image) -> Points:
        """The middle of each person's lower edge, n x 2 pixels; ``SourceError`` for a picture not of the scene.

        Boxes may reach beyond the picture; foot-points do not, since zones do not either.
        """
        height, width = image.shape[:2]
        return np.clip(self.find(image).foot_points(), 0, [width - 1, height - 1])

    def find(self, image: Image) -> PersonBoxes:
        """The people in the picture, in its pixels."""
        if self._scene_size is not None:
            check_size(image, self._scene_size)
        canvas, scale = letterbox(image, self._size, self._format.fill)
        everybody = self._format.people(self._session.run(self._format.tensor(canvas)))
        people = everybody.strongest(self._format.least_score, self._format.overlap)
        return PersonBoxes(people.boxes / scale, people.scores)
