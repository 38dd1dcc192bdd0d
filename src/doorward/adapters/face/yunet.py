"""YuNet, which finds faces in a square of a few sizes."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from doorward.adapters.face.pixels import as_canvas
from doorward.adapters.face.yunet_output import decode
from doorward.adapters.models.session import ModelSession
from doorward.kernel.image import Image


class YuNet:
    """``open_canvas(side)`` gives the session for a square of that side, a multiple of 32; each is opened once."""

    def __init__(self, open_canvas: Callable[[int], ModelSession]) -> None:
        self._open_canvas = open_canvas
        self._sessions: dict[int, ModelSession] = {}

    def find(self, image: Image, side: int, confidence: float) -> NDArray[np.float32]:
        """The faces in ``image``, at most ``side`` pixels a side, as ``yunet_output.decode`` gives them."""
        if side not in self._sessions:
            self._sessions[side] = self._open_canvas(side)
        return decode(self._sessions[side].run(as_canvas(image, side)), side, confidence)
