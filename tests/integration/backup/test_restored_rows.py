"""A restored site's rows are those that its log says there are, whatever happened between and since the backups."""

from collections.abc import Callable
from pathlib import Path

import pytest

from doorward.adapters.backup.encryption import make_identity
from doorward.kernel.ids import PersonId
from doorward.wiring.doctor.generations import check_generations
from doorward.wiring.face.backup import back_up_keys, create_backup
from doorward.wiring.face.erasing import erase_person
from doorward.wiring.face.keys import renew_person
from doorward.wiring.face.restoring import BackupSet, restore
from doorward.wiring.face.site import Site, open_site
from known_people import consent, enrolment, face, person
from throwaway_sites import PASSPHRASE, throwaway_site

Act = Callable[[Site, PersonId], object]


def nothing(_site: Site, _person: PersonId) -> None:
    return None


def erased(site: Site, person: PersonId) -> None:
    erase_person(site, person)


def renewed(site: Site, person: PersonId) -> None:
    renew_person(site.folder, site.stores, person, site.actor)


@pytest.mark.parametrize(
    ("between", "since", "people"),
    [(nothing, nothing, 2), (nothing, erased, 1), (erased, nothing, 1), (renewed, nothing, 1), (renewed, erased, 1)],
)
def test_nothing_is_found_after_a_restore(tmp_path: Path, between: Act, since: Act, people: int) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "keys").mkdir()
    recipient = make_identity(tmp_path / "identity")
    with open_site(throwaway_site(tmp_path), lambda: PASSPHRASE) as site:
        ada, bo = person("Ada"), person("Bo")
        for seed, one in enumerate((ada, bo)):
            site.stores.people.add(one)
            site.stores.consents.add(consent(one.id))
            site.stores.enrolments.add(enrolment(one.id, face(seed)), photo=b"photo")
        data = create_backup(site, tmp_path / "data", recipient)
        between(site, ada.id)
        keys = back_up_keys(site, tmp_path / "keys")
        since(site, ada.id)
        assert list(check_generations(site)) == []
    restore(BackupSet(data.path, keys.path, tmp_path / "identity"), tmp_path / "again", lambda: PASSPHRASE)
    with open_site(tmp_path / "again", lambda: PASSPHRASE) as restored:
        assert restored.stores.people.count() == people
        assert list(check_generations(restored)) == []
