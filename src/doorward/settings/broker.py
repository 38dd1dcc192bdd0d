"""A table that names an MQTT broker, as several settings files hold one."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from doorward.settings.secret_file import read_secret

KEYS = frozenset({"url", "topic", "user", "password_file", "authority"})


@dataclass(frozen=True, slots=True, repr=False)
class BrokerSettings:
    url: str
    topic: str
    user: str | None
    password: str | None
    authority: Path | None


def broker_settings(table: dict[str, Any]) -> BrokerSettings:
    """``KeyError`` or ``TypeError`` for an entry that is missing or no text, ``WrongUse`` for its password's file."""
    user = text(table["user"]) if "user" in table else None
    password = read_secret(Path(text(table["password_file"]))) if "password_file" in table else None
    return BrokerSettings(text(table["url"]), text(table["topic"]), user, password, authority(table))


def authority(table: dict[str, Any]) -> Path | None:
    """Where the certificates lie that vouch for whom the table names."""
    return Path(text(table["authority"])) if "authority" in table else None


def text(given: Any) -> str:
    """``TypeError`` for what is no text, or an empty one."""
    if not isinstance(given, str) or not given:
        raise TypeError
    return given
