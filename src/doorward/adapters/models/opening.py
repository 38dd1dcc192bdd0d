"""From a card to a running session: found, verified, inspected, expanded, loaded."""

from functools import cache
from importlib.util import find_spec

import onnx

from doorward.adapters.models.card import ModelCard
from doorward.adapters.models.expansion import expand_weights
from doorward.adapters.models.inspection import parse_model
from doorward.adapters.models.library import ModelPlaces
from doorward.adapters.models.session import ModelSession, Precision, Runtime, RuntimeChoice, SessionOptions
from doorward.errors import ModelRefused

# Measured on one thread: OpenVINO beats ONNX Runtime on every model but this one in float32.
_FASTER_IN_ONNX_RUNTIME_AT_F32 = frozenset({"yolox-nano"})


@cache
def fastest_choice(model: str) -> RuntimeChoice:
    """The faster runtime and precision for ``model`` on this machine."""
    if find_spec("openvino") is not None:
        from doorward.adapters.models.runtimes.openvino import has_bf16

        if has_bf16():
            return RuntimeChoice(Runtime.OPENVINO, Precision.BF16)
        if model not in _FASTER_IN_ONNX_RUNTIME_AT_F32 or find_spec("onnxruntime") is None:
            return RuntimeChoice(Runtime.OPENVINO, Precision.F32)
    return RuntimeChoice(Runtime.ONNX_RUNTIME, Precision.F32)


def read_model(card: ModelCard, places: ModelPlaces) -> bytes:
    """The verified model with its weights expanded, as ONNX bytes in memory; nothing is written."""
    return prepare(card.name, places.read(card))


def prepare(name: str, octets: bytes) -> bytes:
    """``octets`` of a model file, inspected and with weights expanded; ``ModelRefused``."""
    prepared: bytes = expand_weights(parse_model(name, octets)).SerializeToString()
    return prepared


def input_shape(prepared: bytes) -> tuple[int, ...]:
    """The shape of the first input that the model's file states, -1 where it varies; empty where it states none."""
    inputs = onnx.ModelProto.FromString(prepared).graph.input
    dimensions = inputs[0].type.tensor_type.shape.dim if inputs else ()
    return tuple(each.dim_value if each.HasField("dim_value") else -1 for each in dimensions)


def open_session(name: str, prepared: bytes, options: SessionOptions) -> ModelSession:
    """Load what ``read_model`` gave into the runtime of ``options``."""
    if options.choice.runtime is Runtime.OPENVINO:
        from doorward.adapters.models.runtimes.openvino import OpenVinoSession

        return OpenVinoSession(name, prepared, options)
    from doorward.adapters.models.runtimes.onnx_runtime import OnnxRuntimeSession

    if options.choice.precision is not Precision.F32:
        raise ModelRefused(f"ONNX Runtime runs the model {name} in f32 only; choose that precision.")
    if options.shape is not None:
        prepared = _with_input_shape(prepared, options.shape)
    return OnnxRuntimeSession(name, prepared, options)


def _with_input_shape(prepared: bytes, shape: tuple[int, ...]) -> bytes:
    model = onnx.ModelProto.FromString(prepared)
    dimensions = model.graph.input[0].type.tensor_type.shape.dim
    for place, (dimension, size) in enumerate(zip(dimensions, shape, strict=True)):
        if size < 0:
            dimension.dim_param = f"any_{place}"
        else:
            dimension.dim_value = size
    for output in model.graph.output:
        output.type.tensor_type.ClearField("shape")
    octets: bytes = model.SerializeToString()
    return octets
