"""The alarms file: TOML, such as::

zone_safety = 2             # a zone alarms from this level of the scene's table on
line_safety = 1
quiet_seconds = 10          # an alarm ends after so many below it
hand_over_seconds = 60      # who is told then, when nobody has acknowledged it: receivers with hand_over = true

[[receivers]]
mqtt = "mqtts://broker.local"
topic = "crowd/alarms"      # followed by the camera and the kind of alarm
user = "crowd"
password_file = "broker.password"
authority = "broker.pem"    # the system's certificates if left out

[[receivers]]
webhook = "https://control.local/alarms"
secret_file = "webhook.secret"
hand_over = true
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from doorward.crowd.alarms import AlarmRules
from doorward.errors import WrongUse
from doorward.settings.crowd.values import number, only, read_toml, tables_in
from doorward.settings.secret_file import read_secret

NUMBERS = ("zone_safety", "line_safety", "quiet_seconds", "hand_over_seconds")
COMMON = {"authority", "hand_over"}
BROKER = {"mqtt", "topic", "user", "password_file"} | COMMON
WEBHOOK = {"webhook", "secret_file"} | COMMON
LONGEST = 300


@dataclass(frozen=True, slots=True)
class ReceiverSettings:
    """A broker (``is_broker``, with ``topic``) or a webhook at ``url``; ``secret``: the broker's password or the
    webhook's secret. ``hand_over``: told only of alarms that nobody acknowledged in time.
    """

    url: str
    is_broker: bool
    topic: str
    user: str | None
    secret: str | None
    authority: Path | None
    hand_over: bool


@dataclass(frozen=True, slots=True)
class AlarmSettings:
    rules: AlarmRules
    receivers: tuple[ReceiverSettings, ...] = ()


def load_alarms(path: Path | None) -> AlarmSettings:
    """The alarms file at ``path``; the usual rules without one. ``WrongUse`` says which entry does not fit."""
    if path is None:
        return AlarmSettings(AlarmRules())
    table = read_toml(path, "alarms")
    only(table, {*NUMBERS, "receivers"}, "the alarms file")
    given: dict[str, Any] = {key: number(table[key], key) for key in NUMBERS if key in table}
    for key in ("zone_safety", "line_safety"):
        if key in given:
            if given[key] != int(given[key]):
                raise WrongUse(f"{key} of the alarms file has to be a whole number.")
            given[key] = int(given[key])
    receivers = tuple(_receiver(entry, path.parent) for entry in tables_in(table, "receivers", BROKER | WEBHOOK))
    return AlarmSettings(AlarmRules(**given), receivers)


def _receiver(entry: Mapping[str, Any], folder: Path) -> ReceiverSettings:
    if ("mqtt" in entry) == ("webhook" in entry):
        raise WrongUse("Every one of [[receivers]] needs mqtt or webhook, and not both.")
    is_broker = "mqtt" in entry
    only(entry, BROKER if is_broker else WEBHOOK, "[[receivers]]")
    hand_over = entry.get("hand_over", False)
    if not isinstance(hand_over, bool):
        raise WrongUse("hand_over of [[receivers]] is true or false.")
    secret_key = "password_file" if is_broker else "secret_file"
    if not is_broker and secret_key not in entry:
        raise WrongUse("A webhook needs a secret_file: what is told is signed.")
    if is_broker and "topic" not in entry:
        raise WrongUse("A broker needs a topic, such as crowd/alarms.")
    secret = _beside(folder, _short(entry, secret_key))
    return ReceiverSettings(
        _short(entry, "mqtt" if is_broker else "webhook") or "",
        is_broker,
        _short(entry, "topic") or "",
        _short(entry, "user"),
        None if secret is None else read_secret(secret),
        _beside(folder, _short(entry, "authority")),
        hand_over,
    )


def _short(entry: Mapping[str, Any], key: str) -> str | None:
    value = entry.get(key)
    if value is not None and (not isinstance(value, str) or not 0 < len(value) <= LONGEST):
        raise WrongUse(f"{key} of [[receivers]] is a text of at most {LONGEST} characters.")
    return value


def _beside(folder: Path, name: str | None) -> Path | None:
    return None if name is None else folder / name
