"""A change of model: both compared, never with each other, and people come over by coming by."""

import pytest

from doorward.errors import AlreadyEnrolled, Conflict, NotConfirmed
from doorward.face.decision import Reason
from doorward.face.template import Template
from doorward.people.credential import model_mark
from doorward.people.enroller import MOST_TEMPLATES
from doorward.people.enrolment import CapturedFrom
from doorward.people.person import Identifier
from doorward.verify.claim import Number, Shown
from houses import House
from known_models import NEWER, NEWER_SET, newer, newer_face, thresholds_of
from known_people import NOON, OFFICER, ORIGIN, face, resembling

LIVE, FILE = CapturedFrom.LIVE, CapturedFrom.FILE


@pytest.fixture
def moving(house: House) -> House:
    """A house that moves from one model to the newer."""
    house.thresholds = thresholds_of
    return house


def models(house: House, person: str) -> list[str]:
    return [one.template.origin.model for one in house.enrolments.of(person) if not one.is_pending]


def decided(house: House, person: str, seen: Template):
    claim = house.claims.of(Shown(person), NEWER, ORIGIN)
    return house.verifier.decide(OFFICER, claim, newer(seen), former=seen)


def test_a_claim_is_compared_in_its_own_model_s_space(moving: House) -> None:
    old, new = moving.known("Old", face(1)), moving.known("New", newer_face(2))
    both = moving.known("Both", face(3))
    moving.enroller().enrol(OFFICER, both.id, newer_face(4), LIVE)
    for person, seed, expected in ((old, 1, "sface-lfw-2"), (new, 2, NEWER_SET.name), (both, 4, NEWER_SET.name)):
        decision = decided(moving, person.id, resembling(face(seed), 0.5))
        assert (decision.reason, decision.person) == (Reason.MATCHED, person.id)
        assert decision.threshold is not None
        assert decision.threshold.threshold_set == expected
    assert not decided(moving, both.id, face(3)).is_accepted, "who has references of both is held against the newer"


def test_each_model_has_its_own_threshold(moving: House) -> None:
    old, new = moving.known("Old", face(1)), moving.known("New", newer_face(2))
    between = 0.38  # reaches the newer model's threshold at 1e-4, and not the other's
    assert not decided(moving, old.id, resembling(face(1), between)).is_accepted
    assert decided(moving, new.id, resembling(face(2), between)).is_accepted


def test_a_refusal_tells_nobody_whose_references_are_left(moving: House) -> None:
    old = moving.known("Old", face(1), badge_number="O-1")
    told = []
    for shown in (Shown(old.id), Shown(), Shown(number=Number(Identifier.BADGE, "none"))):
        decision = moving.verifier.decide(
            OFFICER, moving.claims.of(shown, NEWER, ORIGIN), newer_face(9), former=face(9)
        )
        told.append(decision.to_json())
    assert told[0]["reason"] == "not_matched"
    assert told[0] == told[1] == told[2]


def test_without_the_former_model_nobody_of_it_is_matched(moving: House) -> None:
    old = moving.known("Old", face(1))
    claim = moving.claims.of(Shown(old.id), NEWER)
    assert moving.verifier.decide(OFFICER, claim, newer_face(1)).reason is Reason.NOT_MATCHED


def test_a_strong_match_brings_over(moving: House) -> None:
    old = moving.known("Old", face(1))
    weak, strong = resembling(face(1), 0.5), resembling(face(1), 0.6)
    assert moving.enroller().follow(OFFICER, old.id, newer(weak), weak, LIVE) is None
    added = moving.enroller().follow(OFFICER, old.id, newer(strong), strong, LIVE)
    assert added is not None
    assert models(moving, old.id) == ["sface", "newer"]
    assert moving.trail.about(old.id)[-1].action == "reference of the model in use added after a strong match"
    assert moving.enroller().follow(OFFICER, old.id, newer(strong), strong, LIVE) is None, "once"
    assert decided(moving, old.id, strong).threshold.threshold_set == NEWER_SET.name


def test_no_consent_and_nothing_confirmed_bring_nobody_over(moving: House) -> None:
    pending = moving.known("Pending", face(1), captured_from=FILE)
    gone = moving.known("Gone", face(2))
    moving.register.withdraw(OFFICER, gone.id, moving.consents.of(gone.id)[0].id)
    for person, seed in ((pending, 1), (gone, 2)):
        assert moving.enroller().follow(OFFICER, person.id, newer_face(seed), face(seed), LIVE) is None
        assert "newer" not in models(moving, person.id)


