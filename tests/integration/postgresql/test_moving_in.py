"""A site's data moved from data.db to PostgreSQL: whole, once, and taken up again where it was cut short."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from doorward.errors import SiteExists, SiteInUse, WrongUse
from doorward.settings.site import read_site_settings
from doorward.wiring.face import migrating
from doorward.wiring.face.migrating import migrate_site
from houses import House, real_house
from known_people import consent, enrolment, face, passage, person
from postgresql_server import empty_database
from throwaway_sites import throwaway_site

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
