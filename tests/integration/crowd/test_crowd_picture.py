"""`doorward crowd picture` as a person or a program runs it."""

import json
from pathlib import Path
from xml.etree import ElementTree

import cv2
import numpy as np
import pytest

from doorward.adapters.stores.crowd.interval_store import open_interval_store
from doorward.cli.program import run
from fakes.crowd_day import stored_day
from fakes.crowd_files import SCENE


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    (folder / "site.toml").touch()
    (folder / "hall.toml").write_text(SCENE)
    with open_interval_store(folder) as store:
        store.add(stored_day())
    return folder


@pytest.mark.parametrize("subject", ["heat", "flow", "density", "line"])
def test_it_is_drawn_as_svg_and_png(site: Path, subject: str, capsys: pytest.CaptureFixture[str]) -> None:
    base = ["crowd", "picture", subject, "hall", "--site", str(site), "--scene", str(site / "hall.toml")]
    vector, raster = site / f"{subject}.svg", site / f"{subject}.png"
    assert run([*base, "--out", str(vector), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"scene": "hall", "subject": subject, "file": str(vector)}
    words = " ".join("".join(text.itertext()) for text in ElementTree.parse(vector).iter() if text.tag.endswith("text"))
    assert "hall, 2026-05-01 12:00 to 14:00 UTC" in words
    assert run([*base, "--out", str(raster)]) == 0
    drawn = cv2.imread(str(raster))
    assert drawn is not None
    assert len(np.unique(drawn.reshape(-1, 3), axis=0)) > 20


def test_suppressed_squares_stay_blank(site: Path) -> None:
    """The ground beyond 14 m was shown nowhere: white, and everything before it is not."""
    path = site / "ground.png"
    assert run(["crowd", "picture", "heat", "hall", "--site", str(site), "--out", str(path)]) == 0
    drawn = cv2.imread(str(path))
    assert drawn is not None
    row = drawn[drawn.shape[0] // 2]
    ground = row[140:925]
    white = (ground == 255).all(axis=1)
    assert white[-90:-10].all()
    assert not white[:680].any()


@pytest.mark.parametrize(
    ("arguments", "status", "code"),
    [
        (["heat", "hall", "--out", "map.bmp"], 2, "wrong_use"),
        (["heat", "gate", "--out", "map.svg"], 1, "not_found"),
        (["heat", "hall", "--out", "/nowhere/map.svg"], 2, "wrong_use"),
        (["line", "hall", "--out", "map.svg"], 2, "wrong_use"),
        (["density", "hall", "--place", "attic", "--out", "map.svg"], 1, "not_found"),
        (["heat", "hall", "--from", "2027-01-01", "--out", "map.svg"], 1, "not_found"),
    ],
)
def test_what_cannot_be_drawn_is_said(
    site: Path, arguments: list[str], status: int, code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["crowd", "picture", *arguments, "--site", str(site), "--json"]) == status
    assert json.loads(capsys.readouterr().out)["error"]["code"] == code
