"""`doorward bench checkpoint` runs whole and prints what docs/json.md shows."""

import json
import re

import pytest

from commands_in_process import run_json
from shared_data import REPOSITORY


def test_it_counts_the_cameras_that_one_core_carries(capsys: pytest.CaptureFixture[str]) -> None:
    options = ("--width", "320", "--height", "240", "--sent", "5", "--seconds", "1", "--people", "100")
    status, answer = run_json(capsys, "bench", "checkpoint", *options, "--most", "2")
    assert status == 0
    shown = re.search(
        r"^## `doorward bench checkpoint`\n.*?^```json\n(.*?)^```",
        (REPOSITORY / "docs" / "json.md").read_text(),
        re.MULTILINE | re.DOTALL,
    )
    assert shown is not None
    assert answer.keys() == json.loads(shown[1]).keys()
    assert (answer["size"], answer["looks"]) == ([320, 240], 5)
    assert 0 < answer["faces"] <= answer["looks"]
    assert answer["detect_ms"] > 0
    assert 0 <= answer["streams"] <= 2
    assert answer["looks_done"] <= answer["looks_due"]
