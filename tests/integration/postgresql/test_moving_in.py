"""A site's data moved from data.db to PostgreSQL: whole, once, and taken up again where it was cut short."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Connection, Table, func, inspect, select

from doorward.adapters.stores.database import closing_pool
from doorward.adapters.stores.face.tables import metadata
from doorward.adapters.stores.postgresql import connected
from doorward.adapters.stores.sqlite import open_sqlite
from doorward.errors import SiteExists, SiteInUse, WrongUse
from doorward.kernel.audit import AuditEntry
from doorward.kernel.ids import CheckpointId, DeviceId, PersonId
from doorward.passages.checkpoint import Checkpoint
from doorward.passages.delivery import Delivery, Taken
from doorward.passages.device import Device
from doorward.passages.message_order import Mark, Standing
from doorward.passages.passage import Counter
from doorward.people.person import EVERYONE
from doorward.settings.site import read_site_settings
from doorward.verify.attempts import Counted, Subject
from doorward.wiring.face import migrating
from doorward.wiring.face.migrating import migrate_site
from doorward.wiring.face.opening import FACE_VERSIONS
from houses import House, real_house
from known_people import NOON, OFFICER, consent, enrolment, face, passage, person
from postgresql_server import empty_database
from throwaway_sites import throwaway_site

NORTH = CheckpointId("north")
KILLED = """
import os, signal, sys
from pathlib import Path
from doorward.adapters.stores import row_copying
from doorward.wiring.face.migrating import migrate_site
row_copying.BATCH = 7
batches = 0
def progress(done, total):
    global batches
    batches += 1
    if batches == int(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)
migrate_site(Path(sys.argv[1]), sys.argv[2], progress)
"""


def lived_in(folder: Path, people: int = 6) -> list[str]:
    house, stores = real_house(folder)
    known = [person(f"Person {number}", badge_number=str(number)) for number in range(people)]
    for number, one in enumerate(known):
        house.people.add(one)
        house.consents.add(consent(one.id))
        house.enrolments.add(enrolment(one.id, face(number)), photo=b"photo")
        house.passages.add(passage(one.id))
    house.people.erase(known[0].id)
    stores.close()
    return [one.id for one in known[1:]]


def holds(house: House, people: list[str]) -> None:
    assert sorted(one.id for one in house.people.all()) == sorted(people)
    for one in people:
        assert len(house.consents.of(one)) == len(house.enrolments.of(one)) == len(house.passages.of(one)) == 1


def killed(folder: Path, url: str, at_batch: int) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED, str(folder), url, str(at_batch)], env=os.environ, check=False)
    assert done.returncode == -signal.SIGKILL


def test_a_move_that_was_killed_twice_goes_on_and_loses_nothing(tmp_path: Path) -> None:
    folder = throwaway_site(tmp_path)
    people = lived_in(folder)
    with empty_database() as url:
        killed(folder, url, 3)
        house, stores = real_house(folder)
        holds(house, people)
        stores.data.dispose()  # unlike close it writes nothing
        stores.keys.dispose()
        stores.vault.close()
        stores.holder.let_go()
        killed(folder, url, 4)
        moved = migrate_site(folder, url)
        assert moved.resumed > 7
        assert not (folder / "data.db").exists()
        house, stores = real_house(folder)
        holds(house, people)
        house.people.add(person("Newcomer"))
        house.consents.add(consent(people[0]))
        assert len(house.consents.of(people[0])) == 2
        stores.close()
        assert migrate_site(folder, url).rows >= moved.rows


def test_what_was_written_between_two_attempts_is_moved_too(tmp_path: Path) -> None:
    folder = throwaway_site(tmp_path)
    people = lived_in(folder)
    with empty_database() as url:
        killed(folder, url, 5)
        house, stores = real_house(folder)
        late = person("Late")
        house.people.add(late)
        house.people.erase(people[0])
        stores.close()
        assert migrate_site(folder, url).resumed == 0
        house, stores = real_house(folder)
        assert sorted(one.id for one in house.people.all()) == sorted([*people[1:], late.id])
        stores.close()


def test_a_move_is_refused_while_somebody_has_the_site_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = throwaway_site(tmp_path)
    monkeypatch.setattr(migrating, "holders", lambda _folder: [1])
    with empty_database() as url, pytest.raises(SiteInUse):
        migrate_site(folder, url)
    assert read_site_settings(folder).store is None


def test_a_database_that_holds_a_site_takes_no_other(tmp_path: Path) -> None:
    with empty_database() as url:
        migrate_site(throwaway_site(tmp_path / "a"), url)
        with pytest.raises(SiteExists):
            migrate_site(throwaway_site(tmp_path / "b", "other"), url)
        with pytest.raises(WrongUse, match="already"):
            migrate_site(tmp_path / "a" / "site", f"{url}&application_name=elsewhere")


def test_nothing_that_a_site_stores_is_left_behind(tmp_path: Path) -> None:
    """Each table of either database is one that is copied, and none of them was empty; a granted row of each kind."""
    folder = throwaway_site(tmp_path)
    (one, *_) = lived_in(folder, 2)
    house, stores = real_house(folder)
    house.checkpoints.add(Checkpoint(NORTH, "North", EVERYONE))
    lobby = Device(DeviceId("0" * 36), "Lobby", b"k" * 32, frozenset({NORTH}), NOON)
    house.devices.add(lobby)
    told = Delivery(lobby.id, Mark(1, b"d" * 32), NOON, [passage(PersonId(one))], {(NORTH, Counter.ACCEPTED): 1})
    house.deliveries.take([told], NOON)
    house.pace.count(NORTH, "12:00")
    house.attempts.begin([Subject(Counted.PERSON, one)], with_pad=False)
    house.trail.record(AuditEntry(OFFICER, "record read", PersonId(one), NOON))
    stores.close()
    here = open_sqlite(folder / "data.db", FACE_VERSIONS)
    with closing_pool(here), here.connect() as connection:
        before = {table.name: rows_of(connection, table) for table in metadata.sorted_tables}
        assert set(inspect(here).get_table_names()) - {"alembic_version", "sqlite_sequence"} == set(before)
    assert {name for name, rows in before.items() if not rows} == set()
    with empty_database() as url:
        migrate_site(folder, url)
        there = connected(url)
        with closing_pool(there), there.connect() as connection:
            assert {table.name: rows_of(connection, table) for table in metadata.sorted_tables} == before
            named = connection.exec_driver_sql(
                "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition "
                "AND relnamespace = 'doorward'::regnamespace"
            )
            assert set(named.scalars()) - {"alembic_version", "write_lock"} == set(before)
        house, stores = real_house(folder)
        assert house.checkpoints.named("North").id == NORTH
        assert house.devices.named("Lobby") == lobby
        assert house.deliveries.take([told], NOON) == [Taken(Standing.REPEATED)]
        stores.close()


def rows_of(connection: Connection, table: Table) -> int:
    return int(connection.execute(select(func.count()).select_from(table)).scalar_one())
