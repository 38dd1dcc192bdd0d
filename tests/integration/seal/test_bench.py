"""`doorward bench seal` runs whole and prints what docs/json.md shows."""

import json
import re

import pytest

from commands_in_process import run_json
from shared_data import REPOSITORY


def test_it_measures_both_sides_over_the_same_people(capsys: pytest.CaptureFixture[str]) -> None:
    status, answer = run_json(capsys, "bench", "seal", "--people", "30")
    assert status == 0
    shown = re.search(
        r"^## `doorward bench seal`\n.*?^```json\n(.*?)^```",
        (REPOSITORY / "docs" / "json.md").read_text(),
        re.MULTILINE | re.DOTALL,
    )
    assert shown is not None
    documented = json.loads(shown[1])
    assert answer.keys() == documented.keys()
    assert answer["unsealed"].keys() == documented["unsealed"].keys()
    assert answer["people"] == 30
    assert answer["unsealed"]["rotate_s"] is None
    assert all(value > 0 for name, value in answer.items() if name != "unsealed")
