"""Models in ONNX Runtime, on the processor: the way to ARM, and to machines without OpenVINO."""

from collections.abc import Mapping

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnxruntime.capi import onnxruntime_pybind11_state as faults

from doorward.adapters.models.session import RuntimeChoice, SessionOptions
from doorward.errors import ModelRefused

_FAULTS = (faults.Fail, faults.InvalidArgument, faults.InvalidGraph, faults.InvalidProtobuf, faults.NotImplemented)
_ERRORS_ONLY = 3


class OnnxRuntimeSession:
    """``octets``: an ONNX model whose weights are expanded."""

    def __init__(self, name: str, octets: bytes, options: SessionOptions) -> None:
        self._name, self._choice = name, options.choice
        settings = onnxruntime.SessionOptions()
        settings.intra_op_num_threads = options.threads
        settings.inter_op_num_threads = 1
        settings.log_severity_level = _ERRORS_ONLY
        try:
            self._session = onnxruntime.InferenceSession(octets, settings, providers=["CPUExecutionProvider"])
        except _FAULTS:
            raise ModelRefused(f"ONNX Runtime cannot load the model {name}; try the other runtime.") from None
        self._input = self._session.get_inputs()[0].name
        self._outputs = [output.name for output in self._session.get_outputs()]

    @property
    def choice(self) -> RuntimeChoice:
        return self._choice

    def run(self, values: NDArray[np.float32]) -> Mapping[str, NDArray[np.float32]]:
        try:
            results = self._session.run(self._outputs, {self._input: values})
        except _FAULTS:
            raise ModelRefused(f"The input does not fit the model {self._name}; check its card.") from None
        return dict(zip(self._outputs, results, strict=True))
