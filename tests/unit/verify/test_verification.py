"""Verification, over real stores and fakes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorward.errors import StorageError, WrongUse
from doorward.face import comparison
from doorward.face.decision import Outcome, Reason
from doorward.face.thresholds import DEFAULT_VERIFICATION_FMR, SFACE_LFW
from doorward.kernel.ids import PersonId
from doorward.people.consent import Purpose
from doorward.people.enrolment import CapturedFrom
from doorward.verify.claim import Shown
from fakes.audit_trail import BrokenAuditTrail
from houses import House, house_in_memory
from known_people import OFFICER, UNHURRIED, face, resembling

NOBODY = PersonId("3f0d3a76-8f2c-4d6a-9c1f-1f6f2f2b7c11")
THRESHOLD = SFACE_LFW.at(DEFAULT_VERIFICATION_FMR).value


def test_the_enrolled_person_is_accepted(house: House) -> None:
    ada = house.known("Ada", face(1))
    decision = house.decided(Shown(ada.id), resembling(face(1), 0.6))
    assert (decision.outcome, decision.reason, decision.person) == (Outcome.ACCEPTED, Reason.MATCHED, ada.id)
    assert decision.fmr == DEFAULT_VERIFICATION_FMR
    assert decision.score == pytest.approx(0.6, abs=1e-5)


@UNHURRIED
@given(cosine=st.floats(-0.99, 0.99))
def test_accepted_exactly_at_or_above_the_threshold(cosine: float) -> None:
    house = house_in_memory()
    ada = house.known("Ada", face(1))
    decision = house.decided(Shown(ada.id), resembling(face(1), cosine))
    assert decision.is_accepted == (decision.score >= THRESHOLD)
    assert abs(decision.score - cosine) < 1e-5


def test_the_best_two_of_several_references_decide(house: House) -> None:
    ada = house.known("Ada", face(1))
    for seed in (2, 3):
        house.enroller().enrol(OFFICER, ada.id, face(seed), CapturedFrom.LIVE)
    assert house.decided(Shown(ada.id), face(2)).is_accepted
    near_one_alone = resembling(face(1), 0.5)
    assert not house.decided(Shown(ada.id), near_one_alone).is_accepted
    house.enroller().enrol(OFFICER, ada.id, resembling(face(1), 0.9), CapturedFrom.LIVE)
    assert house.decided(Shown(ada.id), near_one_alone).is_accepted


def refused_claims(house: House) -> dict[str, PersonId | None]:
    """Everybody whose claim nobody can meet, each with the very face that the probe shows."""
    pending = house.known("Pending", face(1), captured_from=CapturedFrom.FILE)
    unenrolled = house.known("Unenrolled")
    elsewhere = house.known("Other purpose", face(1), purposes=(Purpose.IDENTIFY, Purpose.PASSAGES, Purpose.PHOTO))
    withdrawn = house.known("Withdrawn", face(1))
    (given_by_them,) = house.consents.of(withdrawn.id)
    house.register.withdraw(OFFICER, withdrawn.id, given_by_them.id)
    expired = house.known("Expired", purposes=())
    until = house.clock.now().replace(hour=13)
    house.register.consent(OFFICER, expired.id, "Entry", "1", [Purpose.VERIFY], "signed", until)
    house.enroller().enrol(OFFICER, expired.id, face(1), CapturedFrom.LIVE)
    house.clock.moment = until
    erased = house.known("Erased", face(1))
    house.register.erase(OFFICER, erased.id)
    people = {"pending": pending, "unenrolled": unenrolled, "other purpose": elsewhere, "withdrawn": withdrawn}
    claims: dict[str, PersonId | None] = {why: person.id for why, person in people.items()}
    return claims | {"expired": expired.id, "erased": erased.id, "unknown": NOBODY, "none": None}


def test_every_refusal_is_told_alike_and_recorded(house: House) -> None:
    ada = house.known("Ada", face(2))
    stranger = house.decided(Shown(ada.id), face(1)).to_json()
    for why, claim in refused_claims(house).items():
        before = house.trail.count()
        decision = house.decided(Shown(claim), face(1))
        assert decision.to_json() == stranger, why
        assert decision.person is None, why
        assert house.trail.count() == before + 1, why


def test_an_unknown_claim_costs_a_comparison(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    compared = []
    plain = comparison.compare
    monkeypatch.setattr(comparison, "compare", lambda one, other: compared.append(other) or plain(one, other))
    house.decided(Shown(NOBODY), face(1))
    assert len(compared) == 1
    assert not np.any(compared[0].vector)


def test_the_entry_comes_before_the_answer(house: House) -> None:
    ada = house.known("Ada", face(1))
    house.decided(Shown(ada.id), face(9))
    assert house.trail.about(ada.id)[-1].action == "verification"
    house.trail = BrokenAuditTrail()
    for claim in (ada.id, NOBODY, None):
        with pytest.raises(StorageError):
            house.decided(Shown(claim), face(1))


@pytest.mark.parametrize("fmr", [0, 1e-9, 0.5, float("nan")])
def test_no_threshold_that_was_not_measured(house: House, fmr: float) -> None:
    ada = house.known("Ada", face(1))
    with pytest.raises(WrongUse):
        house.decided(Shown(ada.id), face(1), fmr=fmr)


def test_a_stricter_rate_may_refuse(house: House) -> None:
    ada = house.known("Ada", face(1))
    probe = resembling(face(1), 0.45)
    assert house.decided(Shown(ada.id), probe, fmr=1e-4).is_accepted
    assert not house.decided(Shown(ada.id), probe, fmr=1e-6).is_accepted
