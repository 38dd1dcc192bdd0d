"""Scene files: read, and refused with a sentence that names the entry."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorward.crowd.scene import Line
from doorward.errors import DoorwardError, SiteMissing, WrongUse
from doorward.settings.crowd.scene_file import load_scene
from doorward.settings.crowd.site import crowd_site

GOOD = """
image = { width = 640, height = 360 }
mount_height = 6

[detector]
person_radius = 0.2

[[points]]
image = [0, 0]
ground = [0.0, 9.0]
[[points]]
image = [640, 0]
ground = [16.0, 9.0]
[[points]]
image = [640, 360]
ground = [16.0, 0.0]
[[points]]
image = [0, 360]
ground = [0.0, 0.0]

[[lines]]
id = "door"
from = [8, 0]
to = [8, 9]

[[zones]]
id = "hall"
name = "Great hall"
corners = [[3, 1], [13, 1], [13, 8], [3, 8]]
"""


def load(tmp_path: Path, text: str) -> object:
    path = tmp_path / "scene.toml"
    path.write_text(text, encoding="utf-8")
    return load_scene(path, "hall")


def test_a_scene_is_read(tmp_path: Path) -> None:
    scene = load(tmp_path, GOOD)
    assert scene.size == (640, 360)
    assert scene.mount_height == 6.0
    assert scene.hysteresis == 0.3
    assert scene.person_radius == 0.2
    assert scene.lines == (Line("door", "door", (8.0, 0.0), (8.0, 9.0)),)
    assert scene.zones[0].name == "Great hall"
    assert scene.zones[0].polygon.area == pytest.approx(70)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("image = { width = 640, height = 360 }", "", "image"),
        ("width = 640", "width = -1", "width"),
        ("width = 640", 'width = "wide"', "width"),
        ("mount_height = 6", "mount_height = 0", "mount height"),
        ("mount_height = 6", "mount_hieght = 6", "mount_hieght"),
        ("mount_height = 6", "hysteresis = nan", "hysteresis"),
        ("mount_height = 6", "hysteresis = 5", "hysteresis"),
        ("person_radius = 0.2", "person_radius = 9", "person radius"),
        ("person_radius = 0.2", 'name = "psychic"', "detector"),
        ("ground = [16.0, 9.0]", "ground = [0.0, 4.5]", "line"),
        ("ground = [16.0, 9.0]", "ground = [16.0]", "ground"),
        ("[[points]]\nimage = [0, 360]\nground = [0.0, 0.0]", "", "4 to 8"),
        ("to = [8, 9]", "to = [8, 0]", "shorter"),
        ("to = [8, 9]", "to = 8", "to"),
        ('id = "door"', 'id = "Door one"', "id"),
        ('id = "door"', "", "id"),
        ("corners = [[3, 1], [13, 1], [13, 8], [3, 8]]", "corners = [[3, 1], [13, 8], [13, 1], [3, 8]]", "polygon"),
        ("corners = [[3, 1], [13, 1], [13, 8], [3, 8]]", "corners = [[3, 1], [13, 1]]", "polygon"),
        ("[[zones]]", "[zones]", "zones"),
        ("[[lines]]", "[[lines]", "TOML"),
        ("mount_height = 6", "walkable = [[0, 0], [1, 1]]", "walkable"),
        ("mount_height = 6", "walkable = 7", "corners"),
        ("[[zones]]", "[[zones]]\nlimit = 0", "limit"),
        ("[detector]", "[tracker]\nname = 'deepsort'\n[detector]", "motion only"),
        ("[detector]", "[levels]\nzone_safety = 'none'\n[detector]", "none"),
        ("[detector]", "[levels]\nfile = 'missing.toml'\n[detector]", "missing.toml"),
        ("[detector]", "levels = 3\n[detector]", "levels"),
        ("[detector]", "[closing]\ntimezone = 'UTC'\n[detector]", "time"),
        ("[detector]", "[closing]\ntime = 04:00:00\ntimezone = 'Middle/Earth'\n[detector]", "timezone"),
        ("[detector]", "[closing]\ntime = 04:00:00\ntimezone = '../etc'\n[detector]", "timezone"),
        ("[[zones]]", "[[areas]]\nid = 'house'\n[[zones]]", "entrance"),
        ("[[zones]]", "[[areas]]\nid = 'house'\nentrances = ['gate']\n[[zones]]", "gate"),
        ("[[zones]]", "[[areas]]\nid = 'house'\nentrances = 'door'\n[[zones]]", "list"),
        ("[[zones]]", "[[areas]]\nid = 'house'\nentrances = ['door']\nzones = ['attic']\n[[zones]]", "attic"),
        ("[[zones]]", "[[areas]]\nid = 'A B'\nentrances = ['door']\n[[zones]]", "area id"),
    ],
)
def test_what_does_not_fit_is_named(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in GOOD
    with pytest.raises(WrongUse) as caught:
        load(tmp_path, GOOD.replace(old, new, 1))
    assert said in caught.value.message
    assert caught.value.exit_status == 2


def test_neither_line_nor_zone_and_one_id_twice(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="neither"):
        load(tmp_path, GOOD.partition("[[lines]]")[0])
    with pytest.raises(WrongUse, match="twice"):
        load(tmp_path, GOOD + '[[lines]]\nid = "door"\nfrom = [4, 0]\nto = [4, 9]\n')


def test_files_that_are_no_scene(tmp_path: Path) -> None:
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe\x00")
    for path in (tmp_path / "missing.toml", tmp_path / "bytes.toml", tmp_path):
        with pytest.raises(WrongUse):
            load_scene(path, "hall")


@given(st.text(max_size=200))
def test_no_text_brings_anything_but_our_own_error(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    with pytest.raises(DoorwardError):
        load(tmp_path_factory.getbasetemp(), text)


def test_the_site_is_the_one_named_else_the_environments_else_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "site.toml").touch()
    monkeypatch.delenv("DOORWARD_SITE", raising=False)
    assert crowd_site(tmp_path / "one") == tmp_path / "one"
    monkeypatch.chdir(tmp_path / "one")
    assert crowd_site(None) == Path(".")
    monkeypatch.setenv("DOORWARD_SITE", str(tmp_path))
    with pytest.raises(SiteMissing):
        crowd_site(None)
