"""Processes that show a secret or could be dumped, and swap, in a process table made for the test."""

from pathlib import Path

import pytest

from doorward.wiring.doctor.processes import check_exposed_secrets, check_memory

LIMITS = "Limit              Soft Limit  Hard Limit  Units\nMax core file size {}           0           bytes\n"
TOKEN = "doorward_" + "0123456789abcdef" * 4 + "01234567"
SERVE = ("/usr/bin/python3", "/usr/bin/doorward", "serve")


def process(proc: Path, *arguments: str, environment: str = "HOME=/root", core: str = "0", swaps: str = "") -> Path:
    folder = proc / "4711"
    folder.mkdir(parents=True)
    (folder / "cmdline").write_text("\0".join(arguments) + "\0")
    (folder / "environ").write_text(environment + "\0PATH=/bin\0")
    (folder / "limits").write_text(LIMITS.format(core))
    (proc / "swaps").write_text("Filename Type Size Used Priority\n" + swaps)
    return proc


def told(proc: Path) -> list[str]:
    findings = [*check_exposed_secrets(proc), *check_memory(proc)]
    assert not any(TOKEN in str(finding) or "hunter2" in str(finding) for finding in findings)
    return [finding.id for finding in findings]


@pytest.fixture(autouse=True)
def _hardened(site: object) -> None:
    """An open site has hardened this process."""


@pytest.mark.parametrize(
    "environment",
    ["", "DOORWARD_PASSPHRASE_FILE=/run/passphrase", "DOORWARD_SITE=/srv/site", "MY_TOKEN=short", "DOORWARD_TOKEN="],
)
def test_a_quiet_process(tmp_path: Path, environment: str) -> None:
    assert told(process(tmp_path / "proc", *SERVE, environment=environment)) == []


@pytest.mark.parametrize(
    "environment", ["DOORWARD_PASSPHRASE=hunter2", f"CI_VARIABLE={TOKEN}", "DOORWARD_SITE_KEY=hunter2"]
)
def test_a_secret_in_the_environment(tmp_path: Path, environment: str) -> None:
    assert told(process(tmp_path / "proc", *SERVE, environment=environment)) == ["secret-in-environment"]


@pytest.mark.parametrize("argument", [TOKEN, f"--token={TOKEN}", "rtsp://guard:hunter2@192.0.2.1/door"])
@pytest.mark.parametrize("command", [("doorward", "checkpoint"), ("python3", "-m", "doorward"), SERVE])
def test_a_secret_on_the_command_line(tmp_path: Path, argument: str, command: tuple[str, ...]) -> None:
    assert told(process(tmp_path / "proc", *command, argument)) == ["secret-on-command-line"]


def test_other_programs_are_none_of_its_business(tmp_path: Path) -> None:
    assert told(process(tmp_path / "proc", "curl", "-H", TOKEN, environment=f"TOKEN={TOKEN}", core="unlimited")) == []


def test_a_process_that_may_be_dumped(tmp_path: Path) -> None:
    assert told(process(tmp_path / "proc", *SERVE, core="unlimited")) == ["core-dumps"]


@pytest.mark.parametrize(
    ("swaps", "found"), [("/dev/sda2 partition 9 0 -2\n", True), ("/dev/zram0 partition 9 0 5\n", False)]
)
def test_swap(tmp_path: Path, swaps: str, found: bool) -> None:
    assert told(process(tmp_path / "proc", *SERVE, swaps=swaps)) == ["swap-in-use"] * found
