"""Keys left behind by a renewal, a ledger of erasures that was altered, a backup that nobody tried."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from doorward.wiring.doctor.continuity import check_drill, check_ledger, check_wraps
from doorward.wiring.face.opening import DATA, KEYS
from doorward.wiring.face.site import Site


def sql(file: Path, statement: str) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute(statement)


def test_keys_on_an_older_site_key(folder: Path, site: Site) -> None:
    site.add_person("Ada")
    assert list(check_wraps(folder)) == []
    sql(folder / KEYS, "UPDATE keys SET wrapped_by = 0 WHERE kind = 'person'")
    (found,) = check_wraps(folder)
    assert (found.id, found.what.split()[0]) == ("wraps-on-older-key", "1")


@pytest.mark.parametrize(
    "change", ["DELETE FROM erasure_ledger WHERE number = 1", "UPDATE erasure_ledger SET person = 'x'"]
)
def test_an_altered_ledger_of_erasures(folder: Path, site: Site, change: str) -> None:
    for name in ("Ada", "Bo"):
        site.register.erase(site.actor, site.add_person(name).id)
    assert list(check_ledger(site)) == []
    sql(folder / DATA, change.replace("'x'", "'x' || number"))
    assert [found.id for found in check_ledger(site)] == ["erasure-ledger-altered"]


def test_a_backup_that_was_tried_lately(site: Site) -> None:
    now = site.stores.vault.clock.now()
    assert [found.id for found in check_drill(site, now)] == ["backup-not-tried"]
    site.stores.grants.put("backup", "drill", {"at": now.isoformat()})
    assert list(check_drill(site, now)) == []
    (found,) = check_drill(site, now + timedelta(days=93))
    assert now.date().isoformat() in found.what
