"""Enrolling and confirming, over real stores and fakes."""

from dataclasses import replace

import pytest

from doorward.errors import AlreadyEnrolled, Conflict, ConsentMissing, NotConfirmed, PersonUnknown, WrongUse
from doorward.kernel.ids import PersonId
from doorward.people.consent import Purpose
from doorward.people.enroller import MOST_TEMPLATES
from doorward.people.enrolment import CapturedFrom
from houses import House
from known_people import OFFICER, face, resembling

NOBODY = PersonId("3f0d3a76-8f2c-4d6a-9c1f-1f6f2f2b7c11")
LIVE, FILE = CapturedFrom.LIVE, CapturedFrom.FILE


@pytest.mark.parametrize("purposes", [(), (Purpose.PHOTO,), (Purpose.PASSAGES, Purpose.PHOTO)])
def test_no_face_is_enrolled_without_consent_to_use_it(house: House, purposes: tuple[Purpose, ...]) -> None:
    ada = house.known("Ada", purposes=purposes)
    for captured_from in (LIVE, FILE):
        with pytest.raises(ConsentMissing):
            house.enroller().enrol(OFFICER, ada.id, face(1), captured_from)
    assert not house.enrolments.of(ada.id)


def test_an_ended_or_withdrawn_consent_is_none(house: House) -> None:
    ada, bo = house.known("Ada", purposes=()), house.known("Bo")
    until = house.clock.now().replace(hour=13)
    house.register.consent(OFFICER, ada.id, "Entry", "1", [Purpose.VERIFY], "signed", until)
    house.clock.moment = until
    (given,) = house.consents.of(bo.id)
    house.register.withdraw(OFFICER, bo.id, given.id)
    for who in (ada, bo):
        with pytest.raises(ConsentMissing):
            house.enroller().enrol(OFFICER, who.id, face(1), LIVE)


@pytest.mark.parametrize("purpose", [Purpose.VERIFY, Purpose.IDENTIFY])
def test_either_use_suffices(house: House, purpose: Purpose) -> None:
    ada = house.known("Ada", face(1), purposes=(purpose,))
    assert len(house.enrolments.of(ada.id)) == 1


def test_live_counts_at_once_and_a_file_stays_pending(house: House) -> None:
    ada = house.known("Ada", face(1))
    bo = house.known("Bo", face(2), captured_from=FILE)
    assert [one.is_pending for one in house.enrolments.of(ada.id)] == [False]
    assert [one.is_pending for one in house.enrolments.of(bo.id)] == [True]


def test_a_photo_is_kept_only_with_consent_to_that(house: House) -> None:
    ada = house.known("Ada")
    bo = house.known("Bo", purposes=(Purpose.VERIFY, Purpose.PHOTO))
    kept = {}
    for who, seed in ((ada, 1), (bo, 2)):
        enrolled = house.enroller().enrol(OFFICER, who.id, face(seed), LIVE, photo=b"photo")
        kept[who.display_name] = house.enrolments.photo(who.id, enrolled.id)
    assert kept == {"Ada": None, "Bo": b"photo"}


def test_nobody_is_enrolled_and_not_without_end(house: House) -> None:
    with pytest.raises(PersonUnknown):
        house.enroller().enrol(OFFICER, NOBODY, face(1), LIVE)
    ada = house.known("Ada")
    for seed in range(MOST_TEMPLATES):
        house.enroller().enrol(OFFICER, ada.id, face(seed), LIVE)
    with pytest.raises(Conflict):
        house.enroller().enrol(OFFICER, ada.id, face(99), LIVE)


def test_confirming_needs_the_same_face(house: House) -> None:
    ada = house.known("Ada", face(1), captured_from=FILE)
    with pytest.raises(NotConfirmed) as refusal:
        house.enroller().confirm(OFFICER, ada.id, face(2))
    assert refusal.value.exit_status == 3
    assert [one.is_pending for one in house.enrolments.of(ada.id)] == [True]
    assert house.trail.about(ada.id)[-1].action == "confirmation refused"
    (confirmed,) = house.enroller().confirm(OFFICER, ada.id, resembling(face(1), 0.6))
    assert confirmed.confirmed_at == house.clock.now()
    assert [one.is_pending for one in house.enrolments.of(ada.id)] == [False]
    with pytest.raises(Conflict):
        house.enroller().confirm(OFFICER, ada.id, face(1))


def test_only_the_photos_of_that_face_are_confirmed(house: House) -> None:
    ada = house.known("Ada", face(1), captured_from=FILE)
    house.enroller().enrol(OFFICER, ada.id, face(2), FILE)
    house.enroller().confirm(OFFICER, ada.id, face(1))
    assert [one.is_pending for one in house.enrolments.of(ada.id)] == [False, True]


def test_confirming_needs_consent_still(house: House) -> None:
    ada = house.known("Ada", face(1), captured_from=FILE)
    (given,) = house.consents.of(ada.id)
    house.register.withdraw(OFFICER, ada.id, given.id)
    with pytest.raises(ConsentMissing):
        house.enroller().confirm(OFFICER, ada.id, face(1))


