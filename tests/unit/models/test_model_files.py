"""Which file is taken, and which is refused."""

import hashlib
import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from doorward.adapters.face.cards import FACE_CARDS, SFACE, YUNET
from doorward.adapters.models.card import ModelCard
from doorward.adapters.models.download import pull_model
from doorward.adapters.models.library import ModelPlaces
from doorward.adapters.models.opening import prepare, read_model
from doorward.adapters.models.people_cards import PEOPLE_CARDS
from doorward.errors import ModelError, ModelMissing, ModelRefused


def small_model(domain: str = "", kind: str = "Add") -> onnx.ModelProto:
    weight = numpy_helper.from_array(np.arange(4, dtype=np.float32), "weight")
    node = helper.make_node(kind, ["values", "weight"], ["sum"], domain=domain)
    values = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [4]) for name in ("values", "sum")]
    graph = helper.make_graph([node], "small", values[:1], values[1:], [weight])
    opsets = [helper.make_opsetid("", 17), *([helper.make_opsetid(domain, 1)] if domain else [])]
    return helper.make_model(graph, opset_imports=opsets, ir_version=8)


def card_of(octets: bytes) -> ModelCard:
    return replace(
        YUNET,
        name="small",
        file="small.onnx",
        packaged=None,
        size=len(octets),
        sha256=hashlib.sha256(octets).hexdigest(),
    )


def test_the_default_models_come_out_of_the_installed_package_and_pass() -> None:
    for card in (YUNET, SFACE):
        path = ModelPlaces().find(card)
        assert path.name == card.file
        assert len(read_model(card, ModelPlaces())) > card.size


def test_settings_come_before_the_site_and_the_site_before_packages(tmp_path: Path) -> None:
    packaged = ModelPlaces().find(YUNET)
    in_site, chosen = tmp_path / "models" / YUNET.file, tmp_path / "chosen.onnx"
    in_site.parent.mkdir()
    in_site.write_bytes(packaged.read_bytes())
    assert ModelPlaces(in_site.parent).find(YUNET) == in_site
    with pytest.raises(ModelMissing, match="settings"):
        ModelPlaces(in_site.parent, {YUNET.name: chosen}).find(YUNET)
    chosen.write_bytes(packaged.read_bytes())
    assert ModelPlaces(in_site.parent, {YUNET.name: chosen}).find(YUNET) == chosen


def test_one_changed_byte_is_refused(tmp_path: Path) -> None:
    octets = bytearray(ModelPlaces().find(YUNET).read_bytes())
    octets[len(octets) // 2] ^= 1
    (tmp_path / YUNET.file).write_bytes(octets)
    with pytest.raises(ModelRefused, match="SHA-256"):
        read_model(YUNET, ModelPlaces(tmp_path))


def test_a_missing_model_says_how_to_get_it() -> None:
    with pytest.raises(ModelMissing, match="doorward models pull yolox-nano"):
        ModelPlaces().find(PEOPLE_CARDS[0])


def test_a_folder_or_unreadable_file_is_no_model(tmp_path: Path) -> None:
    (tmp_path / PEOPLE_CARDS[0].file).mkdir()
    with pytest.raises(ModelMissing):
        ModelPlaces(tmp_path).read(PEOPLE_CARDS[0])


@pytest.mark.parametrize("protocol", range(2, 6))
def test_a_pickle_is_refused_even_with_the_right_hash(tmp_path: Path, protocol: int) -> None:
    octets = pickle.dumps({"state_dict": [1, 2]}, protocol=protocol)
    (tmp_path / "small.onnx").write_bytes(octets)
    with pytest.raises(ModelRefused, match="pickle"):
        read_model(card_of(octets), ModelPlaces(tmp_path))


def test_a_zip_of_pickles_is_refused() -> None:
    with pytest.raises(ModelRefused, match="pickle"):
        prepare("small", b"PK\x03\x04" + b"\0" * 60)


def test_weights_in_another_file_are_refused() -> None:
    model = small_model()
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="../../etc/passwd")
    with pytest.raises(ModelRefused, match="another file"):
        prepare("small", model.SerializeToString())


