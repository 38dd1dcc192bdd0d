"""The key hierarchy."""

from dataclasses import replace
from uuid import uuid4

import pytest

from doorward.errors import Conflict, Tampered, WrongKey
from doorward.kernel.ids import SiteId
from doorward.vault.keyring import Key, Keyring
from doorward.vault.ports import KeyKind
from fakes.clock import FakeClock, FakeRandomness
from fakes.key_provider import FakeKeyProvider
from fakes.key_store import FakeKeyStore

SITE = SiteId(str(uuid4()))


def founded(store: FakeKeyStore, site: SiteId = SITE, seed: int = 0) -> Keyring:
    return Keyring.found(site, store, FakeKeyProvider(), FakeClock(), FakeRandomness(seed))


def reopened(store: FakeKeyStore, site: SiteId = SITE, provider: FakeKeyProvider | None = None) -> Keyring:
    return Keyring.unlocked(site, store, provider or FakeKeyProvider(), FakeClock(), FakeRandomness(99))


def test_keys_are_the_same_after_opening_again() -> None:
    store = FakeKeyStore()
    made = dict(_one_of_each(founded(store)))
    for kind, key in made.items():
        assert reopened(store).get(kind, "x") == key
    assert len({key.secret for key in made.values()}) == len(made)


def _one_of_each(keyring: Keyring) -> list[tuple[KeyKind, Key]]:
    return [(kind, keyring.create(kind, "x")) for kind in KeyKind if kind is not KeyKind.SITE]


def test_another_provider_or_site_opens_nothing() -> None:
    store = FakeKeyStore()
    founded(store)
    with pytest.raises(WrongKey):
        reopened(store, provider=FakeKeyProvider(b"j" * 32))
    with pytest.raises(WrongKey):
        reopened(store, site=SiteId(str(uuid4())))
    with pytest.raises(WrongKey):
        reopened(FakeKeyStore())


def test_a_site_is_founded_once_and_an_owner_has_one_key() -> None:
    store = FakeKeyStore()
    keyring = founded(store)
    with pytest.raises(Conflict):
        founded(store)
    keyring.create(KeyKind.PERSON, "ada")
    with pytest.raises(Conflict):
        keyring.create(KeyKind.PERSON, "ada")


@pytest.mark.parametrize(
    "altered",
    [
        lambda key: replace(key, wrapped=key.wrapped[:-1] + bytes([key.wrapped[-1] ^ 1])),
        lambda key: replace(key, wrapped=bytes([key.wrapped[0] ^ 1]) + key.wrapped[1:]),
        lambda key: replace(key, wrapped=key.wrapped[:20]),
        lambda key: replace(key, wrapped=b""),
        lambda key: replace(key, wrapped="text"),
        lambda key: replace(key, owner="bo"),
        lambda key: replace(key, kind=KeyKind.GRANTS),
        lambda key: replace(key, id=str(uuid4())),
    ],
    ids=["last byte", "nonce", "short", "empty", "text", "owner", "kind", "id"],
)
def test_an_altered_or_moved_key_does_not_open(altered) -> None:
    store = FakeKeyStore()
    founded(store).create(KeyKind.PERSON, "ada")
    forged = altered(store.newest(KeyKind.PERSON, "ada"))
    store.destroy(KeyKind.PERSON, "ada")
    store.add(forged)
    with pytest.raises(Tampered):
        reopened(store).get(forged.kind, forged.owner)


@pytest.mark.parametrize("kind", [KeyKind.PERSON, KeyKind.EPOCH])
def test_what_another_process_destroyed_is_gone_here_at_once(kind: KeyKind) -> None:
    store = FakeKeyStore()
    here = founded(store)
    there = reopened(store)
    here.create(kind, "x")
    assert there.get(kind, "x") is not None
    here.destroy(kind, "x")
    assert there.get(kind, "x") is None
    assert here.get(kind, "x") is None


def test_a_key_is_never_printed() -> None:
    key = founded(FakeKeyStore()).create(KeyKind.PERSON, "ada")
    assert key.secret.hex() not in repr(key)
    assert repr(key.secret) not in repr(key)
