"""A crowd's figures beside the data in PostgreSQL: moved, counted on, reached by a role that reaches nobody."""

from pathlib import Path

import pytest
from sqlalchemy import make_url

from commands_in_process import run_json
from doorward.adapters.backup.encryption import make_identity
from doorward.adapters.stores.crowd.interval_store import open_interval_store
from doorward.adapters.stores.crowd.opening import SCHEMA
from doorward.adapters.stores.postgresql import connected
from doorward.crowd.as_json import interval_object
from doorward.crowd.intervals import QUARTER_SECONDS
from doorward.errors import StorageError
from doorward.settings.crowd.site import crowd_store
from doorward.settings.site import read_site_settings
from doorward.wiring.crowd.stores import intervals_of
from doorward.wiring.face.backup import create_backup
from doorward.wiring.face.site import open_site
from fakes.crowd_intervals import full_quarter
from postgresql_server import CROWD_ROLE, as_role, execute, make_role, throwaway_postgresql_site
from throwaway_sites import PASSPHRASE

PEEPING = "doorward_test_peeping"


def kept(site: Path) -> list[dict[str, object]]:
    with intervals_of(site) as store:
        return [interval_object(one) for one in store.read("hall", seconds=QUARTER_SECONDS)]


def test_figures_move_to_a_role_of_their_own_and_are_counted_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for role in (CROWD_ROLE, PEEPING):
        make_role(role)
    with throwaway_postgresql_site(tmp_path) as site:
        owner = read_site_settings(site).store
        assert owner is not None

        def moved(role: str) -> tuple[int, dict[str, object]]:
            return run_json(capsys, "crowd", "store", as_role(role, owner), "--owner", owner, "--site", site)

        with open_interval_store(site) as store:
            store.add([full_quarter()])
            before = kept(site)
            assert moved(CROWD_ROLE)[1]["error"]["code"] == "site_in_use"  # type: ignore[index] # an error object
        assert moved("postgres")[0] == 2
        execute(f"GRANT USAGE ON SCHEMA doorward TO {PEEPING}", database=make_url(owner).database)
        assert moved(PEEPING)[1]["error"]["code"] == "forbidden"  # type: ignore[index] # an error object
        assert crowd_store(site) is None

        status, told = moved(CROWD_ROLE)
        assert (status, told["url"]) == (0, as_role(CROWD_ROLE, owner))
        assert not (site / "crowd.db").exists()
        assert kept(site) == before
        with intervals_of(site) as store:
            store.add([full_quarter()])
        assert len(kept(site)) == 2
        again = moved(CROWD_ROLE)
        assert (again[0], int(str(again[1]["rows"]))) > (0, int(str(told["rows"])))

        engine = connected(as_role(CROWD_ROLE, owner), SCHEMA)
        for statement in ("SELECT * FROM doorward.persons", "DELETE FROM intervals", "CREATE TABLE more ()"):
            with pytest.raises(StorageError, match="may not"), engine.begin() as connection:
                connection.exec_driver_sql(statement)
        engine.dispose()

        with open_site(site, lambda: PASSPHRASE) as opened:
            made = create_backup(opened, tmp_path / "backups", make_identity(tmp_path / "identity.txt"))
        assert "crowd.db" in {file.name for file in made.manifest.files}
