"""A real ONNX model that is small: it averages squares of an aligned face, and knows faces a little."""

import hashlib
from pathlib import Path

import onnx
from onnx import TensorProto, helper

SIZE, DIMENSION = 64, 192
NAME = "squares"


def model_bytes() -> bytes:
    """Input N x 3 x 64 x 64, output N x 192: the averages of 8 x 8 squares of 8 x 8 pixels."""
    given = helper.make_tensor_value_info("face", TensorProto.FLOAT, ["n", 3, SIZE, SIZE])
    told = helper.make_tensor_value_info("template", TensorProto.FLOAT, ["n", DIMENSION])
    nodes = [
        helper.make_node("AveragePool", ["face"], ["squares"], kernel_shape=[8, 8], strides=[8, 8]),
        helper.make_node("Flatten", ["squares"], ["template"]),
    ]
    graph = helper.make_graph(nodes, "squares", [given], [told])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    octets: bytes = model.SerializeToString()
    onnx.checker.check_model(octets)
    return octets


def put_embedder(folder: Path, name: str = NAME, licence: str = "MIT", **changes: object) -> None:
    """Put the model and its card into ``folder``; ``changes`` take the place of the card's entries."""
    folder.mkdir(parents=True, exist_ok=True)
    octets = model_bytes()
    (folder / f"{name}.onnx").write_bytes(octets)
    entries: dict[str, object] = {
        "name": name,
        "file": f"{name}.onnx",
        "sha256": hashlib.sha256(octets).hexdigest(),
        "licence": licence,
        "size": SIZE,
        "mean": 127.5,
        "scale": 0.0078125,
        "channels": "bgr",
        "dimension": DIMENSION,
        **changes,
    }
    lines = [f"{key} = {value!r}" for key, value in entries.items() if value is not None]
    (folder / f"{name}.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
