"""What carrying costs is measured as it is decided: the probe as it is, the reference in few bits."""

import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from commands_in_process import run_json
from doorward.evaluation.rates import AllPairs, compare_all
from doorward.face.template import TemplateOrigin
from doorward.wiring.face.evaluating import EmbeddedPhotos
from doorward.wiring.face.measuring_credentials import measure_carried
from portraits import astronaut, grace_hopper

SUBJECTS, PHOTOS = 60, 4


def embedded(dimension: int) -> EmbeddedPhotos:
    """People whose photos are scattered around a vector of each one's own."""
    rng = np.random.default_rng(1)
    own = rng.normal(size=(SUBJECTS, 1, dimension))
    drawn = (own + 0.8 * rng.normal(size=(SUBJECTS, PHOTOS, dimension))).reshape(-1, dimension)
    vectors = (drawn / np.linalg.norm(drawn, axis=1, keepdims=True)).astype(np.float32)
    names = tuple((f"{subject:03}", photo) for subject in range(SUBJECTS) for photo in range(PHOTOS))
    return EmbeddedPhotos(names, (vectors,), (), 0, (TemplateOrigin("m", "test", "f32"),))


@pytest.mark.parametrize(("dimension", "bits", "most"), [(128, 8, 0.01), (512, 4, 0.06)])
def test_scores_change_as_little_as_the_bits_let_them(dimension: int, bits: int, most: float) -> None:
    measured = measure_carried(embedded(dimension), lambda _done: None)
    assert measured.bits == bits
    assert 0 < measured.largest_change < most
    assert len(measured.pairs.mated) == SUBJECTS * PHOTOS * (PHOTOS - 1) // 2
    point = measured.differences[1e-2]
    assert point is not None
    assert abs(point.value) < 0.05


def test_references_stand_for_the_second_of_each_pair() -> None:
    vectors = np.eye(4, dtype=np.float32)
    turned = np.roll(vectors, 1, axis=0)
    pairs: AllPairs = compare_all(vectors, np.array([0, 0, 1, 1]), references=turned)
    assert sorted(pairs.mated) == [1.0, 1.0]
    assert compare_all(vectors, np.array([0, 0, 1, 1])).mated.max() == 0


def test_the_command_tells_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, photo in (("Grace", grace_hopper()), ("Eileen", astronaut())):
        (tmp_path / name).mkdir()
        shutil.copy(photo, tmp_path / name / f"1{photo.suffix}")
        cv2.imwrite(str(tmp_path / name / "2.png"), cv2.flip(cv2.imread(str(photo)), 1))
    status, told = run_json(capsys, "evaluate", "credentials", tmp_path)
    assert (status, told["model"], told["bits"], told["mated"], told["non_mated"]) == (0, "sface", 8, 2, 4)
    assert set(told) == {"model", "bits", "mated", "non_mated", "largest_change", "tar"}
    assert {name for point in told["tar"] for name in point} == {"fmr", "kept", "carried", "difference", "low", "high"}
