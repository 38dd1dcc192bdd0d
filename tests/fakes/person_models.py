"""Real ONNX models that say of every picture what they were told to, in the formats that detectors of people have."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from fakes.digests import sha256_of

SIDE = 64

YOLOX_NANO_FILE = "yolox_nano.onnx"
NANODET_FILE = "nanodet_m_320.onnx"


def write_model(
    path: Path, outputs: Mapping[str, NDArray[np.float32]], sides: tuple[object, object] = (SIDE, SIDE)
) -> str:
    """A model of 1 x 3 x ``sides`` that answers with ``outputs``; the SHA-256 of its file."""
    given = helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, 3, *sides])
    told = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, list(array.shape)) for name, array in outputs.items()
    ]
    nodes = [
        helper.make_node("ReduceMean", ["images"], ["mean"], keepdims=0),
        helper.make_node("Mul", ["mean", "zero"], ["nothing"]),
    ]
    nodes += [helper.make_node("Add", [f"{name} said", "nothing"], [name]) for name in outputs]
    stored = [numpy_helper.from_array(array.astype(np.float32), f"{name} said") for name, array in outputs.items()]
    stored.append(numpy_helper.from_array(np.zeros((), np.float32), "zero"))
    graph = helper.make_graph(nodes, "said", [given], told, stored)
    octets = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8).SerializeToString()
    path.write_bytes(octets)
    return sha256_of(path)


def yolox_answer(*people: tuple[float, float, float, float, float], classes: int = 80) -> NDArray[np.float32]:
    """What YOLOX says of boxes (middle x, y, width, height, score) on a canvas of ``SIDE``: 1 x 84 x (5 + classes)."""
    answer = np.zeros((1, 84, 5 + classes), np.float32)
    for x, y, width, height, score in people:
        column, row = int(x // 8), int(y // 8)
        answer[0, row * 8 + column, :4] = [x / 8 - column, y / 8 - row, np.log(width / 8), np.log(height / 8)]
        answer[0, row * 8 + column, 4:6] = [1.0, score]
    return answer


def nanodet_answer(
    *people: tuple[float, float, float, float, float], classes: int = 80, plus: bool = False
) -> Mapping[str, NDArray[np.float32]]:
    """What NanoDet says of the same: scores and distributions for every stride of 8, 16, 32 and, if ``plus``, 64."""
    answer: dict[str, NDArray[np.float32]] = {}
    for stride in (8, 16, 32, 64) if plus else (8, 16, 32):
        cells = SIDE // stride
        scores = np.zeros((1, cells * cells, classes), np.float32)
        edges = np.zeros((1, cells * cells, 4, 8), np.float32)
        if stride == 16:
            for x, y, width, height, score in people:
                column, row = int(x // 16), int(y // 16)
                origin = (np.array([column, row]) + (0.0 if plus else 0.5)) * 16
                corners = np.array([x - width / 2, y - height / 2, x + width / 2, y + height / 2])
                distances = np.concatenate([origin - corners[:2], corners[2:] - origin]) / 16
                scores[0, row * cells + column, 0] = score
                for edge, distance in enumerate(distances):
                    # All of the weight between the two bins beside the distance.
                    low = int(distance)
                    shares = np.full(8, 1e-9)
                    shares[low], shares[low + 1] = 1 - (distance - low), distance - low
                    edges[0, row * cells + column, edge] = np.log(np.maximum(shares, 1e-9))
        answer[f"scores {stride}"] = scores
        answer[f"edges {stride}"] = edges.reshape(1, -1, 32)
    return answer
