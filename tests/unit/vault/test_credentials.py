"""Credentials open at their site alone, and not one bit of them may differ; what lies in the clear tells nothing."""

from itertools import pairwise
from uuid import uuid4

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from doorward.kernel.ids import SiteId
from doorward.vault.cose import LARGEST, Sealed, Signed, decoded, item
from doorward.vault.credentials import CredentialKeys, Unopened
from doorward.vault.keyring import Keyring
from doorward.vault.ports import KeyKind
from fakes.clock import FakeClock, FakeRandomness
from fakes.key_provider import FakeKeyProvider
from fakes.key_store import FakeKeyStore
from known_people import UNHURRIED

SAID = b"reference" * 30


def a_site(
    seed: int = 0, site: SiteId | None = None, store: FakeKeyStore | None = None
) -> tuple[CredentialKeys, Keyring]:
    name, randomness = site or SiteId(str(uuid4())), FakeRandomness(seed)
    keyring = Keyring.found(name, store or FakeKeyStore(), FakeKeyProvider(), FakeClock(), randomness)
    return CredentialKeys(name, keyring, randomness), keyring


def test_a_credential_opens_at_its_site() -> None:
    keys, _ = a_site()
    sealed = keys.seal(SAID)
    assert keys.open(sealed) == SAID
    assert len(sealed) <= LARGEST
    assert SAID[:9] not in sealed


def test_one_that_is_longer_than_allowed_is_not_read_although_it_is_true() -> None:
    keys, _ = a_site()
    assert keys.open(keys.seal(bytes(LARGEST - 130))) == bytes(LARGEST - 130)
    assert keys.open(keys.seal(bytes(LARGEST))) is Unopened.UNREADABLE


def test_another_site_does_not_open_it() -> None:
    sealed = a_site(1)[0].seal(SAID)
    assert a_site(2)[0].open(sealed) is Unopened.FOREIGN


def test_the_same_keys_under_another_site_do_not_open_it() -> None:
    keys, keyring = a_site()
    moved = CredentialKeys(SiteId(str(uuid4())), keyring, FakeRandomness())
    assert moved.open(keys.seal(SAID)) is Unopened.ALTERED


def test_not_one_bit_may_differ() -> None:
    keys, _ = a_site()
    sealed = keys.seal(SAID)
    for place in range(len(sealed)):
        for bit in range(8):
            altered = bytearray(sealed)
            altered[place] ^= 1 << bit
            assert isinstance(keys.open(bytes(altered)), Unopened), (place, bit)


def test_not_one_byte_may_be_missing_or_more() -> None:
    keys, _ = a_site()
    sealed = keys.seal(SAID)
    for length in range(len(sealed)):
        assert keys.open(sealed[:length]) is Unopened.UNREADABLE
    assert keys.open(sealed + b"\0") is Unopened.UNREADABLE
    assert keys.open(b"\xd2" + sealed) is Unopened.UNREADABLE


def test_parts_of_two_credentials_make_no_third() -> None:
    keys, _ = a_site()
    first, second = decoded(keys.seal(SAID)), decoded(keys.seal(SAID[::-1]))
    assert first is not None
    assert second is not None
    assert keys.open(Signed(first.sealed, second.signature).encoded()) is Unopened.ALTERED
    mixed = Sealed(first.sealed.key_id, first.sealed.nonce, second.sealed.ciphertext)
    assert keys.open(Signed(mixed, second.signature).encoded()) is Unopened.ALTERED


def test_who_has_the_sealing_key_alone_makes_none() -> None:
    """A forger who reads the sealing key but not the signing key seals what they like, and is refused."""
    keys, keyring = a_site()
    true = decoded(keys.seal(SAID))
    key = keyring.get(KeyKind.CREDENTIAL)
    assert true is not None
    assert key is not None
    context = keys._context
    blank = Sealed(true.sealed.key_id, true.sealed.nonce, b"")
    forged = Sealed(
        blank.key_id, blank.nonce, AESGCM(key.secret).encrypt(blank.nonce, b"forged", blank.associated_data(context))
    )
    assert keys.open(Signed(forged, Ed25519PrivateKey.generate().sign(b"anything")).encoded()) is Unopened.ALTERED


def test_earlier_credentials_hold_after_a_renewal_and_new_ones_are_made_with_new_keys() -> None:
    keys, keyring = a_site()
    before = keys.seal(SAID)
    keys.renew()
    after = keys.seal(SAID)
    assert keys.open(before) == keys.open(after) == SAID
    for kind in (KeyKind.CREDENTIAL, KeyKind.CREDENTIAL_SIGNING):
        assert [key.version for key in keyring.versions(kind)] == [2, 1]


