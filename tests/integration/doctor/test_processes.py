"""Processes that show a secret or could be dumped, and swap, in a process table made for the test."""

import os
from pathlib import Path

import pytest

from doorward.wiring.doctor.finding import Severity
from doorward.wiring.doctor.memory import KEYS_NEED, check_memory
from doorward.wiring.doctor.processes import check_exposed_secrets, check_units

LIMITS = """Limit                     Soft Limit           Hard Limit           Units
Max core file size        {core:<20} unlimited            bytes
Max locked memory         {locked:<20} unlimited            bytes
"""
ANY_CAPABILITY, NO_CAPABILITY = "000001ffffffffff", "0000000000000000"
TOKEN = "doorward_" + "0123456789abcdef" * 4 + "01234567"
SERVE = ("/usr/bin/python3", "/usr/bin/doorward", "serve")


def process(
    proc: Path,
    *arguments: str,
    environment: str = "HOME=/root",
    core: str = "0",
    locked: str = "unlimited",
    capabilities: str = NO_CAPABILITY,
    swaps: str = "",
) -> Path:
    folder = proc / "4711"
    folder.mkdir(parents=True)
    (folder / "cmdline").write_text("\0".join(arguments) + "\0")
    (folder / "environ").write_text(environment + "\0PATH=/bin\0")
    (folder / "limits").write_text(LIMITS.format(core=core, locked=locked))
    (folder / "status").write_text(f"Name:\tdoorward\nCapEff:\t{capabilities}\n")
    (proc / "swaps").write_text("Filename Type Size Used Priority\n" + swaps)
    return proc


def told(proc: Path, system: Path = Path("/sys")) -> list[str]:
    findings = [*check_exposed_secrets(proc, {}), *check_memory(proc, system)]
    assert not any(TOKEN in str(finding) or "hunter2" in str(finding) for finding in findings)
    return [finding.id for finding in findings]


@pytest.fixture(autouse=True)
def _hardened(site: object) -> None:
    """An open site has hardened this process."""


@pytest.mark.parametrize(
    "environment",
    [
        "",
        "DOORWARD_PASSPHRASE_FILE=/run/passphrase",
        "DOORWARD_SITE=/srv/site",
        "DOORWARD_TOKEN=",
        "TOKENIZERS_PARALLELISM=false",
        "GPG_KEY=A035C8C19219BA821ECEA86B64E628F8D684696D",
        "VAULT_TOKEN_PATH=/run/token",
    ],
)
def test_a_quiet_process(tmp_path: Path, environment: str) -> None:
    assert told(process(tmp_path / "proc", *SERVE, environment=environment)) == []


@pytest.mark.parametrize(
    "environment", ["DOORWARD_PASSPHRASE=hunter2", f"CI_VARIABLE={TOKEN}", "DOORWARD_SITE_KEY=hunter2"]
)
def test_a_secret_in_the_environment(tmp_path: Path, environment: str) -> None:
    assert told(process(tmp_path / "proc", *SERVE, environment=environment)) == ["secret-in-environment"]


@pytest.mark.parametrize("name", ["MY_TOKEN", "AWS_SECRET_ACCESS_KEY", "PGPASSWORD", "secret_key_base", "apikey"])
def test_somebody_elses_secret_in_the_environment(tmp_path: Path, name: str) -> None:
    assert told(process(tmp_path / "proc", *SERVE, environment=f"{name}=hunter2")) == ["foreign-secret-in-environment"]


def test_this_process_is_seen_where_the_system_hides_it(tmp_path: Path) -> None:
    """As it does from every user but root, once the process cannot be dumped."""
    (tmp_path / "proc" / str(os.getpid())).mkdir(parents=True)
    (found,) = check_exposed_secrets(tmp_path / "proc", {"DOORWARD_PASSPHRASE": "hunter2"})
    assert (found.id, found.severity) == ("secret-in-environment", Severity.CRITICAL)


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("Environment=DOORWARD_PASSPHRASE=hunter2", "DOORWARD_PASSPHRASE"),
        ("Environment=A=1 'DB_PASSWORD=hunter2 x' \"MY_TOKEN=hunter2\"", "DB_PASSWORD, MY_TOKEN"),
        (f"ExecStart=/usr/bin/doorward checkpoint --token {TOKEN}", "ExecStart"),
        ("Environment=DOORWARD_PASSPHRASE_FILE=/run/credentials/passphrase", None),
        ("Environment='DOORWARD_PASSPHRASE=hunter2", None),
        ("# Environment=DOORWARD_PASSPHRASE=hunter2", None),
        ("LoadCredential=passphrase:/etc/doorward/passphrase", None),
    ],
)
@pytest.mark.parametrize("place", ["doorward.service", "door.service", "doorward.service.d/local.conf"])
def test_a_secret_in_a_unit(tmp_path: Path, line: str, names: str | None, place: str) -> None:
    (tmp_path / place).parent.mkdir(exist_ok=True)
    (tmp_path / place).write_text(f"[Service]\nExecStart=/usr/bin/doorward serve\n{line}\n")
    (tmp_path / "other.service").write_text("[Service]\nEnvironment=DB_PASSWORD=hunter2\n")
    (tmp_path / "gone.service").symlink_to(tmp_path / "nowhere")
    findings = list(check_units([tmp_path, tmp_path / "absent"]))
    assert [finding.what for finding in findings] == (
        [f"The unit {tmp_path / place} holds a secret in {names}."] if names else []
    )


