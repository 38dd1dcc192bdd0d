"""Weights stored as 8-bit blocks, expanded to float32 when a model is loaded.

OpenVINO refuses the blockwise scales of a bias, ONNX Runtime the unused weights that such files list as graph
inputs, and both run the expanded weights faster. The values are those that the model itself would compute:
(q - zero point) * scale.
"""

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper


def expand_weights(model: onnx.ModelProto) -> onnx.ModelProto:
    """``model`` changed in place: dequantised weights become plain ones, and unused weights and inputs go."""
    graph = model.graph
    stored = {tensor.name: tensor for tensor in graph.initializer}
    expanded: dict[str, NDArray[np.float32]] = {}
    kept = [node for node in graph.node if not _expand(node, stored, expanded)]
    used = {name for node in kept for name in node.input} | {output.name for output in graph.output}
    weights = [tensor for tensor in graph.initializer if tensor.name in used]
    weights += [numpy_helper.from_array(value, name) for name, value in expanded.items() if name in used]
    weight_names = {tensor.name for tensor in weights}
    inputs = [value for value in graph.input if value.name not in weight_names and value.name in used]
    for field, values in ((graph.node, kept), (graph.initializer, weights), (graph.input, inputs)):
        del field[:]
        field.extend(values)
    return model


def _expand(
    node: onnx.NodeProto, stored: dict[str, onnx.TensorProto], expanded: dict[str, NDArray[np.float32]]
) -> bool:
    """Compute a node that depends on stored weights alone; False when it must stay."""
    if node.op_type == "DequantizeLinear" and all(name in stored for name in node.input):
        attributes = {attribute.name: attribute.i for attribute in node.attribute}
        arrays = [numpy_helper.to_array(stored[name]) for name in node.input]
        expanded[node.output[0]] = _dequantise(arrays, attributes.get("axis", 1), attributes.get("block_size", 0))
        return True
    if node.op_type == "Reshape" and node.input[0] in expanded and node.input[1] in stored:
        shape = numpy_helper.to_array(stored[node.input[1]])
        expanded[node.output[0]] = expanded[node.input[0]].reshape(tuple(shape))
        return True
    return False


def _dequantise(arrays: list[NDArray[np.generic]], axis: int, block: int) -> NDArray[np.float32]:
    """ONNX's DequantizeLinear: one scale for all, one a slice of ``axis``, or one a block along ``axis``."""
    quantised, scales, *zeros = arrays
    shape = quantised.shape
    if block:
        padding = [(0, -size % block if place == axis else 0) for place, size in enumerate(shape)]
        padded = np.pad(quantised, padding) if any(after for _, after in padding) else quantised
        values = _float32(padded.reshape(*padded.shape[:axis], -1, block, *padded.shape[axis + 1 :]))
        factors = [np.expand_dims(_float32(array), axis + 1) for array in (scales, *zeros)]
    else:
        values = _float32(quantised)
        slices = [-1 if place == axis else 1 for place in range(len(shape))]
        factors = [_float32(array).reshape(slices if array.size > 1 else ()) for array in (scales, *zeros)]
    if zeros and factors[1].any():
        values -= factors[1]
    values *= factors[0]
    if block:
        flat = values.reshape(*values.shape[:axis], -1, *values.shape[axis + 2 :])
        return flat if flat.shape == shape else np.take(flat, np.arange(shape[axis]), axis=axis)
    return values


def _float32(array: NDArray[np.generic]) -> NDArray[np.float32]:
    return np.asarray(array, dtype=np.float32)
