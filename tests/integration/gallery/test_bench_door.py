"""`doorward bench door` runs whole, finds its site again, and prints what docs/json.md shows."""

import json
import re
from pathlib import Path

import pytest

from commands_in_process import run_json
from shared_data import REPOSITORY


def test_it_measures_a_server_on_a_site_of_its_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = (
        "bench",
        "door",
        "--people",
        40,
        "--group",
        30,
        "--photos",
        6,
        "--clients",
        2,
        "--site",
        tmp_path / "bench",
    )
    status, answer = run_json(capsys, *asked)
    assert status == 0
    shown = re.search(
        r"^## `doorward bench door`\n.*?^```json\n(.*?)^```",
        (REPOSITORY / "docs" / "json.md").read_text(),
        re.MULTILINE | re.DOTALL,
    )
    assert shown is not None
    documented = json.loads(shown[1])
    assert answer.keys() == documented.keys()
    for name in ("one_by_one", "at_once"):
        assert answer[name].keys() == documented[name].keys()
        assert answer[name]["refused"] == 0
    assert (answer["people"], answer["group"], answer["named"], answer["named_wrongly"]) == (40, 30, 1, 0)
    status, again = run_json(capsys, *asked)
    assert (status, again["enrolled_per_s"], again["named"]) == (0, None, 1)
    status, refused = run_json(capsys, "bench", "door", "--people", 41, "--photos", 6, "--site", tmp_path / "bench")
    assert (status, refused["error"]["code"]) == (2, "wrong_use")
