"""A carried credential: accepted with its person's face; refused otherwise in one answer, its reason in the entry."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from doorward.errors import Conflict, ConsentMissing, NotFound, PersonUnknown
from doorward.face.decision import Decision, Outcome, Reason
from doorward.kernel.ids import CredentialId, PersonId
from doorward.people.consent import Purpose
from doorward.people.credential import Issued, Refusal
from doorward.people.credential_desk import KEPT_AFTER_EXPIRY
from doorward.people.enrolment import CapturedFrom
from doorward.verify.claim import Shown
from houses import House, house_in_memory
from known_people import BIOMETRIC, NOON, OFFICER, ORIGIN, face, resembling

HERS = face(1)
LIKE_HERS = resembling(HERS, 0.7)


def carried(house: House) -> tuple[PersonId, Issued, bytes]:
    """Ada, enrolled, with a credential that holds."""
    ada = house.known("Ada", HERS).id
    issued, octets = house.desk.prepare(OFFICER, ada)
    house.desk.hand_over(issued)
    return ada, issued, octets


def decided(house: House, octets: bytes, probe=LIKE_HERS) -> tuple[Decision, str]:
    """The decision, and what the newest entry says was done."""
    decision = house.decided(Shown(credential=octets), probe)
    return decision, house.trail.listed(1)[-1].entry.action


def test_the_person_is_accepted_and_another_is_not(house: House) -> None:
    ada, _, octets = carried(house)
    decision, action = decided(house, octets)
    assert (decision.outcome, decision.reason, decision.person) == (Outcome.ACCEPTED, Reason.MATCHED, ada)
    assert action == "verification by credential: accepted"
    decision, action = decided(house, octets, face(2))
    assert (decision.outcome, decision.reason, decision.person) == (Outcome.REFUSED, Reason.CREDENTIAL_REFUSED, None)
    assert action == "verification by credential: the face is another"


def test_the_site_needs_no_reference_of_theirs(house: House) -> None:
    ada, _, octets = carried(house)
    for one in house.enrolments.of(ada):
        house.enrolments.remove(ada, one.id)
    assert decided(house, octets)[0].is_accepted


def altered(house: House) -> bytes:
    octets = bytearray(carried(house)[2])
    octets[-1] ^= 1
    return bytes(octets)


def of_another_site(house: House) -> bytes:
    carried(house)
    return carried(house_in_memory_with_other_keys())[2]


def house_in_memory_with_other_keys() -> House:
    other = house_in_memory()
    other.randomness.octets(64)
    return other


def expired(house: House) -> bytes:
    _, issued, octets = carried(house)
    house.clock.moment = issued.until
    return octets


def revoked(house: House) -> bytes:
    ada, _, octets = carried(house)
    house.desk.revoke(OFFICER, ada)
    return octets


def reissued(house: House) -> bytes:
    ada, _, octets = carried(house)
    newer, _ = house.desk.prepare(OFFICER, ada)
    house.desk.hand_over(newer)
    return octets


def never_handed_over(house: House) -> bytes:
    return house.desk.prepare(OFFICER, house.known("Ada", HERS).id)[1]


def of_somebody_erased(house: House) -> bytes:
    ada, _, octets = carried(house)
    house.register.erase(OFFICER, ada)
    return octets


def without_consent(house: House) -> bytes:
    ada, _, octets = carried(house)
    house.register.withdraw(OFFICER, ada, house.consents.of(ada)[0].id)
    return octets


def consent_run_out(house: House) -> bytes:
    ada, _, octets = carried(house)
    given = house.consents.of(ada)[0]
    house.consents.update(replace(given, until=house.clock.now()))
    return octets


def before_it_was_issued(house: House) -> bytes:
    octets = carried(house)[2]
    for one in list(house.credentials.all()):
        given = house.consents.of(one.person)[0]
        house.consents.update(replace(given, given_at=NOON - timedelta(days=2)))
    house.clock.pass_by(hours=-1)
    return octets


def of_another_model(house: House) -> bytes:
    ada = house.known("Ada", replace(HERS, origin=replace(ORIGIN, model="another"))).id
    issued, octets = house.desk.prepare(OFFICER, ada)
    house.desk.hand_over(issued)
    return octets


BAD: dict[str, tuple[Callable[[House], bytes], Refusal]] = {
    "altered": (altered, Refusal.ALTERED),
    "another site's": (of_another_site, Refusal.FOREIGN),
    "expired": (expired, Refusal.EXPIRED),
    "revoked": (revoked, Refusal.REVOKED),
    "reissued": (reissued, Refusal.REISSUED),
    "never handed over": (never_handed_over, Refusal.UNKNOWN),
    "of somebody erased": (of_somebody_erased, Refusal.REVOKED),
    "consent withdrawn": (without_consent, Refusal.REVOKED),
    "consent run out": (consent_run_out, Refusal.NO_CONSENT),
    "a clock an hour back": (before_it_was_issued, Refusal.CLOCK_WRONG),
    "another model": (of_another_model, Refusal.OTHER_MODEL),
    "too large": (lambda house: carried(house)[2] + bytes(50), Refusal.UNREADABLE),
    "nothing": (lambda house: b"", Refusal.UNREADABLE),
    "deep nesting": (lambda house: b"\xd2" + b"\x81" * 400, Refusal.UNREADABLE),
}


@pytest.mark.parametrize("what", BAD)
def test_outside_every_refusal_is_one_answer_and_inside_it_has_its_reason(house: House, what: str) -> None:
    _, _, octets = carried(other := house_in_memory())
    one_answer = decided(other, octets, face(2))[0].to_json()
    made, why = BAD[what]
    shown = made(house)
    entries = house.trail.count()
    decision, action = decided(house, shown)
    assert decision.to_json() == one_answer
    assert action == f"verification by credential: {why}"
    assert house.trail.count() == entries + 1


@pytest.mark.parametrize("what", ["another site's", "nothing", "of somebody erased", "deep nesting"])
def test_what_opens_not_asks_the_stores_as_often_as_what_does(monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    """The work is counted, for time depends on the machine."""
    house = house_in_memory()
    shown = BAD[what][0](house)
    asked: list[tuple[str, bool]] = []
    for store, name in ((house.credentials, "of"), (house.credentials, "revocation"), (house.consents, "of")):
        own = getattr(store, name)

        def counted(key: str, own=own, name=name) -> object:
            answer = own(key)
            asked.append((name, bool(answer)))
            return answer

        monkeypatch.setattr(store, name, counted)
    _, _, true = carried(house)
    asked.clear()
    house.desk.resolve(true, (ORIGIN,))
    of_a_true_one = list(asked)
    asked.clear()
    house.desk.resolve(shown, (ORIGIN,))
    assert [name for name, _ in asked] == [name for name, _ in of_a_true_one]
    if what != "of somebody erased":  # whose rows are not there to be read
        assert asked == of_a_true_one


def test_one_is_issued_only_over_a_confirmed_reference_and_a_consent(house: House) -> None:
    with pytest.raises(PersonUnknown):
        house.desk.prepare(OFFICER, PersonId(str(uuid4())))
    for who, error in (
        (house.known("Bo"), Conflict),
        (house.known("Cy", HERS, captured_from=CapturedFrom.FILE), Conflict),
        (house.known("Di", face(3), purposes=(Purpose.IDENTIFY,)), ConsentMissing),
    ):
        with pytest.raises(error):
            house.desk.prepare(OFFICER, who.id)
    assert list(house.credentials.all()) == []


def test_withdrawing_what_is_not_for_verification_leaves_it(house: House) -> None:
    ada, _, octets = carried(house)
    passages = house.register.consent(OFFICER, ada, "Entry", "1", [Purpose.PASSAGES], "signed")
    house.register.withdraw(OFFICER, ada, passages.id)
    assert decided(house, octets)[0].is_accepted


def test_a_consent_given_anew_does_not_bring_it_back(house: House) -> None:
    ada, _, octets = carried(house)
    house.register.withdraw(OFFICER, ada, house.consents.of(ada)[0].id)
    house.register.consent(OFFICER, ada, "Entry", "1", BIOMETRIC, "signed")
    assert decided(house, octets)[1] == f"verification by credential: {Refusal.REVOKED}"


def test_lists_and_holders_are_told_and_each_look_is_recorded(house: House) -> None:
    ada, issued, _ = carried(house)
    assert house.desk.holder(issued.id) == ada
    assert house.desk.list(OFFICER) == ([issued], [])
    assert house.trail.listed(1)[-1].entry.action == "list of credentials read"
    house.desk.revoke(OFFICER, ada)
    for attempt in (lambda: house.desk.holder(issued.id), lambda: house.desk.revoke(OFFICER, ada)):
        with pytest.raises(NotFound):
            attempt()
    carried_now, ended = house.desk.list(OFFICER)
    assert (carried_now, [one.id for one in ended]) == ([], [issued.id])
    with pytest.raises(NotFound):
        house.desk.holder(CredentialId(str(uuid4())))


def test_what_is_kept_of_an_ended_one_goes_after_it_expired(house: House) -> None:
    ada, issued, octets = carried(house)
    house.desk.revoke(OFFICER, ada)
    house.clock.moment = issued.until + KEPT_AFTER_EXPIRY - timedelta(days=2)
    house.desk.forget_expired()
    assert len(list(house.credentials.revocations())) == 1
    house.clock.pass_by(days=2)
    house.desk.forget_expired()
    assert list(house.credentials.revocations()) == []
    assert not decided(house, octets)[0].is_accepted
