"""A log's keys followed from a trusted one to the newest, and checkpoints under the key of their size."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from doorward.audit.log_keys import KeySpan, check_under, follow_keys
from doorward.audit.note import checkpoint_text, countersigned, origin_of, signed_note, verifier_key
from doorward.errors import AuditInvalid
from doorward.kernel.ids import SiteId
from known_people import UNHURRIED

ORIGIN = origin_of(SiteId("3f0d3a76-8f2c-4d6a-9c1f-1f6f2f2b7c11"))
ROOT = bytes(32)


class Signer:
    """One of a log's keys."""

    def __init__(self, number: int) -> None:
        self.private = Ed25519PrivateKey.from_private_bytes(number.to_bytes(32, "big"))
        self.public = self.private.public_key().public_bytes_raw()
        self.key = verifier_key(ORIGIN, self.public)

    def checkpoint(self, size: int, following: "Signer | None" = None) -> str:
        text = checkpoint_text(ORIGIN, size, ROOT, following and following.key)
        return signed_note(text, ORIGIN, self.public, self.private.sign)

    def countersigned(self, note: str) -> str:
        return countersigned(note, ORIGIN, self.public, self.private.sign)

    def handover(self, size: int, following: "Signer") -> str:
        return following.countersigned(self.checkpoint(size, following))


FIRST, SECOND, THIRD, STRANGER = (Signer(number) for number in range(1, 5))
HANDOVERS = [FIRST.handover(10, SECOND), SECOND.handover(20, THIRD)]
SPANS = (KeySpan(FIRST.key, 10), KeySpan(SECOND.key, 20), KeySpan(THIRD.key, None))


def test_the_newest_key_is_found_from_any_trusted_one() -> None:
    assert follow_keys(FIRST.key, HANDOVERS) == SPANS
    assert follow_keys(SECOND.key, HANDOVERS) == SPANS[1:]
    assert follow_keys(THIRD.key, HANDOVERS) == SPANS[2:]
    assert follow_keys(FIRST.key, []) == (KeySpan(FIRST.key, None),)


def test_a_key_that_the_log_never_had_leads_nowhere() -> None:
    assert follow_keys(STRANGER.key, HANDOVERS) == (KeySpan(STRANGER.key, None),)
    with pytest.raises(AuditInvalid):
        check_under(THIRD.checkpoint(30), follow_keys(STRANGER.key, HANDOVERS))


@pytest.mark.parametrize(
    "handovers",
    [
        [STRANGER.countersigned(FIRST.checkpoint(10))],
        [FIRST.checkpoint(10)],
        [FIRST.checkpoint(10, SECOND)],
        [STRANGER.countersigned(FIRST.checkpoint(10, SECOND))],
        [HANDOVERS[0], STRANGER.handover(20, THIRD)],
        [HANDOVERS[0], SECOND.handover(9, THIRD)],
        [HANDOVERS[0], SECOND.handover(10, THIRD)],
        [HANDOVERS[0], HANDOVERS[0]],
        [HANDOVERS[0].replace(SECOND.key, STRANGER.key), HANDOVERS[1]],
    ],
    ids=[
        "a signature that anybody added",
        "nobody named",
        "the next key did not sign",
        "another signed for the next key",
        "by a key that was not handed the log",
        "backwards",
        "twice over one size",
        "the same again",
        "another key named",
    ],
)
def test_a_key_that_was_not_named_by_the_one_before_is_not_followed(handovers: list[str]) -> None:
    try:
        spans = follow_keys(FIRST.key, handovers)
    except AuditInvalid:
        return
    assert spans == (KeySpan(FIRST.key, None),)


@UNHURRIED
@given(st.integers(0, 40), st.sampled_from([FIRST, SECOND, THIRD, STRANGER]))
def test_a_checkpoint_holds_under_the_key_of_its_size_alone(size: int, signer: Signer) -> None:
    valid = {FIRST: size < 10, SECOND: 10 < size < 20, THIRD: size > 20, STRANGER: False}[signer]
    try:
        assert check_under(signer.checkpoint(size), SPANS).size == size
    except AuditInvalid:
        assert not valid
    else:
        assert valid


def test_a_handover_holds_under_both_keys_alone() -> None:
    assert [check_under(note, SPANS).size for note in HANDOVERS] == [10, 20]
    for signer in (FIRST, SECOND):
        with pytest.raises(AuditInvalid):
            check_under(signer.checkpoint(10, SECOND), SPANS)


@UNHURRIED
@given(st.lists(st.text(), max_size=3), st.text())
def test_any_text_is_refused_in_our_own_words(notes: list[str], key: str) -> None:
    for trusted in (FIRST.key, key):
        try:
            spans = follow_keys(trusted, [*notes, *HANDOVERS])
        except AuditInvalid:
            continue
        with pytest.raises(AuditInvalid):
            check_under(STRANGER.checkpoint(30), spans)
