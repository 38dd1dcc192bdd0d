"""What Doorward's processes show of themselves to others: secrets in their environment, on command lines, in units."""

import os
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from doorward.adapters.processes import PROC, ShownProcess, own_processes
from doorward.settings.environment import variables
from doorward.wiring.doctor.finding import Finding, Severity

UNITS = tuple(Path(folder) for folder in ("/etc/systemd/system", "/run/systemd/system", "/usr/lib/systemd/system"))
"""Where systemd reads units, systemd.unit(5)."""

_SECRET_VALUE = re.compile(r"doorward_[0-9a-f]{64}|AGE-SECRET-KEY-1|://[^/\s:@]+:[^/\s@]+@")
_SECRET_NAME = re.compile(
    r"\w*(PASSPHRASE|PASSWORD|PASSWD)\w*|(\w*_)?(SECRET|TOKEN|(API|ACCESS|PRIVATE)_?KEY)(_\w*)?", re.IGNORECASE
)
_OWN_SECRET_NAME = re.compile(r"DOORWARD_\w*(PASSPHRASE|PASSWORD|SECRET|TOKEN|KEY)\w*")
_NAMES_A_PLACE = re.compile(r"\w*_(FILE|PATH|DIR|FOLDER|URL|URI|SOCK)", re.IGNORECASE)
_LARGEST_UNIT = 65_536
_PASSES = "Every child process, crash report and list of processes shows it to others."


def check_exposed_secrets(proc: Path = PROC, own: Mapping[str, str] | None = None) -> Iterator[Finding]:
    """Secrets among environment variables and on command lines. Names are told, values never.

    ``own``: this process's variables, which /proc hides from it too once it is not dumpable; as they are, unless told.
    """
    own = variables() if own is None else own
    others = [process for process in own_processes(proc) if process.id != os.getpid()]
    shown = [(os.getpid(), list(own.items())), *((process.id, _environment(process)) for process in others)]
    for number, environment in shown:
        yield from _check_environment(number, environment)
    for process in own_processes(proc):
        if any(_SECRET_VALUE.search(argument) for argument in _strings(process.command_line)):
            yield Finding(
                "secret-on-command-line",
                Severity.CRITICAL,
                f"The command line of process {process.id} holds a token, a key or a password.",
                _PASSES,
                "Pass a file's name instead (@FILE for a camera's address), and replace what stood there.",
            )


def check_units(folders: Iterable[Path] = UNITS) -> Iterator[Finding]:
    """Secrets in the units that start Doorward with systemd: whoever is on the machine may read those."""
    for unit in sorted(unit for folder in folders for unit in (*folder.glob("*.service"), *folder.glob("*.service.d"))):
        files = sorted(unit.glob("*.conf")) if unit.is_dir() else [unit]
        texts = {file: _text(file) for file in files}
        if "doorward" not in unit.name and not any("doorward" in text for text in texts.values()):
            continue
        for file, text in texts.items():
            if names := sorted({name for line in text.splitlines() for name in _secrets_of(line)}):
                yield Finding(
                    "secret-in-unit",
                    Severity.CRITICAL,
                    f"The unit {file} holds a secret in {', '.join(names)}.",
                    "Every user of the machine may read units, and `systemctl show` repeats them.",
                    "Put the secret into a file of mode 600 and name that with LoadCredential= or "
                    "DOORWARD_PASSPHRASE_FILE; replace what stood there.",
                )


def _check_environment(process: int, environment: Iterable[tuple[str, str]]) -> Iterator[Finding]:
    for name, value in environment:
        if _is_own_secret(name, value):
            yield Finding(
                "secret-in-environment",
                Severity.CRITICAL,
                f"The environment of process {process} holds a secret in {name}.",
                _PASSES,
                f"Unset {name} and put the secret into a file of mode 600; replace a token that stood there.",
            )
        elif _is_named(_SECRET_NAME, name, value):
            yield Finding(
                "foreign-secret-in-environment",
                Severity.WARNING,
                f"The environment of process {process} holds in {name} what is named like a secret.",
                f"Doorward takes no secret from there and does not need this one. {_PASSES}",
                f"Start Doorward without {name}; with systemd: UnsetEnvironment={name}",
            )


def _is_own_secret(name: str, value: str) -> bool:
    return bool(_SECRET_VALUE.search(value)) or _is_named(_OWN_SECRET_NAME, name, value)


def _is_named(secrets: re.Pattern[str], name: str, value: str) -> bool:
    return bool(value and secrets.fullmatch(name) and not _NAMES_A_PLACE.fullmatch(name))


def _secrets_of(line: str) -> Iterator[str]:
    """The names of what is secret in one line of a unit."""
    setting, _, rest = (part.strip() for part in line.partition("="))
    if setting == "Environment":
        try:
            assigned = [word.partition("=") for word in shlex.split(rest)]
        except ValueError:  # a quotation that does not end: systemd ignores that line too
            assigned = []
        yield from (
            name for name, _, value in assigned if _is_own_secret(name, value) or _is_named(_SECRET_NAME, name, value)
        )
    elif setting.startswith("Exec") and _SECRET_VALUE.search(rest):
        yield setting


def _environment(process: ShownProcess) -> list[tuple[str, str]]:
    parts = (variable.partition("=") for variable in _strings(process.environment))
    return [(name, value) for name, _, value in parts]


def _strings(octets: bytes | None) -> list[str]:
    return [part for part in (octets or b"").decode(errors="replace").split("\0") if part]


def _text(file: Path) -> str:
    try:
        with file.open(encoding="utf-8", errors="replace") as opened:
            return opened.read(_LARGEST_UNIT)
    except OSError:  # hidden from this user, or a link to nowhere
        return ""
