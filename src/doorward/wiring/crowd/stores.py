"""The crowd's stores of a site, opened where its settings say, without any key."""

import getpass
from pathlib import Path

from doorward.adapters.stores.crowd.alarm_store import SqlAlarmStore, open_alarm_store
from doorward.adapters.stores.crowd.interval_store import SqlIntervalStore, open_interval_store
from doorward.adapters.stores.crowd.look_book import SqlLookBook, looks_beside, open_look_book
from doorward.adapters.system import SystemClock
from doorward.crowd.looks import LookedAt
from doorward.settings.crowd.site import crowd_store


def intervals_of(site: Path) -> SqlIntervalStore:
    return open_interval_store(site, crowd_store(site))


def alarms_of(site: Path) -> SqlAlarmStore:
    return open_alarm_store(site, crowd_store(site))


def looks_of(site: Path) -> SqlLookBook:
    return open_look_book(site, crowd_store(site))


def note_look(store: SqlIntervalStore, at: LookedAt, scene: str) -> None:
    """The operator of this process looks at exact figures; nothing is to be shown where that cannot be noted."""
    looks_beside(store).note(f"operator {getpass.getuser()}", at, scene, SystemClock().now())
