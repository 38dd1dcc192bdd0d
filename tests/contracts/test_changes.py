"""The contract of ``Changes``: every write about a person is told, once, in order."""

from dataclasses import replace

from houses import House
from known_people import NOON, consent, enrolment, face, person


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
        revision = newer


def test_everybody_changed_since_is_told_once_in_order(house: House) -> None:
    ada, bo, cy = person("Ada"), person("Bo"), person("Cy")
    for one in (ada, bo, cy):
        house.people.add(one)
    house.consents.add(consent(ada.id))
    assert list(house.changes.since(0)[1]) == [bo.id, cy.id, ada.id]
