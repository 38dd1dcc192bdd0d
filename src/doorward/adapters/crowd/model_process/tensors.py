"""Memory that a camera and the model process share: the model's input, and what it answered.

It has no name and lies in no folder, memfd_create(2): nothing of it is left when both have ended, however they did.
"""

import fcntl
import mmap
import os
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate
from math import prod
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from doorward.errors import ModelRefused

Floats = NDArray[np.float32]
Shape = tuple[int, ...]

_FLOAT = 4
_ALIGNED = 64
_SEALS = ("F_SEAL_SHRINK", "F_SEAL_GROW", "F_SEAL_SEAL")


def can_share() -> bool:
    """Whether this system has memory without a name, as Linux has."""
    return hasattr(os, "memfd_create") and hasattr(fcntl, "F_ADD_SEALS")


@dataclass(frozen=True, slots=True)
class TensorLayout:
    """The shapes of a model's input and, by their names, of its outputs, all of 32-bit floats."""

    given: Shape
    answered: Mapping[str, Shape]

    def places(self) -> list[int]:
        """Where each begins, the input first, and last where all end; bytes."""
        shapes = [self.given, *self.answered.values()]
        return [0, *accumulate(-(-prod(shape) * _FLOAT // _ALIGNED) * _ALIGNED for shape in shapes)]

    def to_json(self) -> dict[str, Any]:
        return {"given": self.given, "answered": self.answered}

    @staticmethod
    def of_json(told: Mapping[str, Any]) -> "TensorLayout":
        return TensorLayout(tuple(told["given"]), {name: tuple(shape) for name, shape in told["answered"].items()})


class SharedTensors:
    """``handle``: of the memory, which is the caller's to close."""

    def __init__(self, layout: TensorLayout, handle: int) -> None:
        *places, end = layout.places()
        self._memory = mmap.mmap(handle, end)
        shapes = [layout.given, *layout.answered.values()]
        views = [
            np.frombuffer(self._memory, np.float32, prod(shape), place).reshape(shape)
            for place, shape in zip(places, shapes, strict=True)
        ]
        self._given: Floats = views[0]
        self._answered: dict[str, Floats] = dict(zip(layout.answered, views[1:], strict=True))

    @staticmethod
    def memory(layout: TensorLayout) -> int:
        """A handle of new memory, whose size nobody can change any more."""
        handle = os.memfd_create("doorward model", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        os.ftruncate(handle, layout.places()[-1])
        fcntl.fcntl(handle, fcntl.F_ADD_SEALS, sum(getattr(fcntl, seal) for seal in _SEALS))
        return handle

    def give(self, values: Floats) -> None:
        """``ModelRefused`` when ``values`` are not of the input's shape."""
        if values.shape != self._given.shape:
            raise ModelRefused(f"The model takes {self._given.shape} and was given {values.shape}; report this.")
        self._given[...] = values

    def given(self) -> Floats:
        """What the camera gave, in the shared memory itself."""
        return self._given

    def answer(self, outputs: Mapping[str, Floats]) -> None:
        """``ModelRefused`` when they are not of the shapes that the model first answered in."""
        if {name: array.shape for name, array in outputs.items()} != {
            name: view.shape for name, view in self._answered.items()
        }:
            raise ModelRefused("The model answers in shapes that vary; export it with fixed ones.")
        for name, view in self._answered.items():
            view[...] = outputs[name]

    def answered(self) -> dict[str, Floats]:
        """Arrays of the caller's own."""
        return {name: view.copy() for name, view in self._answered.items()}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Overwrite all of it, and let go of it."""
        if self._memory.closed:
            return
        self._given = np.empty(0, np.float32)
        self._answered = {}
        self._memory[:] = bytes(len(self._memory))
        self._memory.close()
