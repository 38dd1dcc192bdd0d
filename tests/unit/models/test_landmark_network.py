"""The second look of the landmark network: where its points lie in the photo, and what it leaves to the close-up."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from doorward.adapters.face.landmark_network import SIDE, VIEWS, LandmarkNetwork
from doorward.adapters.models.session import Precision, Runtime, RuntimeChoice
from doorward.face.sample import Face
from doorward.kernel.geometry import Box
from doorward.kernel.image import Image

SHARES = np.array([[0.3, 0.4], [0.7, 0.35], [0.52, 0.6], [0.35, 0.8], [0.65, 0.82]])
NOWHERE = np.full((5, 2), -1, dtype=np.float32)


class KnownNetwork:
    """Finds ``SHARES`` of the square in the face as it is, and their mirror image in the mirrored one."""

    choice = RuntimeChoice(Runtime.OPENVINO, Precision.F32)

    def __init__(self, confidences: tuple[float, float] = (0.99, 0.98)) -> None:
        self._confidences = confidences
        self.seen: NDArray[np.float32] = np.empty(0, dtype=np.float32)

    def run(self, values: NDArray[np.float32]) -> Mapping[str, NDArray[np.float32]]:
        self.seen = values
        mirrored = SHARES[[1, 0, 2, 4, 3]] * [-1, 1] + [1, 0]
        return {
            "box": np.zeros((VIEWS, 4), dtype=np.float32),
            "points": np.stack([SHARES.T.ravel(), mirrored.T.ravel()]).astype(np.float32),
            "is face": np.array([[1 - one, one] for one in self._confidences], dtype=np.float32),
        }


class CloseUpThatMarks:
    def look(self, image: Image, face: Face) -> Face:
        return replace(face, landmarks=NOWHERE)


def looked(network: KnownNetwork, image: Image, box: Box) -> NDArray[np.float32]:
    face = Face(box, np.zeros((5, 2), dtype=np.float32), 0.9)
    found = LandmarkNetwork(network, CloseUpThatMarks()).look(image, face)  # type: ignore[arg-type] # looks alike
    assert (found.box, found.confidence) == (box, 0.9)
    return found.landmarks


@pytest.mark.parametrize("box", [Box(40, 30, 96, 120), Box(-20, 150, 90, 110), Box(5, 5, 700, 820)])
def test_points_are_placed_in_the_photo_from_both_views(box: Box) -> None:
    image = np.random.default_rng(1).integers(0, 256, (900, 800, 3), dtype=np.uint8)
    network = KnownNetwork()
    side = max(box.width, box.height)
    corner = np.array([box.x + box.width / 2, box.y + box.height / 2]) - side / 2
    assert looked(network, image, box) == pytest.approx(corner + SHARES * side - 0.5, abs=0.01 * side)
    assert network.seen.shape == (VIEWS, SIDE, SIDE, 3)
    assert np.array_equal(network.seen[1], network.seen[0][::-1])
    assert np.abs(network.seen).max() <= 1


def test_columns_come_before_rows_and_red_first() -> None:
    image = np.zeros((SIDE, SIDE, 3), dtype=np.uint8)
    image[:, : SIDE // 2] = (0, 0, 255)
    network = KnownNetwork()
    looked(network, image, Box(0, 0, SIDE, SIDE))
    bright = network.seen[0] > 0
    assert bright[: SIDE // 2, :, 0].all()
    assert not bright[SIDE // 2 :].any()
    assert not bright[:, :, 1:].any()


@pytest.mark.parametrize("confidences", [(0.6, 0.99), (0.99, 0.6)])
def test_what_it_takes_for_no_face_is_left_to_the_close_up(confidences: tuple[float, float]) -> None:
    image = np.zeros((200, 200, 3), dtype=np.uint8)
    assert looked(KnownNetwork(confidences), image, Box(50, 50, 80, 100)) is NOWHERE
