"""What a gallery takes in and is asked about: vectors that compare with those it holds."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from doorward.errors import InternalError
from doorward.face.template import Template

_AT_ONCE = 65_536


def stacked(templates: Sequence[Template], dimension: int | None) -> NDArray[np.float32]:
    """The vectors of one person's templates, (templates, dimension), copied; checked as ``check_references`` does."""
    if not templates:
        return np.zeros((0, dimension or 0), np.float32)
    for template in templates:
        check_references(template.vector[None], dimension)
        dimension = template.vector.shape[0]
    return np.stack([template.vector for template in templates]).astype(np.float32)


def check_references(vectors: NDArray[np.float32], dimension: int | None) -> None:
    """``vectors``: (references, dimension); ``dimension``: of what is held, ``None`` when nothing is.

    ``InternalError`` for another dimension, for numbers that are not finite, and for a vector without length.
    """
    if dimension is not None and vectors.shape[1] != dimension:
        raise InternalError(
            f"A template of {vectors.shape[1]} numbers does not compare with those of {dimension} in the gallery; "
            "enrol again with the model in use."
        )
    for start in range(0, len(vectors), _AT_ONCE):
        part = vectors[start : start + _AT_ONCE]
        with np.errstate(over="ignore", invalid="ignore"):
            squares = np.einsum("ij,ij->i", part, part)
        if not bool((np.isfinite(squares) & (squares > 0)).all()):
            raise InternalError(
                "A template without length, or with numbers that are not finite, is nobody's; enrol again."
            )
