"""The contract of ``KeyStore``: versions, states and the site keys that wrap."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from doorward.adapters.stores.keys.key_store import SqliteKeyStore
from doorward.adapters.stores.sqlite import open_sqlite
from doorward.errors import Conflict, KeyRenewed
from doorward.kernel.ids import PersonId
from doorward.vault.ports import KeyCount, KeyKind, KeyState, KeyStore, WrappedKey
from fakes.key_store import FakeKeyStore
from known_people import NOON

ADA = PersonId("ada")


@pytest.fixture(params=["sqlite", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[KeyStore]:
    if request.param == "memory":
        yield FakeKeyStore()
        return
    engine = open_sqlite(tmp_path / "keys.db", "doorward.adapters.stores.keys.versions")
    yield SqliteKeyStore(engine)
    engine.dispose()


def key(owner: str, version: int = 1, kind: KeyKind = KeyKind.PERSON) -> WrappedKey:
    return WrappedKey(f"{kind}-{owner}-{version}", kind, owner, version, NOON, owner.encode() * 9)


def site_key(version: int) -> WrappedKey:
    return replace(key("", version, KeyKind.SITE), wrapped_by=0)


def test_a_key_is_stored_under_the_newest_site_key_only(store: KeyStore) -> None:
    store.add(site_key(1))
    store.add(key("ada"))
    store.succeed(site_key(2))
    for stale in (lambda: store.add(key("bo")), lambda: store.succeed(key("ada", 2))):
        with pytest.raises(KeyRenewed):
            stale()
    store.add(replace(key("bo"), wrapped_by=2))
    assert store.newest(KeyKind.PERSON, "ada") == key("ada")


def test_wraps_are_renewed_for_those_who_are_still_here(store: KeyStore) -> None:
    store.add(site_key(1))
    for owner in ("ada", "bo", "cy"):
        store.add(key(owner))
    store.succeed(site_key(2))
    assert store.count_wrapped_before(2) == 3
    with pytest.raises(Conflict):
        store.destroy_older(site_key(2))
    batch = store.wrapped_before(2, 2)
    assert len(batch) == 2
    store.destroy(KeyKind.PERSON, batch[0].owner)
    store.rewrap([replace(one, wrapped=b"new", wrapped_by=2) for one in batch])
    assert store.newest(KeyKind.PERSON, batch[0].owner) is None
    assert store.newest(KeyKind.PERSON, batch[1].owner) == replace(batch[1], wrapped=b"new", wrapped_by=2)
    store.rewrap([replace(one, wrapped_by=2) for one in store.wrapped_before(2, 9)])
    store.destroy_older(site_key(2))
    assert list(store.versions(KeyKind.SITE, "")) == [site_key(2)]


def test_a_key_is_succeeded_once_and_its_elders_have_a_state(store: KeyStore) -> None:
    store.add(key("ada"))
    store.succeed(key("ada", 2), beside=key("ada", kind=KeyKind.TRAIL))
    assert store.newest(KeyKind.TRAIL, "ada") == key("ada", kind=KeyKind.TRAIL)
    for refused in (key("ada", 2), key("ada", 4), key("nobody", 2)):
        with pytest.raises(Conflict):
            store.succeed(refused)
    assert list(store.owners_in(KeyKind.PERSON, KeyState.RETIRING)) == ["ada"]
    store.mark_older(key("ada", 2), KeyState.RETIRED)
    assert [one.state for one in store.versions(KeyKind.PERSON, "ada")] == [KeyState.ACTIVE, KeyState.RETIRED]
    assert list(store.inventory()) == [
        KeyCount(KeyKind.PERSON, 1, KeyState.RETIRED, 1, 1, NOON),
        KeyCount(KeyKind.PERSON, 2, KeyState.ACTIVE, 1, 1, NOON),
        KeyCount(KeyKind.TRAIL, 1, KeyState.ACTIVE, 1, 1, NOON),
    ]
    store.destroy_older(key("ada", 2))
    assert list(store.versions(KeyKind.PERSON, "ada")) == [key("ada", 2)]


def test_replacing_takes_every_version_and_puts_others(store: KeyStore) -> None:
    store.add(key("ada"))
    store.replace(KeyKind.PERSON, "ada", [replace(key("ada", 5), id="new")])
    assert [one.id for one in store.versions(KeyKind.PERSON, "ada")] == ["new"]


def test_tags_of_an_older_index_key_are_removed_together(store: KeyStore) -> None:
    store.index("badge", b"1", ADA)
    store.index("badge", b"2", ADA, 2)
    store.unindex_before(2)
    assert [store.find("badge", b"1"), store.find("badge", b"2")] == [None, ADA]
