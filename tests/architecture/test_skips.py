"""Where CI says that everything is there, a skipped test fails the run and is named."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from shared_data import REPOSITORY

SUITE = "import pytest\ndef test_runs(): pass\ndef test_waits(): pytest.skip('no data here')\n"


@pytest.mark.parametrize(("ci", "status"), [("true", 1), ("false", 0)])
@pytest.mark.parametrize("workers", [(), ("-n", "1")], ids=["alone", "xdist"])
def test_a_skip_fails_only_under_ci(tmp_path: Path, ci: str, status: int, workers: tuple[str, ...]) -> None:
    shutil.copy(REPOSITORY / "tests" / "conftest.py", tmp_path)
    (tmp_path / "test_suite.py").write_text(SUITE)
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *workers, str(tmp_path)],
        cwd=tmp_path,
        env={**os.environ, "CI": ci},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == status, ran.stdout + ran.stderr
    assert ("test_suite.py::test_waits" in ran.stdout) == (ci == "true")
