"""The sources follow the rules of the house, and each rule notices when it is broken."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from architecture import source_rules
from shared_data import REPOSITORY

PACKAGE = REPOSITORY / "src" / "doorward"
# Written so that this file does not match itself.
ADDRESSES = (
    r"pypi\.(?:org|python)",
    "python" + "hosted",
    "(?:extra-)?index" + "-url",
    "find" + "-links",
    "/wo" + "rk/",
)

RULES: list[tuple[Callable[[Path], list[str]], str, str]] = [
    (source_rules.long_modules, "crowd/long.py", "x = 1\n" * 401),
    (source_rules.core_libraries, "crowd/broken.py", "from sqlalchemy import text"),
    (source_rules.core_libraries, "errors.py", "import click"),
    (source_rules.packages_that_import, "wiring/face/__init__.py", "from doorward import face"),
    (source_rules.outside_readers, "http/broken.py", "import os\nhome = os.environ['HOME']"),
    (source_rules.outside_readers, "cli/broken.py", "def f():\n    from os import getenv"),
    (source_rules.outside_readers, "wiring/broken.py", "import tomllib"),
    (source_rules.exclusions_without_reason, "cli/broken.py", "import os  # " + "noqa: F401"),
    (source_rules.exclusions_without_reason, "cli/broken.py", "x = y  # type" + ": ignore[attr-defined]"),
]


@pytest.mark.parametrize("rule", sorted({rule for rule, _, _ in RULES}, key=lambda rule: rule.__name__))
def test_the_sources_keep_the_rule(rule: Callable[[Path], list[str]]) -> None:
    assert rule(PACKAGE) == []


@pytest.mark.parametrize(("rule", "module", "text"), RULES)
def test_a_breach_is_noticed(rule: Callable[[Path], list[str]], module: str, text: str, tmp_path: Path) -> None:
    path = tmp_path / module
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    assert len(rule(tmp_path)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "import os  # " + "noqa: F401 - the test of the linter needs it",
        "x = y  # type" + ": ignore[attr-defined]  # the stub lags behind the library",
    ],
)
def test_an_exclusion_with_its_reason_is_accepted(text: str, tmp_path: Path) -> None:
    (tmp_path / "module.py").write_text(text)
    assert source_rules.exclusions_without_reason(tmp_path) == []


def test_the_tests_give_reasons_for_their_exclusions() -> None:
    assert source_rules.exclusions_without_reason(REPOSITORY / "tests") == []


def test_no_tracked_file_names_a_package_index_or_a_path_of_one_machine() -> None:
    assert source_rules.foreign_addresses(tracked_files(), ADDRESSES) == []


def test_an_address_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "constraints.txt"
    path.write_text("--" + "index" + "-url https://example.org/simple\nnumpy==2.0")
    assert len(source_rules.foreign_addresses([path], ADDRESSES)) == 1


def tracked_files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    return [path for name in listed.stdout.split("\0") if name and (path := REPOSITORY / name).is_file()]
