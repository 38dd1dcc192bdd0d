"""The documents agree with the code: links, commands, error codes, decisions, dependencies."""

import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from docs import commands
from doorward import errors
from doorward.cli.program import program
from doorward.crowd.alarms import AlarmRules
from doorward.settings.crowd.alarms_file import load_alarms
from doorward.settings.crowd.scene_file import load_scene
from shared_data import REPOSITORY

DOCUMENTS = sorted([*REPOSITORY.glob("*.md"), *(REPOSITORY / "docs").rglob("*.md")])
DECISIONS = sorted((REPOSITORY / "docs" / "adr").glob("[0-9][0-9][0-9][0-9]-*.md"))
LINK = re.compile(r"\[[^]]*\]\(([^)\s]+)\)|<img [^>]*src=\"([^\"]+)\"")
FIELDS = ("- Status: ", "- Date: ", "## Context", "## Decision", "## Drawbacks", "## Alternatives")


def name_of(path: Path) -> str:
    return path.relative_to(REPOSITORY).as_posix()


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_relative_links_resolve(document: Path) -> None:
    assert broken_links(document) == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_command_line_exists(document: Path) -> None:
    assert wrong_commands(document.read_text(), program) == []


def broken_links(document: Path) -> list[str]:
    targets = [first or second for first, second in LINK.findall(document.read_text())]
    return [target for target in targets if not resolves(document, target)]


def resolves(document: Path, target: str) -> bool:
    if re.match(r"[a-z]+:", target):
        return True
    path, _, anchor = target.partition("#")
    file = document.parent / path if path else document
    return file.exists() and (not anchor or anchor in anchors(file.read_text()))


def anchors(text: str) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def wrong_commands(text: str, tree: click.Group) -> list[str]:
    wanted = [(line, True) for line in commands.shown_in_full(text)]
    wanted += [(line, False) for line in commands.mentioned(text)]
    return [f"{line}: {problem}" for line, whole in wanted if (problem := commands.complaint(tree, line, whole))]


def test_every_error_code_is_listed_with_its_statuses() -> None:
    text = (REPOSITORY / "docs" / "errors.md").read_text()
    listed = re.findall(r"^\| `(\w+)` \| (\d+) \| (\d) \|", text, re.MULTILINE)
    expected = [(error.code, str(error.status), str(error.exit_status)) for error in error_classes()]
    assert sorted(listed) == sorted(expected)


def error_classes(root: type[errors.DoorwardError] = errors.DoorwardError) -> Iterator[type[errors.DoorwardError]]:
    yield root
    for error in root.__subclasses__():
        if error.__module__ == errors.__name__:
            yield from error_classes(error)


@pytest.mark.parametrize("decision", DECISIONS, ids=name_of)
def test_a_decision_has_its_fields(decision: Path) -> None:
    text = decision.read_text()
    assert [field for field in FIELDS if f"\n{field}" not in text] == []
    assert text.startswith(f"# {decision.name[:4]} ")


def test_decisions_are_numbered_without_gaps_and_listed() -> None:
    assert [path.name[:4] for path in DECISIONS] == [f"{n:04}" for n in range(1, len(DECISIONS) + 1)]
    index = (REPOSITORY / "docs" / "adr" / "README.md").read_text()
    assert [path.name for path in DECISIONS if f"({path.name})" not in index] == []


def test_every_dependency_has_its_line() -> None:
    text = (REPOSITORY / "docs" / "adr" / "dependencies.md").read_text()
    listed = re.findall(r"^\| ([\w-]+) \|", text, re.MULTILINE)[:]
    assert sorted(name for name in listed if name != "package") == sorted(dependencies())


def dependencies() -> Iterator[str]:
    settings = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())
    project = settings["project"]
    extras = [line for lines in project["optional-dependencies"].values() for line in lines]
    for line in [*project["dependencies"], *extras, *settings["dependency-groups"]["dev"]]:
        yield re.split(r"[^\w-]", line)[0]


def toml_in(document: str, place: int = 0) -> str:
    """The document's first block of TOML, or a later one."""
    text = (REPOSITORY / "docs" / document).read_text(encoding="utf-8")
    return str(re.findall(r"```toml\n(.*?)```", text, re.DOTALL)[place])


def test_the_guides_scene_can_be_read(tmp_path: Path) -> None:
    scene = tmp_path / "scene.toml"
    scene.write_text(toml_in("guide.md"), encoding="utf-8")
    read = load_scene(scene, "hall")
    assert [line.id for line in read.lines] == ["door"]
    assert [zone.id for zone in read.zones] == ["hall"]


def test_what_more_a_scene_can_say_can_be_read(tmp_path: Path) -> None:
    scene = tmp_path / "scene.toml"
    values, gap, tables = toml_in("crowd.md").partition("\n\n")
    scene.write_text(values + "\n" + toml_in("guide.md") + gap + tables, encoding="utf-8")
    read = load_scene(scene, "hall")
    assert read.walkable_ground.area == 16 * 9
    assert [(area.id, len(area.entrances)) for area in read.areas] == [("house", 2)]
    assert read.levels is not None
    assert read.levels.zone_service.id == "hcm-area"


def test_the_alarms_file_of_the_document_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "alarms.toml").write_text(toml_in("crowd.md", 1), encoding="utf-8")
    for secret in ("broker.password", "webhook.secret"):
        (tmp_path / secret).write_text("secret")
        (tmp_path / secret).chmod(0o600)
    settings = load_alarms(tmp_path / "alarms.toml")
    assert [(receiver.is_broker, receiver.hand_over) for receiver in settings.receivers] == [
        (True, False),
        (False, True),
    ]
    assert settings.rules == AlarmRules()


def test_the_service_of_the_document_holds_the_crowd_s_user_apart(tmp_path: Path) -> None:
    (text,) = re.findall(r"```ini\n(.*?)```", (REPOSITORY / "docs" / "crowd.md").read_text(encoding="utf-8"), re.DOTALL)
    unit = dict(line.split("=", 1) for line in text.splitlines() if "=" in line and not line.startswith("SystemCall"))
    assert unit["User"] == "doorward-crowd"
    assert (unit["LimitCORE"], unit["CapabilityBoundingSet"]) == ("0", "")
    assert unit["ReadWritePaths"] == "/srv/doorward/crowd"
    assert {"-/srv/doorward/data.db", "-/srv/doorward/keys"} <= set(unit["InaccessiblePaths"].split())
    switches = ("NoNewPrivileges", "PrivateTmp", "PrivateDevices", "ProtectHome", "RestrictNamespaces")
    assert {unit[switch] for switch in switches} == {"yes"}
    verifier = shutil.which("systemd-analyze")
    if verifier is not None:
        service = tmp_path / "doorward-crowd.service"
        service.write_text(text.replace("/usr/local/bin/doorward", sys.executable), encoding="utf-8")
        told = subprocess.run([verifier, "verify", service], capture_output=True, text=True)
        assert (told.returncode, told.stderr) == (0, "")
