"""Every key of a site renewed, online, and cut short at every step."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from commands_in_process import run_json
from doorward.adapters.stores.face import log_handover, renewals
from doorward.adapters.stores.face.audit_tree import AuditTree
from doorward.adapters.stores.keys.key_store import SqliteKeyStore
from doorward.errors import Conflict, SiteInUse, Tampered
from doorward.people.person import Identifier, Person
from doorward.vault.vault import Vault
from doorward.wiring.face import keys as renewing_keys
from doorward.wiring.face.auditing import Auditing
from doorward.wiring.face.keys import Renewable, inventory, renew_person, renew_site_wide, renewing
from doorward.wiring.face.opening import KEYS, TLS, Stores, tls_password
from doorward.wiring.serving import _transport
from known_people import OFFICER, consent, enrolment, face, passage, person
from power_cuts import PowerCut, cut, then_cut
from throwaway_sites import PASSPHRASE, opened_stores, throwaway_site


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return throwaway_site(tmp_path)


@pytest.fixture
def stores(folder: Path) -> Iterator[Stores]:
    opened = opened_stores(folder)
    yield opened
    opened.close()


def populated(stores: Stores, number: int = 3) -> list[Person]:
    people = [person(f"Person {one}", badge_number=f"B{one}") for one in range(number)]
    for one in people:
        stores.people.add(one)
        stores.consents.add(consent(one.id))
        stores.enrolments.add(enrolment(one.id, face(1)))
        stores.passages.add(passage(one.id))
    stores.grants.put("token", "t", {"name": "kiosk"})
    return people


def assert_whole(stores: Stores, people: list[Person], folder: Path) -> None:
    assert {one.id: one for one in stores.people.all()} == {one.id: one for one in people}
    for one in people:
        assert stores.people.find(Identifier.BADGE, one.details.badge_number or "") == one.id
        assert len(stores.enrolments.of(one.id)) == len(stores.passages.of(one.id)) == 1
        with pytest.raises(Conflict):
            stores.people.add(person("Thief", badge_number=one.details.badge_number))
    assert stores.grants.get("token", "t") == {"name": "kiosk"}
    held = folder / TLS
    _transport(held / "site.crt", held / "site.key.sealed", lambda: tls_password(stores.vault))
    assert stores.auditing.verify().problems == ()


def renew(folder: Path, stores: Stores, which: Renewable) -> None:
    renew_site_wide(folder, stores, which, OFFICER, lambda done, total: None)


@pytest.mark.parametrize("which", Renewable)
def test_everything_opens_afterwards_here_elsewhere_and_later(folder: Path, stores: Stores, which: Renewable) -> None:
    people = populated(stores)
    with closing(opened_stores(folder)) as elsewhere:
        for _ in range(2):
            renew(folder, stores, which)
        for opened in (stores, elsewhere):
            assert_whole(opened, people, folder)
        later = person("Later", badge_number="L")
        elsewhere.people.add(later)
        assert stores.people.find(Identifier.BADGE, "L") == later.id
        elsewhere.people.erase(later.id)
    with closing(opened_stores(folder)) as reopened:
        assert_whole(reopened, people, folder)
    held = {one.kind: one for one in inventory(folder).kinds}[which.kind.value]
    kept = {Renewable.AUDIT: 3, Renewable.TLS: 3, Renewable.CREDENTIAL: 3, Renewable.DEVICE: 3, Renewable.MOVING: 2}
    assert list(held.versions) == [1, 2, 3][-kept.get(which, 1) :]
    assert "retiring" not in held.states


def test_no_wrap_of_the_old_site_key_is_left_in_the_file(folder: Path, stores: Stores) -> None:
    populated(stores)
    with closing(sqlite3.connect(folder / KEYS)) as keys:
        before = [wrapped for (wrapped,) in keys.execute("SELECT wrapped FROM keys")]
    renew(folder, stores, Renewable.SITE)
    written = b"".join(file.read_bytes() for file in (folder / KEYS).parent.rglob("*") if file.is_file())
    assert not any(wrapped in written for wrapped in before)


STEPS: dict[str, tuple[Renewable, object, str]] = {
    "site: after the new key": (Renewable.SITE, SqliteKeyStore, "succeed"),
    "site: after some wraps": (Renewable.SITE, SqliteKeyStore, "rewrap"),
    "site: after the old key went": (Renewable.SITE, SqliteKeyStore, "destroy_older"),
    "grants: after the new key": (Renewable.GRANTS, SqliteKeyStore, "succeed"),
    "grants: before the codes are committed": (Renewable.GRANTS, Vault, "authenticate"),
    "grants: before the old key goes": (Renewable.GRANTS, Vault, "forget_old_grants_key"),
    "index: after the new key": (Renewable.INDEX, SqliteKeyStore, "succeed"),
    "index: after some tags": (Renewable.INDEX, renewals, "_index_anew"),
    "index: before the old key goes": (Renewable.INDEX, SqliteKeyStore, "unindex_before"),
    "audit: after the new key": (Renewable.AUDIT, SqliteKeyStore, "succeed"),
    "audit: before the old key is retired": (Renewable.AUDIT, SqliteKeyStore, "mark_older"),
    "audit-signing: after the new key": (Renewable.AUDIT_SIGNING, SqliteKeyStore, "succeed"),
    "audit-signing: before the row is told of": (Renewable.AUDIT_SIGNING, log_handover, "retire"),
    "audit-signing: before both signatures are committed": (Renewable.AUDIT_SIGNING, AuditTree, "hand_over"),
    "audit-signing: before the witness has it": (Renewable.AUDIT_SIGNING, Auditing, "checkpoint"),
    "audit-signing: before the old key goes": (Renewable.AUDIT_SIGNING, SqliteKeyStore, "destroy_older"),
    "tls: before the certificate": (Renewable.TLS, renewing_keys, "make_certificate"),
    "tls: between the files and the end": (Renewable.TLS, Vault, "tls_key_renewed"),
}


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", STEPS)
def test_a_renewal_cut_short_is_taken_up_again(
    folder: Path, stores: Stores, monkeypatch: pytest.MonkeyPatch, step: str, when: str
) -> None:
    monkeypatch.setattr(renewing_keys, "BATCH", 2)
    people = populated(stores)
    which, place, name = STEPS[step]
    with monkeypatch.context() as patch:
        patch.setattr(place, name, cut if when == "before" else then_cut(getattr(place, name)))
        with pytest.raises(PowerCut):
            renew(folder, stores, which)
    stores.close()
    with closing(opened_stores(folder)) as reopened:
        if which is not Renewable.TLS:
            assert_whole(reopened, people, folder)
        renew(folder, reopened, which)
        assert_whole(reopened, people, folder)
    with closing(sqlite3.connect(folder / KEYS)) as keys:
        assert keys.execute("SELECT count(*) FROM keys WHERE state = 'retiring'").fetchone() == (0,)


def test_keys_made_while_the_site_key_is_renewed_are_not_lost(folder: Path, stores: Stores) -> None:
    people = populated(stores)
    with closing(opened_stores(folder)) as elsewhere:
        site_keys = stores.vault.site_keys()
        site_keys.renew()
        site_keys.rewrap(2)
        between = person("Between", badge_number="BB")
        elsewhere.people.add(between)
        elsewhere.enrolments.add(enrolment(between.id, face(2)))
        elsewhere.passages.add(passage(between.id))
        elsewhere.people.erase(people.pop().id)
        with pytest.raises(Conflict):
            site_keys.retire()
        while site_keys.rewrap(2):
            pass
        site_keys.retire()
        assert_whole(elsewhere, [*people, between], folder)
    with closing(opened_stores(folder)) as reopened:
        assert_whole(reopened, [*people, between], folder)


def test_one_renewal_at_a_time(folder: Path, stores: Stores) -> None:
    with renewing(folder), pytest.raises(SiteInUse):
        renew(folder, stores, Renewable.SITE)


def test_a_forged_grant_is_not_made_genuine(folder: Path, stores: Stores) -> None:
    populated(stores)
    with closing(sqlite3.connect(folder / "data.db")) as data, data:
        data.execute("INSERT INTO grants SELECT 'token', 'forged', generation, payload, mac FROM grants")
    with pytest.raises(Tampered):
        renew(folder, stores, Renewable.GRANTS)
    with pytest.raises(Tampered):
        stores.grants.get("token", "forged")
    assert stores.grants.get("token", "t") == {"name": "kiosk"}


def test_a_person_renewed_by_command_and_the_inventory(
    folder: Path, stores: Stores, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (ada, *_) = populated(stores)
    renew_person(folder, stores, ada.id, OFFICER)
    secret = tmp_path / "passphrase"
    secret.write_text(PASSPHRASE)
    named = ("--site", folder, "--passphrase-file", secret)
    assert run_json(capsys, "keys", "rotate", "person", ada.id, *named) == (0, {"renewed": "person", "person": ada.id})
    assert run_json(capsys, "keys", "rotate", "site", *named) == (0, {"renewed": "site"})
    status, told = run_json(capsys, "keys", "status", "--site", folder)
    assert status == 0
    assert [told["provider"], told["site_key_version"], told["on_older_site_key"]] == ["passphrase", 2, 0]
    people = next(one for one in told["keys"] if one["kind"] == "person")
    assert people["count"] == 3
    assert people["versions"] == [1, 3]
    assert people["states"] == {"active": 3}
