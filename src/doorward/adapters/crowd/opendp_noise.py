"""Geometric noise by OpenDP: exact sampling in whole numbers, from the operating system's randomness."""

from collections.abc import Sequence
from typing import Any


class OpenDpNoise:
    """``GeometricNoise``. OpenDP itself says what a scale spends, and is asked."""

    def __init__(self) -> None:
        import opendp.prelude as opendp  # loads a large library, which nothing but publishing needs

        opendp.enable_features("contrib")  # reviewed by its makers, as yet without their seal of a formal proof
        self._opendp: Any = opendp

    def noised(self, values: Sequence[int], scale: float) -> list[int]:
        space = self._opendp.vector_domain(self._opendp.atom_domain(T=int)), self._opendp.l1_distance(T=int)
        drawn: list[int] = self._opendp.m.make_geometric(*space, scale=scale)(list(values))
        return drawn
