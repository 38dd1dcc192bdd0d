"""Every runtime fills the port ``ModelSession`` alike, and gives the same faces and templates."""

import numpy as np
import pytest

from doorward.adapters.face.cards import SFACE, YUNET
from doorward.adapters.models.card import ModelCard
from doorward.adapters.models.library import ModelPlaces
from doorward.adapters.models.opening import fastest_choice, open_session, read_model
from doorward.adapters.models.session import ModelSession, Precision, Runtime, RuntimeChoice, SessionOptions
from doorward.errors import ModelRefused

CHOICES = [
    RuntimeChoice(Runtime.ONNX_RUNTIME, Precision.F32),
    RuntimeChoice(Runtime.OPENVINO, Precision.F32),
    RuntimeChoice(Runtime.OPENVINO, Precision.BF16),
]
EXACT = CHOICES[0]
PREPARED = {card.name: read_model(card, ModelPlaces()) for card in (YUNET, SFACE)}


def session(card: ModelCard, choice: RuntimeChoice, shape: tuple[int, ...]) -> ModelSession:
    return open_session(card.name, PREPARED[card.name], SessionOptions(choice, threads=1, shape=shape))


@pytest.fixture(params=CHOICES, ids=lambda choice: f"{choice.runtime}-{choice.precision}")
def choice(request: pytest.FixtureRequest) -> RuntimeChoice:
    chosen: RuntimeChoice = request.param
    return chosen


def smooth(side: int, count: int = 1) -> np.ndarray:
    """Values as of a photo: waves, 0..255."""
    rng = np.random.default_rng(3)
    y, x = np.mgrid[0:side, 0:side] / side
    waves = [np.sin(x * a + y * b + c) for a, b, c in rng.uniform(2, 25, (count * 3, 3))]
    return (127.5 + 127.5 * np.array(waves, dtype=np.float32)).reshape(count, 3, side, side)


def test_embeddings_agree_for_any_batch(choice: RuntimeChoice) -> None:
    shape = (-1, 3, 112, 112)
    faces = smooth(112, count=3)
    (expected,) = session(SFACE, EXACT, shape).run(faces).values()
    tested = session(SFACE, choice, shape)
    assert tested.choice == choice
    for count in (1, 3, 2):
        (vectors,) = tested.run(faces[:count]).values()
        assert vectors.shape == (count, 128)
        assert vectors.dtype == np.float32
        cosines = (vectors * expected[:count]).sum(1) / np.linalg.norm(vectors, axis=1)
        cosines /= np.linalg.norm(expected[:count], axis=1)
        assert cosines.min() > (0.99 if choice.precision is Precision.BF16 else 0.99999)


def test_detections_agree_by_name(choice: RuntimeChoice) -> None:
    canvas = smooth(320)
    expected = session(YUNET, EXACT, canvas.shape).run(canvas)
    found = session(YUNET, choice, canvas.shape).run(canvas)
    assert set(found) == set(expected)
    tolerance = 0.15 if choice.precision is Precision.BF16 else 1e-3
    for name, values in expected.items():
        assert found[name].shape == values.shape
        assert np.abs(found[name] - values).mean() < tolerance


def test_results_are_the_callers_own(choice: RuntimeChoice) -> None:
    tested = session(SFACE, choice, (-1, 3, 112, 112))
    (first,) = tested.run(smooth(112)).values()
    before = first.copy()
    tested.run(255 - smooth(112))
    assert np.array_equal(first, before)


def test_what_does_not_fit_is_refused_in_words(choice: RuntimeChoice) -> None:
    with pytest.raises(ModelRefused, match="sface"):
        session(SFACE, choice, (-1, 3, 112, 112)).run(np.zeros((1, 3, 96, 96), dtype=np.float32))
    with pytest.raises(ModelRefused):
        open_session("noise", b"\x08\x08no model", SessionOptions(choice))


def test_the_fastest_choice_is_one_that_runs_here() -> None:
    chosen = fastest_choice(SFACE.name)
    assert session(SFACE, chosen, (-1, 3, 112, 112)).choice == chosen


def test_onnx_runtime_has_no_bf16() -> None:
    with pytest.raises(ModelRefused, match="f32"):
        open_session("sface", b"", SessionOptions(RuntimeChoice(Runtime.ONNX_RUNTIME, Precision.BF16)))
