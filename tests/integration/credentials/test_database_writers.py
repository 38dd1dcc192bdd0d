"""Who writes the database without the key makes no card hold; an older row that they put back is named."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from doorward.errors import Tampered
from doorward.kernel.ids import PersonId
from doorward.people.credential import Refusal
from doorward.wiring.doctor.generations import check_generations
from doorward.wiring.face.credentials import credential_from_photo, issue_card
from doorward.wiring.face.opening import DATA
from doorward.wiring.face.site import Site, open_site
from known_people import OFFICER, ORIGIN, consent, enrolment, face, person
from throwaway_sites import PASSPHRASE, throwaway_site

ROWS = "SELECT * FROM grants WHERE kind LIKE '%credential%' ORDER BY kind, id"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with open_site(throwaway_site(tmp_path), lambda: PASSPHRASE) as opened:
        yield opened


@pytest.fixture
def ada(site: Site) -> PersonId:
    known = person("Ada")
    site.stores.people.add(known)
    site.stores.consents.add(consent(known.id))
    site.stores.enrolments.add(enrolment(known.id, face(1)))
    return known.id


def carried(site: Site, ada: PersonId, card: Path) -> bytes:
    issue_card(site.folder, site.stores, OFFICER, ada, card)
    return credential_from_photo(card)


def written(site: Site, *statements: tuple[str, tuple[object, ...]]) -> None:
    with closing(sqlite3.connect(site.folder / DATA)) as connection, connection:
        for statement, values in statements:
            connection.execute(statement, values)


def test_a_row_that_was_written_without_the_key_lets_nothing_hold(site: Site, ada: PersonId, tmp_path: Path) -> None:
    octets = carried(site, ada, tmp_path / "card.png")
    payload = '{"id": "made up", "issued_at": "2026-01-01T00:00:00+00:00", "until": "2099-01-01T00:00:00+00:00"}'
    written(site, ("UPDATE grants SET payload = ? WHERE kind = 'credential'", (payload,)))
    with pytest.raises(Tampered):
        site.credentials.resolve(octets, (ORIGIN,))
    written(site, ("DELETE FROM grants WHERE kind = 'credential'", ()))
    assert site.credentials.resolve(octets, (ORIGIN,)).refusal is Refusal.UNKNOWN


def test_an_older_row_put_back_is_named_and_ordinary_acts_are_not(site: Site, ada: PersonId, tmp_path: Path) -> None:
    octets = carried(site, ada, tmp_path / "card.png")
    with closing(sqlite3.connect(site.folder / DATA)) as connection:
        (before,) = connection.execute(ROWS).fetchall()
    carried(site, ada, tmp_path / "second.png")
    site.credentials.revoke(OFFICER, ada)
    carried(site, ada, tmp_path / "third.png")
    assert list(check_generations(site)) == []
    written(
        site,
        ("DELETE FROM grants WHERE kind LIKE '%credential%'", ()),
        (f"INSERT INTO grants VALUES ({', '.join('?' * len(before))})", before),
    )
    assert site.credentials.resolve(octets, (ORIGIN,)).refusal is None, "nothing but the log knows better"
    found = {finding.id for finding in check_generations(site)}
    assert found == {"row-replayed", "row-deleted"}
