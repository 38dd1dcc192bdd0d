"""A site in the identify profile starts from its snapshot, and a backup leaves the snapshot out."""

from pathlib import Path

import pytest

from doorward.adapters.backup.encryption import make_identity
from doorward.adapters.stores.face.bulk import BulkStore
from doorward.adapters.stores.face.roll_reading import RollReader
from doorward.adapters.stores.face.row_log import NewcomersLog
from doorward.identify.ports import Asker
from doorward.people.person import EVERYONE
from doorward.wiring.face.backup import create_backup
from doorward.wiring.face.erasing import erase_person
from doorward.wiring.face.site import Site, open_site
from known_people import NOON, face
from newcomers import newcomer
from throwaway_sites import PASSPHRASE


def opened(folder: Path) -> Site:
    return open_site(folder, lambda: PASSPHRASE)


def test_the_second_start_reads_no_rows(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    many = [newcomer(n) for n in range(5)]
    with opened(folder) as site:
        BulkStore(site.stores.data, site.stores.vault, NewcomersLog(site.stores.vault)).add(many)
        site.profiles.identify(b"signed", "Assessment", "Notice", NOON)
        site.searches.pull_up()
    with opened(folder) as site:
        monkeypatch.setattr(RollReader, "read", None)
        assert site.searches.search(Asker("north"), face(3), EVERYONE, 1)[0].person == many[3].person.id
        before = site.stores.vault.snapshots().held()
        erase_person(site, many[3].person.id)
        assert not site.stores.vault.snapshots().held()
        assert site.searches.count(EVERYONE) == 4
        assert site.searches.search(Asker("north"), face(3), EVERYONE, 1)[0].score < 0.5
    with opened(folder) as site:
        assert not set(site.stores.vault.snapshots().held()) & set(before)
        assert site.searches.count(EVERYONE) == 4


def test_no_backup_holds_a_snapshot(folder: Path, tmp_path: Path) -> None:
    with opened(folder) as site:
        BulkStore(site.stores.data, site.stores.vault, NewcomersLog(site.stores.vault)).add([newcomer(1)])
        site.profiles.identify(b"signed", "Assessment", "Notice", NOON)
        site.searches.pull_up()
    with opened(folder) as site:
        assert (folder / "snapshots" / "gallery.sealed").exists()
        (tmp_path / "backups").mkdir()
        made = create_backup(site, tmp_path / "backups", make_identity(tmp_path / "identity"))
    assert not [file.name for file in made.manifest.files if "snapshot" in file.name or "gallery" in file.name]
