"""The counting process by itself: what it may not touch, what it leaves behind, and what its token opens."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from doorward.adapters.backup.encryption import make_identity
from doorward.adapters.stores.crowd.interval_store import open_interval_store
from doorward.cli.program import run
from doorward.http.app import guarded_routes
from doorward.kernel.permissions import Scope
from doorward.wiring.face.api import create
from doorward.wiring.face.backup import create_backup
from fakes.crowd_files import write_overhead_clip
from integration.http.running import run as serve
from privileges import bound_by_permissions

THEIRS = ("data.db", "keys.db", "site.key", "models/sface.onnx")
"""Files of the other side; here without any permission, as another user's are."""


def test_it_needs_no_file_of_people_and_writes_into_one_folder_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site = tmp_path / "site"
    (site / "crowd").mkdir(parents=True)
    (site / "models").mkdir()
    (site / "site.toml").touch()
    clip, scene = write_overhead_clip(tmp_path)
    for name in THEIRS:
        (site / name).write_bytes(b"of people")
        (site / name).chmod(0)
    site.chmod(0o555)
    arguments = ["crowd", "run", "hall", "--source", str(clip), "--scene", str(scene), "--site", str(site), "--json"]
    with bound_by_permissions():
        for name in THEIRS:
            with pytest.raises(PermissionError):
                (site / name).read_bytes()
        assert run(arguments) == 0, capsys.readouterr().out
        assert run(["crowd", "intervals", "hall", "--site", str(site), "--json"]) == 0
        assert run(["crowd", "alarms", "--site", str(site), "--json"]) == 0
    site.chmod(0o755)
    assert {path.name for path in site.iterdir()} == {"crowd", "models", "site.toml", "data.db", "keys.db", "site.key"}
    assert {path.name for path in (site / "crowd").iterdir()} <= {"crowd.db", "crowd.db-wal", "crowd.db-shm"}
    with open_interval_store(site) as store:
        assert store.scenes() == ("hall",)


PROGRAM = """
import ctypes, os, resource, sys
written = set()
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT
def note(event, args):
    if event == "open" and isinstance(args[2], int) and args[2] & WRITES:
        written.add(str(args[0]))
sys.addaudithook(note)
from doorward.cli.program import run
status = run(sys.argv[1:])
print({"status": status, "written": sorted(written), "core": resource.getrlimit(resource.RLIMIT_CORE)[0],
       "dumpable": ctypes.CDLL(None).prctl(3, 0, 0, 0, 0)})
"""


def test_frames_are_written_nowhere_and_a_crash_leaves_no_memory(tmp_path: Path) -> None:
    """Not into the working folder, the home folder or the one for temporary files, and no core can be dumped."""
    places = {name: tmp_path / name for name in ("site", "home", "temporary", "work")}
    for place in places.values():
        place.mkdir()
    (places["site"] / "site.toml").touch()
    clip, scene = write_overhead_clip(tmp_path)
    arguments = ["--source", str(clip), "--scene", str(scene), "--site", str(places["site"])]
    done = subprocess.run(
        [sys.executable, "-B", "-c", PROGRAM, "crowd", "run", "hall", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        cwd=places["work"],
        env=os.environ | {"HOME": str(places["home"]), "TMPDIR": str(places["temporary"])},
    )
    told = eval(done.stdout.splitlines()[-1])  # a dictionary that the program above prints
    assert told == {"status": 0, "written": [], "core": 0, "dumpable": 0 if sys.platform == "linux" else 1}
    left = {path.relative_to(tmp_path).as_posix() for place in places.values() for path in place.rglob("*")}
    assert left <= {f"site/{name}" for name in ("site.toml", "crowd.db", "crowd.db-wal", "crowd.db-shm")}
    assert sum((tmp_path / name).stat().st_size for name in left) < 400_000, "a picture of 320 x 180 has 172,800 bytes"


def test_a_token_for_crowds_opens_nothing_of_people(tmp_path: Path) -> None:
    with create(tmp_path / "site", key_file=tmp_path / "site.key") as site, serve(site) as running:
        for scope in (Scope.CROWD_READ, Scope.CROWD_ACKNOWLEDGE):
            client = running.client(scope)
            opened = {
                path
                for method, path in guarded_routes()
                if client.request(method, path.replace("{", "").replace("}", "")).status_code != 403
            }
            assert all(path.startswith("/v1/crowd/") for path in opened), opened


def test_what_lies_in_its_own_folder_is_backed_up_too(tmp_path: Path) -> None:
    with create(tmp_path / "site", key_file=tmp_path / "site.key") as site:
        (site.folder / "crowd").mkdir()
        with open_interval_store(site.folder):
            pass
        assert (site.folder / "crowd" / "crowd.db").is_file()
        made = create_backup(site, tmp_path / "backups", make_identity(tmp_path / "identity.txt"))
    assert "crowd.db" in {file.name for file in made.manifest.files}
