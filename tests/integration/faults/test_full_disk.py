"""Every act on a disk that is nearly full: what fits is done, what does not is refused, and nothing is half done."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from shared_data import REPOSITORY

SCRIPT = Path(__file__).with_name("full_disk.py")
APART = ("unshare", "--mount", *(() if os.geteuid() == 0 else ("--user", "--map-root-user")))


def ways() -> list[str]:
    """A limit on the size of files needs no right. A disk of its own needs one that not every container gives."""
    try:
        mounts = subprocess.run([*APART, "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True, check=False)
    except FileNotFoundError:
        return ["limit"]
    return ["limit", "disk"] if mounts.returncode == 0 else ["limit"]


@pytest.mark.parametrize("way", ways())
def test_every_act_on_a_disk_that_fills(tmp_path: Path, way: str) -> None:
    command = [*(APART if way == "disk" else ()), sys.executable, str(SCRIPT), str(tmp_path), way]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY / "src")}
    ran = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=300, check=False)
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)
    assert told.pop("found") == []
    assert told["refused"] > 0
    assert told["acknowledged"] > 0
