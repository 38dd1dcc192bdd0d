"""The contract of ``Changes``: every write about a person is told, once, in order."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from doorward.adapters.stores.face.changes import WatchedChanges
from houses import House, house_in_memory, real_house
from known_people import NOON, consent, enrolment, face, person
from throwaway_sites import throwaway_site


@pytest.fixture(params=["sqlite", "watched", "memory"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    if request.param == "memory":
        yield house_in_memory()
        return
    made, stores = real_house(throwaway_site(tmp_path))
    watched = WatchedChanges(stores.data)
    if request.param == "watched":
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


def test_what_another_process_changes_is_told(tmp_path: Path) -> None:
    _, stores = real_house(throwaway_site(tmp_path))
    elsewhere, others = real_house(tmp_path / "site")
    watched = WatchedChanges(stores.data)
    assert watched.since(0) == (0, [])
    ada = person()
    elsewhere.people.add(ada)
    newer, who = watched.since(0)
    assert list(who) == [ada.id]
    assert watched.since(newer) == (newer, [])
    assert list(watched.since(0)[1]) == [ada.id]
    watched.close()
    for one in (stores, others):
        one.close()
