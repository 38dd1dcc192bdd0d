"""Models in OpenVINO, on the processor."""

from collections.abc import Mapping
from functools import cache
from threading import Lock
from typing import Any

import numpy as np
import openvino
from numpy.typing import NDArray

from doorward.adapters.models.session import RuntimeChoice, SessionOptions
from doorward.errors import ModelRefused


@cache
def core() -> Any:
    """OpenVINO's device manager, one a process."""
    return openvino.Core()


def has_bf16() -> bool:
    """Whether this processor computes in bfloat16 by itself."""
    return "BF16" in core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")


class OpenVinoSession:
    """``octets``: an ONNX model whose weights are expanded."""

    def __init__(self, name: str, octets: bytes, options: SessionOptions) -> None:
        self._name, self._choice = name, options.choice
        self._lock = Lock()
        settings = {
            "INFERENCE_NUM_THREADS": options.threads,
            "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_PRECISION_HINT": options.choice.precision.value,
            "ENABLE_CPU_PINNING": False,
        }
        try:
            model = core().read_model(octets, b"")
            if options.shape is not None:
                model.reshape(list(options.shape))
            # Compiling adds names of its own to some outputs.
            self._outputs = [(output.get_any_name(), place) for place, output in enumerate(model.outputs)]
            compiled = core().compile_model(model, "CPU", settings)
        except RuntimeError:
            raise ModelRefused(f"OpenVINO cannot load the model {name}; try the other runtime.") from None
        self._request = compiled.create_infer_request()

    @property
    def choice(self) -> RuntimeChoice:
        return self._choice

    def run(self, values: NDArray[np.float32]) -> Mapping[str, NDArray[np.float32]]:
        with self._lock:
            try:
                self._request.infer({0: values}, share_inputs=True)
            except RuntimeError:
                raise ModelRefused(f"The input does not fit the model {self._name}; check its card.") from None
            return {name: self._request.get_output_tensor(place).data.copy() for name, place in self._outputs}
