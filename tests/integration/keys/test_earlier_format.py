"""A site whose keys.db an earlier version wrote: it opens, and its keys count as version 1."""

import sqlite3
from contextlib import closing
from pathlib import Path

from doorward.people.person import Identifier
from doorward.wiring.face.keys import Renewable, inventory, renew_site_wide
from doorward.wiring.face.opening import KEYS
from known_people import OFFICER, person
from throwaway_sites import opened_stores, throwaway_site


def test_a_site_without_versions_opens_and_its_keys_can_be_renewed(tmp_path: Path) -> None:
    folder = throwaway_site(tmp_path)
    ada = person("Ada", badge_number="7")
    with closing(opened_stores(folder)) as stores:
        stores.people.add(ada)
    with closing(sqlite3.connect(folder / KEYS)) as keys:
        keys.executescript(
            "DROP INDEX ix_keys_wrapped_by; ALTER TABLE keys DROP COLUMN state;"
            "ALTER TABLE keys DROP COLUMN wrapped_by;"
            "ALTER TABLE blind_index DROP COLUMN version; UPDATE alembic_version SET version_num = '0001_keys';"
        )
    with closing(opened_stores(folder)) as stores:
        assert stores.people.get(ada.id) == ada
        for which in (Renewable.SITE, Renewable.INDEX):
            renew_site_wide(folder, stores, which, OFFICER, lambda done, total: None)
        assert stores.people.find(Identifier.BADGE, "7") == ada.id
    told = inventory(folder)
    assert (told.site_key_version, told.on_older_site_key) == (2, 0)
