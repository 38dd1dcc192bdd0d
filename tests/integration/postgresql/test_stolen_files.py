"""Whoever takes PostgreSQL's own files learns about nobody: they are searched as the breach test searches a site's."""

from pathlib import Path

import pytest

from doorward.adapters.file_search import search_folder
from doorward.adapters.stores.postgresql import connected
from doorward.settings.site import read_site_settings
from doorward.wiring.face.breach import planted
from doorward.wiring.face.needles import needles_for_text
from doorward.wiring.face.site import open_site
from postgresql_server import throwaway_postgresql_site
from throwaway_sites import PASSPHRASE


def test_neither_tables_nor_log_tell_who_is_enrolled(tmp_path: Path) -> None:
    with throwaway_postgresql_site(tmp_path) as folder, open_site(folder, lambda: PASSPHRASE) as site:
        engine = connected(str(read_site_settings(folder).store))
        with planted(site) as canaries:
            with engine.connect() as connection:
                files = Path(str(connection.exec_driver_sql("SHOW data_directory").scalar_one()))
            engine.dispose()
            if not (files / "pg_wal").is_dir():
                pytest.skip("the server's files are not on this machine")
            needles = [needle for canary in canaries for needle in canary.needles()]
            assert not search_folder(files, needles).findings
            ids = [needle for canary in canaries for needle in needles_for_text("id", canary.person.id)]
            assert search_folder(files, ids).findings  # the search reaches where their rows lie