def test_what_lies_in_the_clear_is_another_on_every_credential() -> None:
    """Two of one site share no run of bytes but the format's own, which those of two sites share as well."""
    keys, _ = a_site(1)
    other, _ = a_site(2)
    one, two, foreign = (decoded(made) for made in (keys.seal(SAID), keys.seal(SAID), other.seal(SAID)))
    assert one is not None
    assert two is not None
    assert foreign is not None
    parts = [
        (made.sealed.key_id, made.sealed.nonce, made.sealed.ciphertext, made.signature) for made in (one, two, foreign)
    ]
    for mine, theirs in pairwise(parts):
        assert not set(mine) & set(theirs)
    frames = {
        Signed(Sealed(bytes(8), bytes(12), bytes(len(made.sealed.ciphertext))), bytes(64)).encoded()
        for made in (one, two, foreign)
    }
    assert len(frames) == 1


def test_it_is_cose_as_another_reader_takes_it_apart() -> None:
    """RFC 9052 by hand: tag 18, algorithms 3 (A256GCM) and -19 (Ed25519), and what is signed and sealed."""
    keys, keyring = a_site()
    tagged = cbor2.loads(keys.seal(SAID))
    assert tagged.tag == 18
    header, unprotected, payload, signature = tagged.value
    assert (cbor2.loads(header), unprotected) == ({1: -19}, {})
    signing, sealing = keyring.get(KeyKind.CREDENTIAL_SIGNING), keyring.get(KeyKind.CREDENTIAL)
    assert signing is not None
    assert sealing is not None
    structure = cbor2.dumps(["Signature1", header, keys._context, payload])
    Ed25519PrivateKey.from_private_bytes(signing.secret).public_key().verify(signature, structure)
    inner, clear, ciphertext = cbor2.loads(payload)
    assert cbor2.loads(inner).keys() == {1, 4}
    assert cbor2.loads(inner)[1] == 3
    aad = cbor2.dumps(["Encrypt0", inner, keys._context])
    assert AESGCM(sealing.secret).decrypt(clear[5], ciphertext, aad) == SAID


HOSTILE = {
    "nothing": b"",
    "nested arrays": b"\xd2" + b"\x81" * 400 + b"\x01",
    "nested tags": b"\xd2" * 400 + b"\x01",
    "a string of 2^63 bytes": b"\xd2\x84\x5b\x7f" + b"\xff" * 7,
    "an array of 2^63 items": b"\xd2\x9b\x7f" + b"\xff" * 7,
    "a map with one key twice": b"\xd2\x84\x43\xa1\x01\x32\xa2\x01\x01\x01\x02\x41\x00\x58\x40" + bytes(64),
    "an indefinite array": b"\xd2\x9f\x43\xa1\x01\x32\xa0\x41\x00\x58\x40" + bytes(64) + b"\xff",
    "itself, within itself": b"\xd2\xd8\x1c\x84\xd8\x1d\x00\xa0\x41\x00\x40",
    "a number of many digits": b"\xd2\xc2\x58\xff" + b"\xff" * 255,
    "text that is no UTF-8": b"\xd2\x84\x62\xff\xff\xa0\x40\x40",
    "a date, a fraction, a pattern": b"\xd2\x84\xc0\x61\x78\xc4\x82\x1b" + b"\xff" * 8 + b"\x01\xd8\x23\x61\x28\x40",
    "longer than allowed": b"\xd2" + bytes(LARGEST),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_messages_are_unreadable_and_nothing_more(what: str) -> None:
    assert a_site()[0].open(HOSTILE[what]) is Unopened.UNREADABLE


@pytest.mark.parametrize(
    "octets", [b"\x18\x01", b"\x01\x01", b"\xa2\x02\x01\x01\x01", b"\x5f\x41\x00\xff", b"\xf9\x7e\x00\x00"]
)
def test_only_the_one_encoding_is_taken(octets: bytes) -> None:
    """A number at more length than it needs, bytes that trail, keys out of order, pieces, a float that trails."""
    assert item(octets) is None


@UNHURRIED
@given(st.binary(max_size=LARGEST + 20) | st.binary(max_size=200).map(lambda octets: b"\xd2\x84" + octets))
def test_whatever_is_shown_is_answered(octets: bytes) -> None:
    keys, _ = SITE
    assert isinstance(keys.open(octets), Unopened)


SITE = a_site(7)
