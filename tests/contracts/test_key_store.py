"""The contract of ``KeyStore``."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from doorward.adapters.keeper import server as keeper_server
from doorward.adapters.keeper.kept_store import KeptKeyStore
from doorward.adapters.stores.keys.key_store import SqliteKeyStore
from doorward.adapters.stores.sqlite import open_sqlite
from doorward.errors import Conflict, KeyRenewed
from doorward.kernel.ids import PersonId, SiteId
from doorward.vault.keyring import Keyring
from doorward.vault.ports import IndexEntry, KeyKind, KeyStore, WrappedKey
from doorward.vault.site_keys import UnlockedSiteKeys
from fakes.clock import FakeClock, FakeRandomness
from fakes.key_provider import FakeKeyProvider
from fakes.key_store import FakeKeyStore
from kept_keys import kept
from known_people import NOON

SITE = SiteId("5d3f0c1e-0b1d-4a8b-9f0a-0d6f3f1f2a10")
ADA, BO = PersonId("ada"), PersonId("bo")


@pytest.fixture(params=["sqlite", "memory", "on another machine"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[KeyStore]:
    if request.param == "memory":
        yield FakeKeyStore()
        return
    engine = open_sqlite(tmp_path / "keys.db", "doorward.adapters.stores.keys.versions")
    if request.param == "sqlite":
        yield SqliteKeyStore(engine)
    else:
        site_keys = Keyring.found(SITE, FakeKeyStore(), FakeKeyProvider(), FakeClock(), FakeRandomness()).site_keys
        assert isinstance(site_keys, UnlockedSiteKeys)
        with kept(SITE, site_keys, SqliteKeyStore(engine), tmp_path) as keeper:
            yield KeptKeyStore(keeper)
    engine.dispose()


def key(owner: str, version: int = 1, kind: KeyKind = KeyKind.PERSON) -> WrappedKey:
    return WrappedKey(f"{kind}-{owner}-{version}", kind, owner, version, NOON, owner.encode() * 9)


def test_the_newest_version_of_each_kind_and_owner(store: KeyStore) -> None:
    held = [key("ada"), key("ada", 2), key("bo"), key("ada", kind=KeyKind.EPOCH)]
    for one in held:
        store.add(one)
    assert store.newest(KeyKind.PERSON, "ada") == key("ada", 2)
    assert store.newest(KeyKind.EPOCH, "ada") == key("ada", kind=KeyKind.EPOCH)
    assert store.newest(KeyKind.EPOCH, "bo") is None
    assert sorted(one.id for one in store.all(KeyKind.PERSON)) == ["person-ada-1", "person-ada-2", "person-bo-1"]
    with pytest.raises(Conflict):
        store.add(key("bo"))


def test_destroying_takes_every_version_of_one_owner(store: KeyStore) -> None:
    for one in (key("ada"), key("ada", 2), key("bo")):
        store.add(one)
    store.destroy(KeyKind.PERSON, "ada")
    store.destroy(KeyKind.PERSON, "nobody")
    assert store.newest(KeyKind.PERSON, "ada") is None
    assert [one.owner for one in store.all(KeyKind.PERSON)] == ["bo"]


def test_destroying_for_many_takes_their_keys_and_tags_and_nobody_elses(store: KeyStore) -> None:
    trail = key("ada", kind=KeyKind.TRAIL)
    for one in (key("ada"), key("ada", 2), trail, key("bo"), key("cy"), key("ada", kind=KeyKind.EPOCH)):
        store.add(one)
    for person, tag in ((ADA, b"1"), (BO, b"2"), (PersonId("cy"), b"3")):
        store.index("badge", tag, person)
    wraps = store.destroy_many((KeyKind.PERSON, KeyKind.TRAIL), [ADA, BO, PersonId("nobody")])
    assert sorted(wraps) == sorted([key("ada").wrapped] * 3 + [key("bo").wrapped])
    assert [one.owner for one in store.all(KeyKind.PERSON)] == ["cy"]
    assert not list(store.all(KeyKind.TRAIL))
    assert store.newest(KeyKind.EPOCH, "ada") is not None
    assert [store.find("badge", tag) for tag in (b"1", b"2", b"3")] == [None, None, "cy"]


def test_a_tag_belongs_to_one_person(store: KeyStore) -> None:
    store.index("badge", b"1", ADA)
    store.index("badge", b"1", ADA)
    with pytest.raises(Conflict):
        store.index("badge", b"1", BO)
    store.index("document", b"1", BO)
    assert store.find("badge", b"1") == ADA
    assert store.find("document", b"1") == BO
    assert store.find("badge", b"2") is None


def test_many_tags_of_a_kind_are_found_at_once(store: KeyStore) -> None:
    for kind, tag, person in (("badge", b"1", ADA), ("badge", b"2", BO), ("document", b"3", BO)):
        store.index(kind, tag, person)
    assert store.find_many("badge", [b"1", b"2", b"3", b"4"]) == {b"1": ADA, b"2": BO}
    assert store.find_many("badge", []) == {}


def test_unindexing_one_kind_or_all(store: KeyStore) -> None:
    for kind, tag in (("badge", b"1"), ("document", b"2")):
        store.index(kind, tag, ADA)
    store.index("badge", b"3", BO)
    store.index("badge", b"4", ADA)
    store.unindex(ADA, "badge", [b"4", b"5"])
    assert [store.find("badge", b"1"), store.find("badge", b"4")] == [None, ADA]
    store.unindex(ADA, "badge")
    assert [store.find("badge", b"4"), store.find("document", b"2")] == [None, ADA]
    store.unindex(ADA)
    assert store.find("document", b"2") is None
    assert store.find("badge", b"3") == BO


def test_many_keys_and_tags_come_at_once_or_not_at_all(store: KeyStore) -> None:
    store.add_many([key("ada"), key("bo")], [IndexEntry("badge", b"1", ADA, 2)])
    assert store.newest(KeyKind.PERSON, "bo") == key("bo")
    assert store.find("badge", b"1") == ADA
    for keys, entries in (([key("cy"), key("ada")], []), ([key("cy")], [IndexEntry("badge", b"1", PersonId("cy"))])):
        with pytest.raises(Conflict):
            store.add_many(keys, entries)
    assert store.newest(KeyKind.PERSON, "cy") is None


def test_keys_wrapped_by_an_older_site_key_are_refused_together(store: KeyStore) -> None:
    store.add(key("", kind=KeyKind.SITE))
    store.add_many([replace(key("ada"), wrapped_by=1)])
    store.succeed(key("", 2, KeyKind.SITE))
    with pytest.raises(KeyRenewed):
        store.add_many([replace(key("bo"), wrapped_by=2), replace(key("cy"), wrapped_by=1)])
    assert [one.owner for one in store.all(KeyKind.PERSON)] == ["ada"]


def test_keys_of_many_owners(store: KeyStore) -> None:
    held = [key("ada"), key("ada", 2), key("bo"), key("cy")]
    for one in held:
        store.add(one)
    found = store.of_owners(KeyKind.PERSON, ["ada", "cy", "nobody"])
    assert sorted(one.id for one in found) == ["person-ada-1", "person-ada-2", "person-cy-1"]
    assert not list(store.of_owners(KeyKind.PERSON, []))


def test_an_answer_longer_than_a_message_comes_whole(store: KeyStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper_server, "AT_ONCE", 1_000)
    store.add_many([key(f"person {number}") for number in range(100)])
    assert len(list(store.all(KeyKind.PERSON))) == 100
    assert store.newest(KeyKind.PERSON, "person 7") == key("person 7")
    assert store.inventory()[0].count == 100


def test_its_revision_is_another_after_every_write_and_no_read(store: KeyStore) -> None:
    seen = [store.revision()]
    for write in (
        lambda: store.add(key("ada")),
        lambda: store.add_many([key("bo")], [IndexEntry("badge", b"tag", BO)]),
        lambda: store.succeed(key("ada", 2)),
        lambda: store.destroy_older(key("ada", 2)),
        lambda: store.unindex(BO),
        lambda: store.destroy(KeyKind.PERSON, "bo"),
        lambda: store.destroy_many([KeyKind.PERSON], [ADA]),
    ):
        write()
        seen.append(store.revision())
        list(store.all(KeyKind.PERSON))
        assert store.revision() == seen[-1]
    assert all(before != after for before, after in pairwise(seen))
