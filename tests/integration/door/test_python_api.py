"""The README's six lines, run as they stand there."""

import re
from pathlib import Path

import pytest

from doorward.demo.portraits import Portrait
from doorward.wiring.face.site import Site

README = Path(__file__).parents[3] / "README.md"
CAMERA = "rtsp://reception.local/camera"


def test_the_six_lines_of_the_readme(
    identifying: Site,
    hopper: Portrait,
    camera: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    identifying.doorkeeper.add("Main door")
    identifying.close()
    (tmp_path / "visitor.jpg").write_bytes(hopper.path.read_bytes())
    (code,) = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    assert CAMERA in code
    assert len([line for line in code.splitlines() if line and not line.startswith("import")]) == 6
    monkeypatch.chdir(tmp_path)
    exec(compile(code.replace(CAMERA, camera).replace("my-site", "site"), str(README), "exec"), {})
    assert capsys.readouterr().out.splitlines() == ["The face is that of the enrolled person."] * 2