def test_external_weights_within_a_subgraph_are_refused() -> None:
    inner = small_model().graph
    inner.initializer[0].external_data.add(key="location", value="weights.bin")
    branch = helper.make_node("If", ["condition"], ["out"], then_branch=inner, else_branch=inner)
    condition = helper.make_tensor_value_info("condition", TensorProto.BOOL, [])
    out = helper.make_tensor_value_info("out", TensorProto.FLOAT, [4])
    model = helper.make_model(helper.make_graph([branch], "outer", [condition], [out]))
    with pytest.raises(ModelRefused, match="another file"):
        prepare("small", model.SerializeToString())


@pytest.mark.parametrize("domain", ["custom.ops", "com.microsoft", "ai.onnx.contrib"])
def test_operators_outside_the_standard_are_refused(domain: str) -> None:
    with pytest.raises(ModelRefused, match=domain):
        prepare("small", small_model(domain, "PythonOp").SerializeToString())


def test_a_function_that_hides_a_custom_operator_is_refused() -> None:
    model = small_model()
    hidden = helper.make_node("Evil", ["a"], ["b"], domain="custom.ops")
    model.functions.append(
        helper.make_function("ai.onnx.ml", "Wrap", ["a"], ["b"], [hidden], [helper.make_opsetid("custom.ops", 1)])
    )
    with pytest.raises(ModelRefused, match=r"custom\.ops"):
        prepare("small", model.SerializeToString())


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=400))
def test_noise_is_refused_with_a_model_error(octets: bytes) -> None:
    with pytest.raises(ModelError):
        prepare("noise", octets)


def test_every_card_is_complete_and_named_once() -> None:
    cards = (*FACE_CARDS, *PEOPLE_CARDS)
    assert len({card.name for card in cards}) == len({card.sha256 for card in cards}) == len(cards)
    for card in cards:
        assert len(bytes.fromhex(card.sha256)) == 32
        assert card.url is None or card.url.startswith("https://")
        assert all((card.maker, card.licence, card.source, card.input, card.output, card.citation))


def test_expanded_weights_are_those_the_model_computes() -> None:
    rng = np.random.default_rng(0)
    quantised = rng.integers(-128, 128, (6, 10)).astype(np.int8)
    scales = rng.uniform(0.01, 0.1, (6, 3)).astype(np.float32)
    zeros = rng.integers(-5, 5, (6, 3)).astype(np.int8)
    names = ("quantised", "scales", "zeros")
    stored = [
        numpy_helper.from_array(array, name) for array, name in zip((quantised, scales, zeros), names, strict=True)
    ]
    stored += [numpy_helper.from_array(np.array([10, 6]), "shape"), numpy_helper.from_array(scales, "unused")]
    nodes = [
        helper.make_node("DequantizeLinear", ["quantised", "scales", "zeros"], ["plain"], axis=1, block_size=4),
        helper.make_node("Reshape", ["plain", "shape"], ["weight"]),
        helper.make_node("MatMul", ["values", "weight"], ["product"]),
    ]
    inputs = [helper.make_tensor_value_info("values", TensorProto.FLOAT, [1, 10])]
    inputs.append(helper.make_tensor_value_info("unused", TensorProto.FLOAT, [6, 3]))
    outputs = [helper.make_tensor_value_info("product", TensorProto.FLOAT, [1, 6])]
    graph = helper.make_graph(nodes, "quantised", inputs, outputs, stored)
    octets = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10).SerializeToString()

    expanded = onnx.ModelProto.FromString(prepare("quantised", octets))

    block = np.arange(10) // 4
    expected = (quantised.astype(np.float32) - zeros[:, block]) * scales[:, block]
    (weight,) = expanded.graph.initializer
    assert np.allclose(numpy_helper.to_array(weight), expected.reshape(10, 6))
    assert [value.name for value in expanded.graph.input] == ["values"]
    assert [node.op_type for node in expanded.graph.node] == ["MatMul"]


def test_a_pull_that_cannot_be_done_says_how_to_do_it_by_hand(tmp_path: Path) -> None:
    card = PEOPLE_CARDS[0]
    for url in ("https://127.0.0.1:9/model.onnx", "http://127.0.0.1:9/model.onnx", "file:///etc/hostname"):
        with pytest.raises(ModelMissing, match="by hand") as caught:
            pull_model(card, tmp_path / "models", url=url)
        assert str(tmp_path / "models" / card.file) in caught.value.message
    assert not (tmp_path / "models").exists()
