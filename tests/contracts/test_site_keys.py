"""The contract of ``SiteKeys``: renewed, followed by other processes, handed over; here or in the key keeper."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from doorward.adapters.keeper.client import KeptSiteKeys
from doorward.errors import Conflict, KeyRenewed, PersonUnknown, Tampered
from doorward.kernel.ids import SiteId
from doorward.vault.keyring import Keyring
from doorward.vault.ports import KeyKind, KeyState
from fakes.clock import FakeClock, FakeRandomness
from fakes.key_provider import FakeKeyProvider
from fakes.key_store import FakeKeyStore
from kept_keys import kept

SITE = SiteId(str(uuid4()))
OTHER = FakeKeyProvider(b"o" * 32)


@pytest.fixture
def store() -> FakeKeyStore:
    return FakeKeyStore()


@pytest.fixture(params=["in this process", "in the keeper"])
def here(request: pytest.FixtureRequest, store: FakeKeyStore, tmp_path: Path) -> Iterator[Keyring]:
    keyring = Keyring.found(SITE, store, FakeKeyProvider(), FakeClock(), FakeRandomness())
    if request.param == "in this process":
        yield keyring
        return
    with kept(SITE, keyring.site_keys, store, tmp_path) as keeper:
        site_keys = KeptSiteKeys(SITE, store, keeper, FakeRandomness(5))
        yield Keyring(store, site_keys, FakeClock(), FakeRandomness(6))


def another(store: FakeKeyStore, provider: FakeKeyProvider | None = None, seed: int = 1) -> Keyring:
    return Keyring.unlocked(SITE, store, provider or FakeKeyProvider(), FakeClock(), FakeRandomness(seed))


def renewed(keyring: Keyring) -> None:
    keyring.site_keys.renew()
    while keyring.site_keys.rewrap(2):
        pass
    keyring.site_keys.retire()


def test_every_key_is_the_same_under_the_new_site_key(store: FakeKeyStore, here: Keyring) -> None:
    made = {owner: here.create(KeyKind.PERSON, owner) for owner in "abcde"}
    elsewhere = another(store)
    renewed(here)
    renewed(here)
    for keyring in (here, elsewhere, another(store, seed=2)):
        assert {owner: keyring.get(KeyKind.PERSON, owner) for owner in made} == made
    assert [key.version for key in store.versions(KeyKind.SITE, "")] == [3]


def test_a_renewal_cut_short_is_not_begun_anew(store: FakeKeyStore, here: Keyring) -> None:
    for owner in "abc":
        here.create(KeyKind.PERSON, owner)
    assert here.site_keys.renew() == 2
    here.site_keys.rewrap(1)
    later = another(store)
    assert later.site_keys.renew() == 2
    assert later.site_keys.to_rewrap() == 2
    with pytest.raises(Conflict):
        later.site_keys.retire()
    renewed(later)
    assert store.newest(KeyKind.SITE, "").version == 2


def test_who_began_before_a_change_of_provider_follows_no_further(store: FakeKeyStore, here: Keyring) -> None:
    here.create(KeyKind.PERSON, "ada")
    old = another(store)
    here.site_keys.adopt(here.site_keys.stage(OTHER))
    assert old.get(KeyKind.PERSON, "ada") is not None
    with pytest.raises(Tampered):
        old.site_keys.renew()
    renewed(here)
    with pytest.raises(KeyRenewed, match="start it again"):
        old.get(KeyKind.PERSON, "ada")
    assert here.get(KeyKind.PERSON, "ada") is not None
    assert another(store, OTHER).get(KeyKind.PERSON, "ada") is not None


def test_an_owners_key_is_renewed_and_the_old_one_opens_until_the_end(store: FakeKeyStore, here: Keyring) -> None:
    old = here.create(KeyKind.PERSON, "ada")
    new = here.renew(KeyKind.PERSON, "ada", beside=(KeyKind.TRAIL, b"t" * 32))
    assert here.renew(KeyKind.PERSON, "ada") == new
    assert here.versions(KeyKind.PERSON, "ada") == (new, old)
    assert here.renewing(KeyKind.PERSON) == ("ada",)
    here.finish(KeyKind.PERSON, "ada")
    assert here.versions(KeyKind.PERSON, "ada") == (new,)
    here.renew(KeyKind.PERSON, "ada", beside=(KeyKind.TRAIL, b"u" * 32))
    assert here.get(KeyKind.TRAIL, "ada").secret == b"t" * 32
    with pytest.raises(PersonUnknown):
        here.renew(KeyKind.PERSON, "nobody")


def test_a_kept_key_is_retired(store: FakeKeyStore, here: Keyring) -> None:
    old = here.create(KeyKind.AUDIT)
    new = here.renew(KeyKind.AUDIT)
    here.finish(KeyKind.AUDIT, keep=True)
    assert here.get(KeyKind.AUDIT) == new
    assert here.versions(KeyKind.AUDIT) == (new, old)
    assert [key.state for key in store.versions(KeyKind.AUDIT, "")] == [KeyState.ACTIVE, KeyState.RETIRED]


def test_a_wrap_does_not_open_as_another_version(store: FakeKeyStore, here: Keyring) -> None:
    here.create(KeyKind.PERSON, "ada")
    here.renew(KeyKind.PERSON, "ada")
    new = store.newest(KeyKind.PERSON, "ada")
    store.destroy(KeyKind.PERSON, "ada")
    store.add(replace(new, version=7))
    with pytest.raises(Tampered):
        here.get(KeyKind.PERSON, "ada")


def test_many_keys_are_made_and_opened_at_once(store: FakeKeyStore, here: Keyring) -> None:
    owners = [f"person {number}" for number in range(2_500)]
    made = here.create_many(KeyKind.PERSON, owners)
    renewed(here)
    assert dict(another(store).of_owners(KeyKind.PERSON, owners)) == made
    assert dict(here.of_owners(KeyKind.PERSON, owners)) == made


def test_a_site_key_that_is_not_there_is_told(here: Keyring) -> None:
    key = here.create(KeyKind.PERSON, "ada")
    with pytest.raises(Tampered):
        here.site_keys.wrapper(9).wrap(key.id, KeyKind.PERSON, "ada", 1, key.secret)
