"""A door's file: how a checkpoint tells it what to do, in TOML::

    fails = "secure"            # or "safe": what it does while nothing decides

    [mqtt]                      # at least one of the three
    url = "mqtts://broker.example"
    topic = "doors/main"
    user = "door"               # may be left out, with password_file
    password_file = "/etc/doorward/door.password"
    authority = "/etc/doorward/broker.pem"    # may be left out: the system's certificates then

    [webhook]
    url = "https://door.example/hooks"
    secret_file = "/etc/doorward/hook.secret"
    authority = "/etc/doorward/hook.pem"

    [command]
    run = ["/usr/local/bin/open-door", "main"]

Secrets lie in files of their own, which others may not read.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from doorward.errors import WrongUse
from doorward.passages.door import FailureMode
from doorward.settings.broker import KEYS, BrokerSettings, authority, broker_settings, text
from doorward.settings.secret_file import read_secret


@dataclass(frozen=True, slots=True, repr=False)
class WebhookDoor:
    url: str
    secret: str
    authority: Path | None


@dataclass(frozen=True, slots=True, repr=False)
class DoorSettings:
    fails: FailureMode
    mqtt: BrokerSettings | None = None
    webhook: WebhookDoor | None = None
    command: tuple[str, ...] | None = None


_TABLES: Mapping[str, frozenset[str]] = {
    "mqtt": KEYS,
    "webhook": frozenset({"url", "secret_file", "authority"}),
    "command": frozenset({"run"}),
}


def read_door(path: Path) -> DoorSettings:
    """``WrongUse`` when the file, or one that it names, is missing, damaged, or lacks something."""
    try:
        held = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise WrongUse(f"There is no file {path}; write the door's settings there.") from None
    except (OSError, ValueError, RecursionError):
        raise WrongUse(f"{path} cannot be read as TOML; correct it.") from None
    if held.get("fails") not in list(FailureMode):
        raise WrongUse(f'Choose in {path} what the door does while nothing decides: fails = "secure" or "safe".')
    tables = {name: table for name, table in held.items() if name != "fails"}
    for name, table in tables.items():
        if name not in _TABLES or not isinstance(table, dict) or not set(table) <= _TABLES[name]:
            raise WrongUse(f"{path} holds {name}, which is not known or holds something that is not.")
    if not tables:
        raise WrongUse(f"{path} names nothing that is told; write a table [mqtt], [webhook] or [command].")
    try:
        mqtt = broker_settings(held["mqtt"]) if "mqtt" in held else None
        return DoorSettings(FailureMode(held["fails"]), mqtt, _webhook(held.get("webhook")), _command(held))
    except (KeyError, TypeError):
        raise WrongUse(f"{path} lacks an entry or holds one of another kind; correct it.") from None


def _webhook(table: dict[str, Any] | None) -> WebhookDoor | None:
    if table is None:
        return None
    return WebhookDoor(text(table["url"]), read_secret(Path(text(table["secret_file"]))), authority(table))


def _command(held: dict[str, Any]) -> tuple[str, ...] | None:
    if "command" not in held:
        return None
    words = held["command"]["run"]
    if not isinstance(words, list):
        raise TypeError
    return tuple(text(word) for word in words)
