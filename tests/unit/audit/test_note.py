"""Signed notes and checkpoints, written and read; a decoder takes anything and raises our own error only."""

from base64 import b64decode

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from doorward.audit.note import checkpoint_text, origin_of, signed_note, verifier_key
from doorward.audit.verifier import Checkpoint, check_checkpoint, check_note
from doorward.errors import AuditInvalid
from doorward.kernel.ids import SiteId
from known_people import UNHURRIED

# The example of Go's package golang.org/x/mod/sumdb/note; Ed25519 is deterministic, so the bytes are the same.
NAME = "PeterNeumann"
SEED = b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
VERIFIER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
NOTE = (
    f"{TEXT}\n— PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)

KEY = Ed25519PrivateKey.from_private_bytes(SEED)
PUBLIC = KEY.public_key().public_bytes_raw()
ORIGIN = origin_of(SiteId("3f0d3a76-8f2c-4d6a-9c1f-1f6f2f2b7c11"))
OURS = verifier_key(ORIGIN, PUBLIC)


def checkpoint(text: str, name: str = ORIGIN) -> str:
    return signed_note(text, name, PUBLIC, KEY.sign)


def test_the_known_note_is_written_and_read() -> None:
    assert verifier_key(NAME, PUBLIC) == VERIFIER
    assert signed_note(TEXT, NAME, PUBLIC, KEY.sign) == NOTE
    assert check_note(NOTE, VERIFIER) == TEXT


def test_a_note_with_signatures_of_others_too() -> None:
    others = "— witness.example AAAAAAAA\n"
    head, _, signature = NOTE.rpartition("\n\n")
    assert check_note(f"{head}\n\n{others}{signature}{others}", VERIFIER) == TEXT


@pytest.mark.parametrize(
    "note",
    [
        "",
        "\n",
        TEXT,
        NOTE[:-1],
        NOTE.replace("answer", "solution"),
        NOTE.replace("PeterNeumann", "PeterNewmann"),
        NOTE.replace("x08go", "x08gp"),
        NOTE.replace("wJnAM=", "wJnAN="),
        NOTE.replace("wJnAM=", ""),
        NOTE.replace("\n\n", "\n"),
        NOTE.replace("—", "-"),
        "\n" * 70_000 + NOTE,
    ],
)
def test_a_note_that_is_wrong(note: str) -> None:
    with pytest.raises(AuditInvalid):
        check_note(note, VERIFIER)


@pytest.mark.parametrize("key", ["", "a+b", "a+b+c", VERIFIER[:-4], VERIFIER.replace("c74f", "c75f"), "+" + VERIFIER])
def test_a_key_that_is_wrong(key: str) -> None:
    with pytest.raises(AuditInvalid):
        check_note(NOTE, key)


@UNHURRIED
@given(size=st.integers(0, 10**15), root=st.binary(min_size=32, max_size=32))
def test_a_checkpoint_comes_back(size: int, root: bytes) -> None:
    assert check_checkpoint(checkpoint(checkpoint_text(ORIGIN, size, root)), OURS) == Checkpoint(ORIGIN, size, root)


@pytest.mark.parametrize(
    "text",
    [
        f"{ORIGIN}\n",
        f"{ORIGIN}\n7\n",
        f"{ORIGIN}\n7\nAAAA\n",
        checkpoint_text(ORIGIN, 7, bytes(31)),
        checkpoint_text(ORIGIN, -7, bytes(32)),
        checkpoint_text("elsewhere", 7, bytes(32)),
        checkpoint_text(ORIGIN, 7, bytes(32)).replace("7", "07"),
        checkpoint_text(ORIGIN, 7, bytes(32)).replace("\n7\n", "\n٧\n"),
        checkpoint_text(ORIGIN, 7, bytes(32)).replace("\n7\n", f"\n{'7' * 5000}\n"),
        checkpoint_text("", 7, bytes(32)),
    ],
)
def test_a_signed_checkpoint_that_is_malformed(text: str) -> None:
    with pytest.raises(AuditInvalid):
        check_checkpoint(checkpoint(text), OURS)


@UNHURRIED
@given(
    st.text(st.characters()) | st.text(alphabet="—\n ab+=/0").map(lambda text: text + "\n\n— x y\n"),
    st.text(alphabet="+aA=\n"),
)
def test_any_text_is_refused_in_our_own_words(note: str, key: str) -> None:
    for verifier in (OURS, key):
        with pytest.raises(AuditInvalid):
            check_checkpoint(note, verifier)
