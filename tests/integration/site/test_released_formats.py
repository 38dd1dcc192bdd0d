"""Sites as released versions wrote them: today's version opens them, and all of it holds."""

import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from doorward.bench.faults_acts import template_of
from doorward.errors import PersonUnknown
from doorward.face.comparison import compare
from doorward.kernel.ids import PersonId
from doorward.people.person import Identifier
from doorward.wiring.doctor.databases import check_databases
from doorward.wiring.doctor.finding import Severity
from doorward.wiring.doctor.sealed import check_sealed
from doorward.wiring.face.erasing import erase_person
from doorward.wiring.face.keys import Renewable, renew_site_wide
from doorward.wiring.face.site import open_site
from shared_data import REPOSITORY

SITES = REPOSITORY / "tests" / "fixtures" / "sites"
FORMATS = sorted(place.name for place in SITES.iterdir() if place.is_dir())
ADA = PersonId("80ad7c34-d87e-4ddf-a7cd-1af20d8a0ad3")
BO = PersonId("63f5ea7f-a008-4d9d-b145-415048be2f08")
CY = PersonId("8c7e9654-a5b0-4374-ade7-1cebc906591e")
DI = PersonId("56453926-f074-4213-8e0a-eb820bff76ea")


@pytest.fixture(params=FORMATS)
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    shutil.copytree(SITES / request.param, tmp_path / "copy")
    key_file, settings = tmp_path / "copy" / "site.key", tmp_path / "copy" / "site" / "site.toml"
    key_file.chmod(0o600)
    settings.write_text(re.sub(r"(?m)^path = .*$", f'path = "{key_file}"', settings.read_text()))
    return settings.parent


def test_the_newest_format_is_kept() -> None:
    versions = REPOSITORY / "src" / "doorward" / "adapters" / "stores" / "face" / "versions"
    newest = max(place.name[:4] for place in versions.glob("[0-9]*.py"))
    assert newest in FORMATS, "a new format gets a folder in tests/fixtures/sites"


def test_it_opens_and_everything_holds(folder: Path) -> None:
    with open_site(folder, lambda: "") as site:
        assert site.stores.auditing.verify().ok
        assert {one.display_name for one in site.stores.people.all()} == {"Ada", "Bo", "Cy"}
        for person, number in ((ADA, 1), (BO, 2)):
            (held,) = site.stores.enrolments.of(person)
            assert np.array_equal(held.template.vector, template_of(number).vector)
            assert compare(held.template, template_of(number)) == pytest.approx(1)
            assert site.stores.people.find(Identifier.BADGE, f"B{number}") == person
        assert not site.stores.enrolments.of(CY)
        assert site.stores.consents.of(CY)[0].withdrawn_at is not None
        assert not site.stores.vault.knows(DI)
        assert site.stores.grants.get("token", "t") == {"name": "kiosk"}
        assert [one.action for one in site.stores.trail.about(ADA)][-1] == "record read"


def test_it_can_be_worked_on(folder: Path) -> None:
    with open_site(folder, lambda: "") as site:
        receipt = erase_person(site, ADA).receipt
        assert receipt.person == ADA
        with pytest.raises(PersonUnknown):
            site.stores.people.get(ADA)
        assert site.add_person("Again").display_name == "Again"
        for which in Renewable:
            renew_site_wide(folder, site.stores, which, site.actor, lambda _done, _all: None)
    with open_site(folder, lambda: "") as site:
        found = [*check_databases(folder), *check_sealed(site, lambda _done, _all: None)]
        assert [one for one in found if one.severity is not Severity.NOTE] == []
