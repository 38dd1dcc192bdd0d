"""The file of a live view that a broker is told, in TOML::

[mqtt]
url = "mqtts://broker.example"
topic = "doorward/hall"             # what is told lies below it
user = "doorward"                   # may be left out, with password_file
password_file = "/etc/doorward/broker.password"
authority = "/etc/doorward/broker.pem"    # may be left out: the system's certificates then

[homeassistant]                     # may be left out: nothing is announced then
prefix = "homeassistant"
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from doorward.errors import WrongUse
from doorward.settings.broker import KEYS, BrokerSettings, broker_settings, text


@dataclass(frozen=True, slots=True)
class LiveSettings:
    """``discovery``: the prefix under which Home Assistant looks for what there is; None: it is told nothing."""

    broker: BrokerSettings
    discovery: str | None


def read_live(path: Path) -> LiveSettings:
    """``WrongUse`` when the file, or one that it names, is missing, damaged, or lacks something."""
    try:
        held = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise WrongUse(f"There is no file {path}; write the live view's settings there.") from None
    except (OSError, ValueError, RecursionError):
        raise WrongUse(f"{path} cannot be read as TOML; correct it.") from None
    unknown = set(held) - {"mqtt", "homeassistant"}
    if unknown:
        raise WrongUse(f"{path} holds {sorted(unknown)[0]}, which is not known; correct it.")
    try:
        if not set(held["mqtt"]) <= KEYS or not set(held.get("homeassistant", {})) <= {"prefix"}:
            raise TypeError
        discovery = text(held["homeassistant"]["prefix"]) if "homeassistant" in held else None
        return LiveSettings(broker_settings(held["mqtt"]), discovery)
    except (KeyError, TypeError):
        raise WrongUse(f"{path} lacks an entry of [mqtt] or [homeassistant], or holds one too many.") from None