def test_duplicates_are_found_in_the_identify_profile_alone(house: House) -> None:
    ada, bo = house.known("Ada Lovelace", face(1)), house.known("Bo")
    again = resembling(face(1), 0.7)
    with pytest.raises(AlreadyEnrolled) as told:
        house.enroller(identify_profile=True).enrol(OFFICER, bo.id, again, FILE)
    assert "Ada" not in told.value.message
    assert ada.id not in told.value.message
    with pytest.raises(AlreadyEnrolled, match="Ada Lovelace"):
        house.enroller(identify_profile=True).enrol(OFFICER, bo.id, again, FILE, may_see_duplicate=True)
    assert not house.enrolments.of(bo.id)
    house.enroller(identify_profile=True).enrol(OFFICER, ada.id, again, LIVE)
    house.enroller().enrol(OFFICER, bo.id, again, LIVE)


def test_a_pending_duplicate_is_refused_when_confirmed(house: House) -> None:
    bo = house.known("Bo", face(1), captured_from=FILE)
    house.known("Ada Lovelace", face(1))
    enroller = house.enroller(identify_profile=True)
    with pytest.raises(AlreadyEnrolled) as told:
        enroller.confirm(OFFICER, bo.id, face(1))
    assert "Ada" not in told.value.message
    with pytest.raises(AlreadyEnrolled, match="Ada Lovelace"):
        enroller.confirm(OFFICER, bo.id, face(1), may_see_duplicate=True)
    assert [one.is_pending for one in house.enrolments.of(bo.id)] == [True]


@pytest.mark.parametrize("ending", ["expired", "withdrawn"])
def test_who_ended_their_consent_is_compared_with_nobody(house: House, ending: str) -> None:
    ada, bo = house.known("Ada", purposes=()), house.known("Bo")
    until = house.clock.now().replace(hour=14)
    given = house.register.consent(OFFICER, ada.id, "Entry", "1", [Purpose.IDENTIFY], "signed", until)
    enroller = house.enroller(identify_profile=True)
    enroller.enrol(OFFICER, ada.id, face(1), LIVE)
    with pytest.raises(AlreadyEnrolled):
        enroller.enrol(OFFICER, bo.id, face(1), LIVE)
    if ending == "expired":
        house.clock.moment = until
    else:
        house.register.withdraw(OFFICER, ada.id, given.id)
    enroller.enrol(OFFICER, bo.id, face(1), LIVE)


def test_a_strong_match_updates_at_once_and_a_weaker_one_does_not(house: House) -> None:
    ada = house.known("Ada", face(1))
    with pytest.raises(NotConfirmed):
        house.enroller().update(OFFICER, ada.id, resembling(face(1), 0.5), FILE)
    assert house.trail.about(ada.id)[-1].action == "update refused"
    updated = house.enroller().update(OFFICER, ada.id, resembling(face(1), 0.6), FILE)
    assert not updated.is_pending
    assert len(house.enrolments.of(ada.id)) == 2


def test_an_update_needs_a_confirmed_reference_of_the_model_and_a_consent(house: House) -> None:
    pending = house.known("Pending", face(1), captured_from=FILE)
    other = house.known("Other", face(2))
    newer = replace(face(2), origin=replace(face(2).origin, model="newer"))
    for person, template in ((pending, face(1)), (other, newer)):
        with pytest.raises((Conflict, WrongUse)):
            house.enroller().update(OFFICER, person.id, template, FILE)
    gone = house.known("Gone", face(3))
    house.register.withdraw(OFFICER, gone.id, house.consents.of(gone.id)[0].id)
    with pytest.raises(ConsentMissing):
        house.enroller().update(OFFICER, gone.id, face(3), FILE)
    with pytest.raises(PersonUnknown):
        house.enroller().update(OFFICER, NOBODY, face(3), FILE)


def test_the_oldest_makes_room_for_an_update(house: House) -> None:
    ada = house.known("Ada", face(1))
    for _ in range(MOST_TEMPLATES - 1):
        house.clock.pass_by(hours=1)
        house.enroller().enrol(OFFICER, ada.id, face(1), LIVE)
    oldest = house.enrolments.of(ada.id)[0]
    house.clock.pass_by(hours=1)
    newest = house.enroller().update(OFFICER, ada.id, face(1), FILE)
    kept = [one.id for one in house.enrolments.of(ada.id)]
    assert len(kept) == MOST_TEMPLATES
    assert oldest.id not in kept
    assert newest.id in kept


def test_an_update_is_refused_where_the_face_is_anothers_too(house: House) -> None:
    ada = house.known("Ada", face(1))
    house.known("Bo", resembling(face(1), 0.9))
    with pytest.raises(AlreadyEnrolled):
        house.enroller(identify_profile=True).update(OFFICER, ada.id, face(1), FILE)
