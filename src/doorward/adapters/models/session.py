"""The one port through which every model runs."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class Runtime(StrEnum):
    OPENVINO = "openvino"
    ONNX_RUNTIME = "onnxruntime"


class Precision(StrEnum):
    F32 = "f32"
    BF16 = "bf16"


@dataclass(frozen=True, slots=True)
class RuntimeChoice:
    runtime: Runtime
    precision: Precision


@dataclass(frozen=True, slots=True)
class SessionOptions:
    """``shape``: the input's, -1 where it varies from call to call; None leaves it as the file says."""

    choice: RuntimeChoice
    threads: int = 1
    shape: tuple[int, ...] | None = None


class ModelSession(Protocol):
    """A loaded model; safe to call from several threads, which then wait for each other."""

    @property
    def choice(self) -> RuntimeChoice: ...

    def run(self, values: NDArray[np.float32]) -> Mapping[str, NDArray[np.float32]]:
        """Every output by its name, as arrays of the caller's own; ``ModelRefused`` when the input does not fit."""
        ...
