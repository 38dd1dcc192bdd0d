"""The register, over real stores and fakes."""

from datetime import timedelta

import pytest

from doorward.errors import Conflict, ConsentMissing, NotFound, PersonUnknown, StorageError, WrongUse
from doorward.kernel.ids import ConsentId, PersonId
from doorward.people.consent import Purpose
from doorward.people.person import Details, Document, Identifier
from fakes.audit_trail import BrokenAuditTrail
from houses import House
from known_people import OFFICER, face

NOBODY = PersonId("3f0d3a76-8f2c-4d6a-9c1f-1f6f2f2b7c11")


def actions(house: House, person: PersonId) -> list[str]:
    return [entry.action for entry in house.trail.about(person)]


def test_every_act_leaves_an_entry_that_the_person_can_see(house: House) -> None:
    ada = house.known("Ada", face(1))
    house.register.permit(OFFICER, ada.id, "vault")
    house.register.show(OFFICER, ada.id)
    (given,) = house.consents.of(ada.id)
    house.register.withdraw(OFFICER, ada.id, given.id)
    assert actions(house, ada.id) == [
        "person added",
        "consent recorded",
        "face enrolled from live",
        "permitted in group vault",
        "record read",
        "consent withdrawn",
    ]
    assert all(entry.actor == OFFICER for entry in house.register.looks(ada.id))


def test_a_dossier_tells_everything_including_this_look(house: House) -> None:
    ada = house.known("Ada", face(1), document=Document("X1"))
    dossier = house.register.show(OFFICER, ada.id)
    assert dossier.person == ada
    assert (len(dossier.consents), len(dossier.enrolments)) == (1, 1)
    assert dossier.looks[-1].action == "record read"


def test_listing_is_by_name_and_recorded_once(house: House) -> None:
    for name in ("bo", "Ada", "Cy"):
        house.known(name)
    before = house.trail.count()
    assert [one.display_name for one in house.register.list(OFFICER)] == ["Ada", "bo", "Cy"]
    assert house.trail.count() == before + 1


def test_a_number_is_found_however_written_and_held_once(house: House) -> None:
    ada = house.known("Ada", document=Document("ab 12-34"))
    assert house.register.find(Identifier.DOCUMENT, "AB1234") == ada.id
    with pytest.raises(Conflict):
        house.register.add(OFFICER, "Bo", Details(document=Document("Ab-1234")))
    assert [one.display_name for one in house.people.all()] == ["Ada"]


def test_erased_is_erased_and_the_log_names_nobody(house: House) -> None:
    ada = house.known("Ada", face(1), badge_number="7")
    before = house.trail.count()
    house.register.erase(OFFICER, ada.id)
    assert house.trail.count() == before + 1
    assert not house.trail.about(ada.id)
    for ask in (house.register.show, house.register.erase):
        with pytest.raises(PersonUnknown):
            ask(OFFICER, ada.id)
    assert house.register.find(Identifier.BADGE, "7") is None
    house.known("Ada again", badge_number="7")


@pytest.mark.parametrize(
    "wrong",
    [
        {"purposes": []},
        {"notice": " "},
        {"notice_version": ""},
        {"given_how": ""},
        {"notice": "x" * 201},
        {"given_how": "a\nb"},
    ],
)
def test_a_consent_that_proves_nothing_is_refused(house: House, wrong: dict[str, object]) -> None:
    ada = house.known("Ada", purposes=())
    told = {"notice": "Entry", "notice_version": "1", "purposes": [Purpose.VERIFY], "given_how": "signed"} | wrong
    with pytest.raises(WrongUse):
        house.register.consent(OFFICER, ada.id, **told)
    assert not house.consents.of(ada.id)


def test_a_consent_that_has_ended_is_refused(house: House) -> None:
    ada = house.known("Ada", purposes=())
    with pytest.raises(ConsentMissing):
        house.register.consent(OFFICER, ada.id, "Entry", "1", [Purpose.VERIFY], "signed", until=house.clock.now())


def test_withdrawing_twice_keeps_the_first_moment(house: House) -> None:
    ada = house.known("Ada")
    (given,) = house.consents.of(ada.id)
    first = house.register.withdraw(OFFICER, ada.id, given.id).withdrawn_at
    house.clock.pass_by(hours=1)
    assert house.register.withdraw(OFFICER, ada.id, given.id).withdrawn_at == first
    assert house.clock.now() - first == timedelta(hours=1)


def test_what_is_not_there_is_said(house: House) -> None:
    ada = house.known("Ada")
    with pytest.raises(NotFound):
        house.register.withdraw(OFFICER, ada.id, ConsentId("none"))
    for act in (
        lambda: house.register.permit(OFFICER, NOBODY, "vault"),
        lambda: house.register.looks(NOBODY),
        lambda: house.register.consent(OFFICER, NOBODY, "Entry", "1", [Purpose.VERIFY], "signed"),
    ):
        with pytest.raises(PersonUnknown):
            act()


@pytest.mark.parametrize("group", ["", "  ", "a\nb", "x" * 201])
def test_a_group_has_a_name(house: House, group: str) -> None:
    ada = house.known("Ada")
    with pytest.raises(WrongUse):
        house.register.permit(OFFICER, ada.id, group)


def test_without_a_log_nothing_is_done_or_told(house: House) -> None:
    ada = house.known("Ada", face(1), badge_number="7")
    (given,) = house.consents.of(ada.id)
    house.trail = BrokenAuditTrail()
    register = house.register
    for act in (
        lambda: register.show(OFFICER, ada.id),
        lambda: register.list(OFFICER),
        lambda: register.permit(OFFICER, ada.id, "vault"),
        lambda: register.consent(OFFICER, ada.id, "Entry", "2", [Purpose.PHOTO], "signed"),
        lambda: register.withdraw(OFFICER, ada.id, given.id),
        lambda: register.erase(OFFICER, ada.id),
        lambda: register.add(OFFICER, "Bo", Details(badge_number="8")),
        lambda: house.enroller().enrol(OFFICER, ada.id, face(2), "live"),
        lambda: house.doorkeeper.passages_of(OFFICER, ada.id),
    ):
        with pytest.raises(StorageError):
            act()
    assert list(house.people.all()) == [ada]
    assert list(house.consents.of(ada.id)) == [given]
    assert len(house.enrolments.of(ada.id)) == 1
    assert house.people.find(Identifier.BADGE, "8") is None