@pytest.mark.parametrize("argument", [TOKEN, f"--token={TOKEN}", "rtsp://guard:hunter2@192.0.2.1/door"])
@pytest.mark.parametrize(
    "command",
    [
        ("doorward", "checkpoint"),
        ("python3", "-m", "doorward"),
        ("python3", "-X", "dev", "-m", "doorward.cli"),
        ("python3.11", "-m", "debugpy", "--listen", "5678", "/usr/bin/doorward"),
        SERVE,
    ],
)
def test_a_secret_on_the_command_line(tmp_path: Path, argument: str, command: tuple[str, ...]) -> None:
    assert told(process(tmp_path / "proc", *command, argument)) == ["secret-on-command-line"]


@pytest.mark.parametrize("program", [("curl", "-H"), ("tail", "-f", "/var/log/doorward"), ("python3", "-m", "other")])
def test_other_programs_are_none_of_its_business(tmp_path: Path, program: tuple[str, ...]) -> None:
    proc = process(tmp_path / "proc", *program, TOKEN, environment=f"TOKEN={TOKEN}", core="unlimited", locked="0")
    assert told(proc) == []


def test_a_process_that_may_be_dumped(tmp_path: Path) -> None:
    assert told(process(tmp_path / "proc", *SERVE, core="unlimited")) == ["core-dumps"]


@pytest.mark.parametrize(
    ("locked", "capabilities", "swaps", "severity"),
    [
        ("unlimited", NO_CAPABILITY, True, None),
        ("0", ANY_CAPABILITY, True, None),
        (str(KEYS_NEED), NO_CAPABILITY, False, Severity.NOTE),
        (str(KEYS_NEED - 1), NO_CAPABILITY, False, Severity.WARNING),
        (str(KEYS_NEED), NO_CAPABILITY, True, Severity.WARNING),
    ],
)
def test_memory_that_cannot_be_locked(
    tmp_path: Path, locked: str, capabilities: str, swaps: bool, severity: Severity | None
) -> None:
    swap = "/dev/none partition 9 0 -2\n" if swaps else ""
    proc = process(tmp_path / "proc", *SERVE, locked=locked, capabilities=capabilities, swaps=swap)
    found = {finding.id: finding.severity for finding in check_memory(proc)}
    assert found.get("memory-not-locked") == severity
    assert ("swap-in-use" in found) is swaps


def block_devices(system: Path) -> Path:
    """A disk, a partition, LVM on the partition, LVM on LUKS, and zram with and without a disk behind it."""
    under: dict[str, dict[str, str]] = {
        "sda": {},
        "sda2": {},
        "dm-0": {"dm/uuid": "LVM-abc", "slaves/sda2": ""},
        "dm-1": {"dm/uuid": "CRYPT-LUKS2-abc-cryptswap", "slaves/sda2": ""},
        "dm-2": {"dm/uuid": "LVM-def", "slaves/dm-1": ""},
        "dm-3": {"dm/uuid": "LVM-ghi", "slaves/dm-1": "", "slaves/sda2": ""},
        "zram0": {"backing_dev": "none\n"},
        "zram1": {"backing_dev": "/dev/sda2\n"},
        "zram2": {"backing_dev": "/dev/dm-1\n"},
    }
    (system / "class/block").mkdir(parents=True)
    for name, files in under.items():
        device = system / "devices" / name
        device.mkdir(parents=True)
        (system / "class/block" / name).symlink_to(device)
        for file, text in files.items():
            (device / file).parent.mkdir(exist_ok=True)
            if file.startswith("slaves/"):
                (device / file).symlink_to(system / "devices" / Path(file).name)
            else:
                (device / file).write_text(text)
    return system


@pytest.mark.parametrize(
    ("swap", "is_readable"),
    [
        ("/dev/sda2", True),
        ("/dev/dm-0", True),
        ("/dev/dm-1", False),
        ("/dev/dm-2", False),
        ("/dev/dm-3", True),
        ("/dev/zram0", False),
        ("/dev/zram1", True),
        ("/dev/zram2", False),
        ("/dev/unheard-of", True),
    ],
)
def test_swap(tmp_path: Path, swap: str, is_readable: bool) -> None:
    proc = process(tmp_path / "proc", *SERVE, swaps=f"{swap} partition 9 0 -2\n")
    assert told(proc, block_devices(tmp_path / "sys")) == ["swap-in-use"] * is_readable


@pytest.mark.parametrize(("device", "is_readable"), [("sda2", True), ("dm-1", False), (None, True)])
def test_a_swap_file_is_as_readable_as_the_disk_it_lies_on(
    tmp_path: Path, device: str | None, is_readable: bool
) -> None:
    system = block_devices(tmp_path / "sys")
    swap = tmp_path / "swap file"
    swap.touch()
    if device:
        number = swap.stat().st_dev
        (system / "dev/block").mkdir(parents=True)
        (system / f"dev/block/{os.major(number)}:{os.minor(number)}").symlink_to(system / "devices" / device)
    escaped = str(swap).replace(" ", r"\040")
    assert (
        told(process(tmp_path / "proc", *SERVE, swaps=f"{escaped} file 9 0 -2\n"), system)
        == ["swap-in-use"] * is_readable
    )