def test_a_lookalike_is_brought_over_by_an_officer_alone(moving: House) -> None:
    ada, bo = moving.known("Ada", face(1)), moving.known("Bo", face(2))
    moving.lookalikes.pair(ada.id, bo.id, NOON)
    assert moving.enroller().follow(OFFICER, ada.id, newer_face(1), face(1), LIVE) is None
    moving.enroller().update(OFFICER, ada.id, newer_face(1), FILE, former=face(1))
    assert models(moving, ada.id) == ["sface", "newer"]


def test_whose_face_resembles_another_s_is_not_brought_over(moving: House) -> None:
    ada = moving.known("Ada", face(1))
    moving.known("Bo", resembling(face(1), 0.9))
    assert moving.enroller(identify_profile=True).follow(OFFICER, ada.id, newer_face(1), face(1), LIVE) is None
    assert moving.trail.about(ada.id)[-1].action.startswith("no reference of the model in use added")


def test_an_update_and_a_confirmation_take_the_former_model_too(moving: House) -> None:
    ada = moving.known("Ada", face(1))
    with pytest.raises(Conflict):
        moving.enroller().update(OFFICER, ada.id, newer_face(1), FILE)
    with pytest.raises(NotConfirmed):
        moving.enroller().update(OFFICER, ada.id, newer_face(1), FILE, former=resembling(face(1), 0.5))
    moving.enroller().update(OFFICER, ada.id, newer_face(1), FILE, former=face(1))
    assert models(moving, ada.id) == ["sface", "newer"]
    bo = moving.known("Bo", face(2), captured_from=FILE)
    with pytest.raises(Conflict):
        moving.enroller().confirm(OFFICER, bo.id, newer_face(2))
    (confirmed,) = moving.enroller().confirm(OFFICER, bo.id, newer_face(2), former=face(2))
    assert confirmed.template.origin.model == "sface"
    assert models(moving, bo.id) == ["sface", "newer"]


def test_references_of_each_model_are_counted_for_themselves(moving: House) -> None:
    ada = moving.known("Ada")
    for _ in range(MOST_TEMPLATES):
        moving.enroller().enrol(OFFICER, ada.id, face(1), LIVE)
    moving.enroller().enrol(OFFICER, ada.id, newer_face(1), LIVE, former=face(1))
    assert len(models(moving, ada.id)) == MOST_TEMPLATES + 1


def test_who_is_enrolled_by_the_former_model_is_not_enrolled_twice(moving: House) -> None:
    """Only the former model's gallery is filled here: the fake roster holds one model."""
    moving.known("Ada", face(1))
    bo = moving.known("Bo")
    with pytest.raises(AlreadyEnrolled):
        moving.enroller(identify_profile=True).enrol(OFFICER, bo.id, newer_face(1), LIVE, former=face(1))


def test_a_carried_credential_keeps_its_model_until_it_is_issued_again(moving: House) -> None:
    ada = moving.known("Ada", face(1))
    issued, octets = moving.desk.prepare(OFFICER, ada.id)
    moving.desk.hand_over(issued)
    assert issued.model_mark == model_mark("sface")
    assert moving.credentials.of(ada.id) == issued
    claim = moving.claims.of(Shown(credential=octets), NEWER, ORIGIN)
    assert moving.verifier.decide(OFFICER, claim, newer_face(1), former=face(1)).is_accepted
    without = moving.claims.of(Shown(credential=octets), NEWER)
    assert moving.verifier.decide(OFFICER, without, newer_face(1)).reason is Reason.CREDENTIAL_REFUSED
    moving.enroller().enrol(OFFICER, ada.id, newer_face(1), LIVE)
    again, octets = moving.desk.prepare(OFFICER, ada.id, model=NEWER.model)
    moving.desk.hand_over(again)
    assert again.model_mark == model_mark("newer")
    assert not again.may_be_of("sface", NOON)
    claim = moving.claims.of(Shown(credential=octets), NEWER)
    assert moving.verifier.decide(OFFICER, claim, newer_face(1)).is_accepted
