"""A throw-away site with one person of whom everything is held, and one more."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from doorward.kernel.audit import Actor
from doorward.people.person import Details, Document, Person
from doorward.wiring.face.site import Site, open_site
from known_people import EVERYTHING, enrolment, face, passage
from throwaway_sites import PASSPHRASE, throwaway_site

PHOTO = b"photo of Ada"


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    folder = throwaway_site(tmp_path)
    passphrase = tmp_path / "passphrase"
    passphrase.write_text(PASSPHRASE)
    monkeypatch.setenv("DOORWARD_SITE", str(folder))
    monkeypatch.setenv("DOORWARD_PASSPHRASE_FILE", str(passphrase))
    with open_site(folder, lambda: PASSPHRASE, Actor("operator root", "test")) as opened:
        yield opened


@pytest.fixture
def ada(site: Site) -> Person:
    details = {"full_name": "Augusta Ada King", "document": Document("X 1"), "badge_number": "7"}
    return with_everything(site, "Ada Lovelace", **details)


@pytest.fixture
def bo(site: Site) -> Person:
    return with_everything(site, "Bo Ek")


def with_everything(site: Site, name: str, **details: object) -> Person:
    known = site.add_person(name, Details(**details))
    site.record_consent(known, "Notice", "1", EVERYTHING, "signed form")
    door = next(iter(site.doorkeeper.all()), None) or site.doorkeeper.add("Main door")
    site.stores.enrolments.add(enrolment(known.id, face(len(name))), PHOTO)
    site.stores.passages.add(passage(known.id, door.id, site.stores.vault.clock.now()))
    site.invitations.invite(known.id)
    return known
