"""When a credential ends, why one is refused, and that whatever was said is read back."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorward.adapters.credentials.sealer import PLAINTEXT_LENGTH, decoded, encoded
from doorward.errors import ConsentMissing, WrongUse
from doorward.kernel.ids import CredentialId
from doorward.people.consent import Purpose
from doorward.people.credential import (
    CLOCK_TOLERANCE,
    DEFAULT_LIFETIME,
    LONGEST_LIFETIME,
    Cause,
    Credential,
    Issued,
    Refusal,
    Revocation,
    credential_for,
    expiry,
    refusal_of,
)
from known_people import NOON, ORIGIN, UNHURRIED, consent, face, person

ADA = person("Ada").id
DAY = timedelta(days=1)
ISSUED = Issued(CredentialId(str(uuid4())), ADA, NOON, NOON + 90 * DAY)
SAID = credential_for(ISSUED, face(1))


def end(cause: Cause) -> Revocation:
    return Revocation(ISSUED.id, cause, NOON + DAY, ISSUED.until)


def test_one_that_was_issued_holds_until_it_ends() -> None:
    assert refusal_of(SAID, ISSUED, None, NOON) is None
    assert refusal_of(SAID, ISSUED, None, ISSUED.until - timedelta(seconds=1)) is None
    assert refusal_of(SAID, ISSUED, None, ISSUED.until) is Refusal.EXPIRED


@pytest.mark.parametrize(
    ("cause", "why"),
    [
        (Cause.REISSUED, Refusal.REISSUED),
        (Cause.REVOKED, Refusal.REVOKED),
        (Cause.CONSENT_WITHDRAWN, Refusal.REVOKED),
        (Cause.ERASED, Refusal.REVOKED),
    ],
)
def test_one_that_was_ended_is_refused(cause: Cause, why: Refusal) -> None:
    assert refusal_of(SAID, None, end(cause), NOON) is why
    assert refusal_of(SAID, ISSUED, end(cause), NOON) is why


def test_what_the_site_does_not_have_as_the_persons_is_refused() -> None:
    """As after a restore from before it was issued."""
    assert refusal_of(SAID, None, None, NOON) is Refusal.UNKNOWN
    newer = replace(ISSUED, id=CredentialId(str(uuid4())))
    assert refusal_of(SAID, newer, None, NOON) is Refusal.REISSUED


def test_a_clock_that_is_wrong_by_an_hour_is_seen() -> None:
    assert refusal_of(SAID, ISSUED, None, NOON - timedelta(hours=1)) is Refusal.CLOCK_WRONG
    assert refusal_of(SAID, ISSUED, None, NOON - CLOCK_TOLERANCE) is None
    assert refusal_of(SAID, ISSUED, None, ISSUED.until + timedelta(hours=1)) is Refusal.EXPIRED


def test_it_ends_with_the_consent_it_rests_on() -> None:
    held = [consent(ADA, until=NOON + 30 * DAY)]
    assert expiry(None, held, NOON) == NOON + 30 * DAY
    assert expiry(NOON + 10 * DAY, held, NOON) == NOON + 10 * DAY
    with pytest.raises(WrongUse, match="consent ends"):
        expiry(NOON + 31 * DAY, held, NOON)


def test_without_an_end_of_consent_it_ends_after_a_year() -> None:
    held = [consent(ADA, until=NOON + 30 * DAY), consent(ADA)]
    assert expiry(None, held, NOON) == NOON + DEFAULT_LIFETIME


@pytest.mark.parametrize("wanted", [NOON, NOON - DAY, NOON + LONGEST_LIFETIME + DAY])
def test_ends_that_cannot_be_are_refused(wanted) -> None:
    with pytest.raises(WrongUse):
        expiry(wanted, [consent(ADA)], NOON)


@pytest.mark.parametrize(
    "consents",
    [
        [],
        [consent(ADA, frozenset({Purpose.IDENTIFY, Purpose.PHOTO}))],
        [consent(ADA, withdrawn_at=NOON - timedelta(hours=1))],
        [consent(ADA, until=NOON)],
    ],
)
def test_there_is_none_without_a_consent_to_verification(consents) -> None:
    with pytest.raises(ConsentMissing):
        expiry(None, consents, NOON)


seconds = st.datetimes().map(lambda moment: moment.replace(microsecond=0, tzinfo=NOON.tzinfo))
said = st.builds(
    lambda issued_at, until, mark, dimension, seed: Credential(
        CredentialId(str(uuid4())),
        ADA,
        issued_at,
        until,
        mark,
        dimension,
        seed[: (dimension * (8 if dimension <= 256 else 4) + 7) // 8],
    ),
    seconds,
    seconds,
    st.binary(min_size=8, max_size=8),
    st.integers(1, 512),
    st.binary(min_size=256, max_size=256),
)


@UNHURRIED
@given(said)
def test_whatever_it_says_is_read_back_from_one_length(credential: Credential) -> None:
    plaintext = encoded(credential)
    assert len(plaintext) == PLAINTEXT_LENGTH
    assert decoded(plaintext) == credential


@UNHURRIED
@given(st.binary(max_size=PLAINTEXT_LENGTH))
def test_what_is_no_credential_is_none(octets: bytes) -> None:
    assert decoded(octets) is None


def test_it_is_compared_with_probes_of_its_model_alone() -> None:
    restored = SAID.template(ORIGIN)
    assert restored is not None
    assert float(restored.vector @ face(1).vector) > 0.9999
    assert SAID.template(replace(ORIGIN, model="another")) is None
