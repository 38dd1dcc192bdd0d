"""One site and one server for all tests of the HTTP interface."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from doorward.people.consent import Purpose
from doorward.people.person import Details, Person
from doorward.vault.passphrase import CHEAPEST
from doorward.wiring.face.opening import create_site
from doorward.wiring.face.site import Site, open_site
from integration.http.running import GRACE, PASSPHRASE, Running, run


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder: Path = tmp_path_factory.mktemp("http") / "site"
    create_site(folder, passphrase=PASSPHRASE, cost=CHEAPEST)
    with open_site(folder, lambda: PASSPHRASE) as opened:
        yield opened


@pytest.fixture(scope="session")
def running(site: Site) -> Iterator[Running]:
    with run(site) as server:
        yield server


@pytest.fixture(scope="session")
def grace(site: Site) -> Person:
    """Enrolled and confirmed in person."""
    person = site.add_person("Grace", Details(full_name="Grace Brewster Hopper", badge_number="B 77-1"))
    site.record_consent(person, "notice", "1", [Purpose.VERIFY, Purpose.IDENTIFY, Purpose.PASSAGES], "on paper")
    site.enrol_photo(person, GRACE)
    site.enroller.confirm(site.actor, person.id, site.capture(GRACE).template)
    return person
