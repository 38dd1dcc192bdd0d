"""The crowd's stores of a site, opened where its settings say, without any key."""

from pathlib import Path

from doorward.adapters.stores.crowd.alarm_store import SqlAlarmStore, open_alarm_store
from doorward.adapters.stores.crowd.interval_store import SqlIntervalStore, open_interval_store
from doorward.adapters.stores.crowd.release_ledger import SqlReleaseLedger, open_release_ledger
from doorward.settings.crowd.site import crowd_store


def intervals_of(site: Path) -> SqlIntervalStore:
    return open_interval_store(site, crowd_store(site))


def alarms_of(site: Path) -> SqlAlarmStore:
    return open_alarm_store(site, crowd_store(site))


def releases_of(site: Path) -> SqlReleaseLedger:
    return open_release_ledger(site, crowd_store(site))
