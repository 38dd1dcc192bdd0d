"""The keys that people are moved under: who opens, what is bound, how long an earlier one serves."""

from hashlib import shake_256
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from doorward.kernel.ids import SiteId
from doorward.vault.keyring import Keyring
from doorward.vault.moving import PUBLIC_LENGTH, MovingKeys, public_key_of, seal_for
from doorward.vault.ports import KeyKind, KeyState
from fakes.clock import FakeClock, FakeRandomness
from fakes.key_provider import FakeKeyProvider
from fakes.key_store import FakeKeyStore


def keys_over(store: FakeKeyStore, seed: int = 0) -> MovingKeys:
    randomness = FakeRandomness(seed)
    keyring = Keyring.found(SiteId(str(uuid4())), store, FakeKeyProvider(), FakeClock(), randomness)
    return MovingKeys(keyring)


@pytest.fixture
def store() -> FakeKeyStore:
    return FakeKeyStore()


@pytest.fixture
def keys(store: FakeKeyStore) -> MovingKeys:
    return keys_over(store)


def test_what_is_sealed_opens_with_that_sites_key_in_its_context_alone(keys: MovingKeys) -> None:
    public = keys.public_key()
    assert len(public) == PUBLIC_LENGTH
    sealed = seal_for(public, b"people", b"here")
    assert b"people" not in sealed
    assert sealed != seal_for(public, b"people", b"here")
    assert keys.open(sealed, b"here") == b"people"
    assert keys.open(sealed, b"there") is None
    assert keys_over(FakeKeyStore(), seed=1).open(sealed, b"here") is None
    for place in (0, 40, 1100, len(sealed) - 1):
        turned = bytearray(sealed)
        turned[place] ^= 1
        assert keys.open(bytes(turned), b"here") is None
    for length in (0, 31, 1120, len(sealed) - 1):
        assert keys.open(sealed[:length], b"here") is None


def test_both_halves_are_of_the_seed_as_the_draft_expands_it() -> None:
    seed = bytes(range(32))
    expanded = shake_256(seed).digest(96)
    mlkem = MLKEM768PrivateKey.from_seed_bytes(expanded[:64]).public_key().public_bytes_raw()
    x25519 = X25519PrivateKey.from_private_bytes(expanded[64:]).public_key().public_bytes_raw()
    assert public_key_of(seed) == mlkem + x25519


@pytest.mark.parametrize("public", [b"", b"x" * 32, b"\xff" * PUBLIC_LENGTH])
def test_what_is_no_key_is_refused(public: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        seal_for(public, b"people", b"here")


def test_the_key_before_opens_what_is_on_its_way_and_any_earlier_one_is_gone(
    keys: MovingKeys, store: FakeKeyStore
) -> None:
    sealed = [seal_for(keys.public_key(), b"people", b"here")]
    for _ in range(2):
        keys.renew()
        sealed.append(seal_for(keys.public_key(), b"people", b"here"))
    assert [keys.open(one, b"here") for one in sealed] == [None, b"people", b"people"]
    assert [(key.version, key.state) for key in store.versions(KeyKind.MOVING, "")] == [
        (3, KeyState.ACTIVE),
        (2, KeyState.RETIRED),
    ]


def test_a_renewal_cut_short_is_ended_and_loses_no_key(keys: MovingKeys, store: FakeKeyStore) -> None:
    keys.renew()
    sealed = seal_for(keys.public_key(), b"people", b"here")
    keys._keyring.renew(KeyKind.MOVING)  # and then the power went
    keys.renew()
    assert keys.open(sealed, b"here") == b"people"
    assert [key.version for key in store.versions(KeyKind.MOVING, "")] == [3, 2, 1]
    keys.renew()
    assert [key.version for key in store.versions(KeyKind.MOVING, "")] == [4, 3]
