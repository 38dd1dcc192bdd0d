"""The contract of ``Changes``: every write about a person is told, once, in order."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from time import monotonic

import pytest

from doorward.adapters.stores.face.listened_changes import followed_changes
from doorward.people.ports import Changes
from houses import House, house_in_memory, real_house, real_site
from known_people import NOON, consent, enrolment, face, person


@pytest.fixture(params=["sqlite", "watched", "postgresql", "listened", "memory"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    if request.param == "memory":
        yield house_in_memory()
        return
    in_postgresql = request.param in ("postgresql", "listened")
    with real_site("postgresql" if in_postgresql else "sqlite", tmp_path) as site:
        made, stores = real_house(site)
        watched = followed_changes(stores.data)
        if request.param in ("watched", "listened"):
            made.changes = watched
        yield made
        watched.close()
        stores.close()


def test_every_kind_of_change_is_told(house: House) -> None:
    ada = person()
    given, enrolled = consent(ada.id), enrolment(ada.id, face(1), confirmed=False)
    revision = 0
    for change in (
        lambda: house.people.add(ada),
        lambda: house.consents.add(given),
        lambda: house.consents.update(replace(given, withdrawn_at=NOON)),
        lambda: house.enrolments.add(enrolled),
        lambda: house.enrolments.confirm(replace(enrolled, confirmed_at=NOON)),
        lambda: house.enrolments.remove(ada.id, enrolled.id),
        lambda: house.people.update(replace(ada, display_name="Ada L.")),
        lambda: house.people.erase(ada.id),
    ):
        change()
        newer, who = house.changes.since(revision)
        assert newer > revision
        assert list(who) == [ada.id]
        assert house.changes.since(newer) == (newer, [])
        assert house.changes.since(newer) == (newer, [])
        revision = newer


def test_everybody_changed_since_is_told_once_in_order(house: House) -> None:
    ada, bo, cy = person("Ada"), person("Bo"), person("Cy")
    for one in (ada, bo, cy):
        house.people.add(one)
    house.consents.add(consent(ada.id))
    assert list(house.changes.since(0)[1]) == [bo.id, cy.id, ada.id]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_what_another_process_changes_is_told(tmp_path: Path, kind: str) -> None:
    with real_site(kind, tmp_path) as site:
        _, stores = real_house(site)
        elsewhere, others = real_house(site)
        watched = followed_changes(stores.data)
        _told_of_what_changes(watched, elsewhere)
        for one in (watched, stores, others):
            one.close()


def _told_of_what_changes(watched: Changes, elsewhere: House) -> None:
    assert watched.since(0) == (0, [])
    ada = person()
    elsewhere.people.add(ada)
    newer, who = watched.since(0)
    assert list(who) == [ada.id]
    assert watched.since(newer) == (newer, [])
    assert list(watched.since(0)[1]) == [ada.id]


def test_a_notice_ends_the_wait_of_who_listens(tmp_path: Path) -> None:
    with real_site("postgresql", tmp_path) as site:
        _, stores = real_house(site)
        elsewhere, others = real_house(site)
        listened = followed_changes(stores.data)
        listened.wait(0)
        began = monotonic()
        elsewhere.people.add(person())
        listened.wait(20)
        assert monotonic() - began < 10
        for one in (listened, stores, others):
            one.close()
