"""Passages are numbered without gaps, whoever else writes, fails or withdraws: else nobody finds what follows."""

from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import select

from doorward.adapters.stores.database import in_one_transaction
from doorward.adapters.stores.face.tables import passages
from doorward.kernel.ids import PersonId
from doorward.passages.passage import Passage
from doorward.people.consent import Purpose
from doorward.wiring.face.site import Site, open_site
from houses import real_site
from known_people import consent, passage, person
from throwaway_sites import PASSPHRASE


@pytest.fixture(params=["sqlite", "postgresql"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    with real_site(request.param, tmp_path) as made:
        yield made


def test_two_processes_number_the_same_persons_passages(folder: Path) -> None:
    with open_site(folder, lambda: PASSPHRASE) as one, open_site(folder, lambda: PASSPHRASE) as other:
        ada, bo = known(one, "Ada"), known(one, "Bo")
        sent = []
        for number in range(6):
            some = [at(one, who) for who in (ada, bo, ada)]
            (one, other)[number % 2].stores.passages.add_many(some)
            sent += some
        for who in (ada, bo):
            assert ids(one, who) == {each.id for each in sent if each.person == who}


def test_what_was_not_committed_leaves_no_gap(folder: Path) -> None:
    with open_site(folder, lambda: PASSPHRASE) as site:
        ada = known(site, "Ada")
        first, second = at(site, ada), at(site, ada)
        site.stores.passages.add(first)
        with suppress(ZeroDivisionError), in_one_transaction(site.stores.data):
            site.stores.passages.add(at(site, ada))
            raise ZeroDivisionError
        site.stores.passages.add(second)
        assert ids(site, ada) == {first.id, second.id}


@pytest.mark.parametrize("folder", ["sqlite"], indirect=True)
def test_numbers_begin_anew_when_a_withdrawal_took_passages(folder: Path) -> None:
    with open_site(folder, lambda: PASSPHRASE) as site, open_site(folder, lambda: PASSPHRASE) as other:
        ada = known(site, "Ada")
        given = consent(ada, frozenset({Purpose.PASSAGES}))
        site.stores.consents.add(given)
        site.stores.passages.add_many([*(at(site, ada) for _ in range(3)), at(site, known(site, "Bo"))])
        other.stores.consents.withdraw(given, (Purpose.VERIFY,))
        assert not ids(site, ada)
        again = at(site, ada)
        site.stores.passages.add(again)
        assert ids(site, ada) == {again.id}


def known(site: Site, name: str) -> PersonId:
    someone = person(name)
    site.stores.people.add(someone)
    return someone.id


def at(site: Site, who: PersonId) -> Passage:
    return passage(who, at=site.stores.vault.clock.now())


def ids(site: Site, who: PersonId) -> set[str]:
    """What counting up one by one finds; a look for several tags at once would see past a gap."""
    found, vault = set(), site.stores.vault
    with site.stores.data.connect() as connection:
        for epoch in vault.epochs():
            for number in count():
                here = connection.execute(
                    select(passages.c.id).where(passages.c.tag == vault.epoch_tag(epoch, who, number))
                )
                if (row := here.first()) is None:
                    break
                found.add(row.id)
    assert found == {one.id for one in site.stores.passages.of(who)}
    return found
