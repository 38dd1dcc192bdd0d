"""What a model file may hold: an ONNX graph of standard operators, with its weights inside."""

from collections.abc import Iterable, Iterator

import onnx
from google.protobuf.message import DecodeError  # type: ignore[import-untyped] # protobuf ships no types

from doorward.errors import ModelRefused

ALLOWED_DOMAINS = frozenset({"", "ai.onnx", "ai.onnx.ml"})

# A pickle begins with its protocol's opcode; torch's zip of pickles and the older tar with theirs.
_PICKLE_STARTS = (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05", b"PK\x03\x04", b"(dp", b"cposix", b"ctorch")


def parse_model(name: str, octets: bytes) -> onnx.ModelProto:
    """The ONNX model in ``octets``; ``ModelRefused`` for anything that is not one or holds what is not allowed."""
    if octets.startswith(_PICKLE_STARTS):
        raise ModelRefused(f"The model {name} is a pickle, which runs code when it is read; use an ONNX file.")
    try:
        model: onnx.ModelProto = onnx.ModelProto.FromString(octets)
    except DecodeError:
        raise ModelRefused(f"The file for the model {name} is not an ONNX model; get it again.") from None
    if not model.graph.node:
        raise ModelRefused(f"The model {name} has no graph; get its file again.")
    nodes = [*_nodes(model.graph), *(node for function in model.functions for node in _inner(function.node))]
    domains = {node.domain for node in nodes} | {opset.domain for opset in model.opset_import}
    foreign = sorted(domains - ALLOWED_DOMAINS)
    if foreign:
        raise ModelRefused(
            f"The model {name} asks for operators of {foreign[0]}, which are not of the ONNX standard; "
            "export it with standard operators."
        )
    if any(_is_external(tensor) for tensor in _tensors(model.graph, nodes)):
        raise ModelRefused(f"The model {name} keeps weights in another file; export it with its weights inside.")
    return model


def _nodes(graph: onnx.GraphProto) -> Iterator[onnx.NodeProto]:
    yield from _inner(graph.node)


def _inner(nodes: Iterable[onnx.NodeProto]) -> Iterator[onnx.NodeProto]:
    for node in nodes:
        yield node
        for graph in _subgraphs(node):
            yield from _nodes(graph)


def _subgraphs(node: onnx.NodeProto) -> Iterator[onnx.GraphProto]:
    for attribute in node.attribute:
        if attribute.type == onnx.AttributeProto.GRAPH:
            yield attribute.g
        yield from attribute.graphs


def _tensors(graph: onnx.GraphProto, nodes: Iterable[onnx.NodeProto]) -> Iterator[onnx.TensorProto]:
    yield from graph.initializer
    for sparse in graph.sparse_initializer:
        yield from (sparse.values, sparse.indices)
    for node in nodes:
        for inner in _subgraphs(node):
            yield from inner.initializer
        for attribute in node.attribute:
            if attribute.type == onnx.AttributeProto.TENSOR:
                yield attribute.t
            yield from attribute.tensors


def _is_external(tensor: onnx.TensorProto) -> bool:
    return bool(tensor.data_location == onnx.TensorProto.EXTERNAL or tensor.external_data)
