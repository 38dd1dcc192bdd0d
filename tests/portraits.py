"""Two real people whose public-domain portraits lie in installed packages, and what can be made of them."""

from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np


def _in_package(package: str, *parts: str) -> Path:
    spec = find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent.joinpath(*parts)


def grace_hopper() -> Path:
    return _in_package("matplotlib", "mpl-data", "sample_data", "grace_hopper.jpg")


def astronaut() -> Path:
    """Eileen Collins."""
    return _in_package("skimage", "data", "astronaut.png")


def side_by_side() -> bytes:
    """Both portraits in one picture, their heads of about one size."""
    hopper = cv2.imread(str(grace_hopper()))[:512]
    collins = cv2.resize(cv2.imread(str(astronaut())), (1024, 1024))[:512, 200:712]
    return encoded(np.hstack([hopper, collins]))


def encoded(image: np.ndarray, kind: str = ".png") -> bytes:
    return cv2.imencode(kind, image)[1].tobytes()
