"""Commands run in this process, as a person would type them."""

import json
from typing import Any

import pytest

from doorward.cli.program import run


def run_json(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, dict[str, Any]]:
    """Exit status, and the one JSON object that standard output holds."""
    capsys.readouterr()
    status = run([*map(str, arguments), "--json"])
    printed = capsys.readouterr().out
    answer = json.loads(printed)
    assert isinstance(answer, dict)
    assert printed.count("\n") == 1
    return status, answer
