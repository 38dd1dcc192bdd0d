"""Target: a model's file, before any runtime sees it."""

import onnx
from onnx import TensorProto, helper

from doorward.adapters.models.inspection import parse_model
from doorward.errors import DoorwardError

X = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1])
Y = helper.make_tensor_value_info("y", TensorProto.FLOAT, [1])
GRAPH = helper.make_graph([helper.make_node("Relu", ["x"], ["y"])], "g", [X], [Y])
SEEDS = (helper.make_model(GRAPH).SerializeToString(),)


def decode(data: bytes) -> onnx.ModelProto:
    return parse_model("fuzzed", data)


def fuzz(data: bytes) -> None:
    try:
        decode(data)
    except DoorwardError:
        return
