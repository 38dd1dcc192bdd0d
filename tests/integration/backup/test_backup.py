"""A site backed up, restored and drilled through the command line's own doors."""

import json
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from commands_in_process import run_json
from doorward.adapters.backup.encryption import make_identity
from doorward.adapters.file_search import search_folder
from doorward.adapters.stores.face.ledger_copies import ledger_name
from doorward.errors import BackupUnusable, DoorwardError, LedgerUnusable, WrongKey
from doorward.people.person import Person
from doorward.wiring.face.auditing import WitnessKind, WitnessSetting
from doorward.wiring.face.backup import BackupMade, back_up_keys, create_backup
from doorward.wiring.face.breach import planted
from doorward.wiring.face.drilling import CANARY_GROUP, drill, last_drill
from doorward.wiring.face.erasing import erase_person, issue_receipt
from doorward.wiring.face.key_copies import expired
from doorward.wiring.face.keys import Renewable, renew_site_wide
from doorward.wiring.face.opening import DATA, KEYS, tls_password
from doorward.wiring.face.restoring import BackupSet, restore
from doorward.wiring.face.site import Site, open_site
from known_people import consent, enrolment, face, person
from shared_data import REPOSITORY
from throwaway_sites import PASSPHRASE, throwaway_site


def ask() -> str:
    return PASSPHRASE


@dataclass(frozen=True)
class Vaults:
    """Folders for backups of data and of keys, apart, and an identity with its recipient."""

    data: Path
    keys: Path
    identity: Path
    recipient: str


@pytest.fixture
def vaults(tmp_path: Path) -> Vaults:
    (tmp_path / "data").mkdir()
    (tmp_path / "keys").mkdir()
    identity = tmp_path / "identity.txt"
    return Vaults(tmp_path / "data", tmp_path / "keys", identity, make_identity(identity))


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with open_site(throwaway_site(tmp_path), ask) as opened:
        yield opened


def known(site: Site, name: str, seed: int, **details: str) -> Person:
    one = person(name, **details)
    site.stores.people.add(one)
    site.stores.consents.add(consent(one.id))
    site.stores.enrolments.add(enrolment(one.id, face(seed)))
    return one


def backed_up(site: Site, vaults: Vaults) -> BackupSet:
    data = create_backup(site, vaults.data, vaults.recipient)
    return BackupSet(data.path, back_up_keys(site, vaults.keys).path, vaults.identity)


def documented(command: str) -> set[str]:
    """The names that docs/json.md shows for ``command``."""
    text = (REPOSITORY / "docs" / "json.md").read_text().partition(f"\n## `doorward {command}`\n")[2]
    shown: dict[str, object] = json.loads(text.partition("```json\n")[2].partition("```")[0])
    return set(shown)


def names(folder: Path) -> set[str]:
    with open_site(folder, ask) as restored:
        return {one.display_name for one in restored.stores.people.all()}


def test_a_restored_site_is_the_site_as_it_was(site: Site, vaults: Vaults, tmp_path: Path) -> None:
    ada = known(site, "Ada", 1, badge_number="7")
    backups = backed_up(site, vaults)
    known(site, "Bo", 2)
    outcome = restore(backups, tmp_path / "again", ask)
    assert (outcome.people, outcome.erased_again) == (1, 0)
    with open_site(tmp_path / "again", ask) as restored:
        assert list(restored.stores.people.all()) == [ada]
        (held,) = restored.stores.enrolments.of(ada.id)
        assert (held.template.vector == face(1).vector).all()
        assert restored.add_person("Cy").display_name == "Cy"
        assert restored.profiles.current() == site.profiles.current()
    with open_site(tmp_path / "again", ask) as restored, pytest.raises(DoorwardError, match="badge"):
        known(restored, "Thief", 3, badge_number="7")


def test_the_command_line_does_all_of_it(
    site: Site, vaults: Vaults, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    passphrase = tmp_path / "passphrase"
    passphrase.write_text(PASSPHRASE)
    monkeypatch.setenv("DOORWARD_SITE", str(site.folder))
    monkeypatch.setenv("DOORWARD_PASSPHRASE_FILE", str(passphrase))
    ada, bo = known(site, "Ada", 1), known(site, "Bo", 2)

    def does(command: str, *arguments: object) -> dict[str, Any]:
        status, answer = run_json(capsys, *command.split(), *arguments)
        assert status == 0, answer
        assert answer.keys() == documented(command)
        return answer

    made = does("backup identity", tmp_path / "other.txt")
    assert (tmp_path / "other.txt").stat().st_mode & 0o077 == 0
    data = does("backup create", "--to", vaults.data, "--recipient", made["recipient"])
    assert (data["kind"], data["counts"]["persons"]) == ("data", 2)
    keys = does("backup keys", "--to", vaults.keys, "--days", 3)
    receipt = tmp_path / "receipt.json"
    erased = does("people erase", ada.id, "--receipt", receipt)
    checked = does("people receipt verify", receipt)
    assert (checked["person"], checked["keys_gone_by"]) == (ada.id, erased["keys_gone_by"])
    again = does("people receipt issue", ada.id, "--to", tmp_path / "again.json")
    assert Path(again["files"][0]).read_bytes() == receipt.read_bytes()
    (key,) = does("people receipt key")["public_keys"]
    named = ("--identity", tmp_path / "other.txt", "--keys", keys["file"])
    done = does("backup drill", data["file"], *named)
    assert (done["people"], done["erased_again"]) == (1, 1)
    restored = does("backup restore", data["file"], *named, "--to", tmp_path / "again")
    assert (restored["people"], restored["erased_again"]) == (1, 1)
    assert names(tmp_path / "again") == {bo.display_name}
    status, refused = run_json(capsys, "backup", "restore", data["file"], *named, "--to", tmp_path / "again")
    assert (status, refused["error"]["code"]) == (1, "site_exists")
    assert Path(does("backup ledger", "--to", tmp_path)["file"]).name == ledger_name(site.settings.site)
    monkeypatch.delenv("DOORWARD_SITE")
    assert does("people receipt verify", receipt, "--public-key", key)["ok"]
    status, refused = run_json(capsys, "people", "receipt", "verify", receipt, "--public-key", "00" * 32)
    assert (status, refused["error"]["code"]) == (3, "receipt_invalid")


def test_who_was_erased_since_is_erased_again(site: Site, vaults: Vaults, tmp_path: Path) -> None:
    """Also with the keys from before the erasure: the ledger beside them is the newest."""
    ada = known(site, "Ada", 1)
    known(site, "Bo", 2)
    backups = backed_up(site, vaults)
    assert erase_person(site, ada.id).ledger_handed_out
    outcome = restore(backups, tmp_path / "again", ask)
    assert (outcome.people, outcome.erased_again) == (1, 1)
    with open_site(tmp_path / "again", ask) as restored:
        assert not restored.stores.vault.knows(ada.id)
    with closing(sqlite3.connect(tmp_path / "again" / DATA)) as data:
        assert data.execute("SELECT count(*) FROM enrolments").fetchone() == (1,)


def test_without_the_ledger_nothing_is_restored(site: Site, vaults: Vaults, tmp_path: Path) -> None:
    ada = known(site, "Ada", 1)
    backups = backed_up(site, vaults)
    beside = vaults.keys / ledger_name(site.settings.site)
    old = beside.read_bytes()
    erase_person(site, ada.id)
    newer = BackupSet(backups.data, back_up_keys(site).path, vaults.identity)
    beside.write_bytes(old)
    with pytest.raises(LedgerUnusable, match="older"):
        restore(newer, tmp_path / "again", ask)
    beside.unlink()
    with pytest.raises(LedgerUnusable, match="--ledger"):
        restore(newer, tmp_path / "again", ask)
    assert not (tmp_path / "again").exists()
    unsafe = BackupSet(newer.data, newer.keys, newer.identity, unsafe_without_ledger=True)
    assert restore(unsafe, tmp_path / "again", ask).people == 0


def test_the_ledger_is_fetched_from_the_witness(site: Site, vaults: Vaults, tmp_path: Path) -> None:
    witness = tmp_path / "witness"
    witness.mkdir()
    site.stores.auditing.set_witness(site.actor, WitnessSetting(WitnessKind.FOLDER, str(witness)))
    ada = known(site, "Ada", 1)
    backups = backed_up(site, vaults)
    checkpoints = sorted(witness.iterdir())
    beside = vaults.keys / ledger_name(site.settings.site)
    old = beside.read_bytes()
    erase_person(site, ada.id)
    beside.write_bytes(old)
    assert restore(backups, tmp_path / "again", ask).people == 0
    drill(site, backups, ask)
    handed_out = sorted(path for path in witness.iterdir() if path.name != beside.name)
    assert handed_out == [path for path in checkpoints if path.name != beside.name], "only the living site speaks"


def test_an_erasure_stands_when_the_ledger_cannot_be_handed_out(site: Site, vaults: Vaults) -> None:
    ada = known(site, "Ada", 1)
    back_up_keys(site, vaults.keys)
    shutil.rmtree(vaults.keys)
    assert not erase_person(site, ada.id).ledger_handed_out
    assert not site.stores.vault.knows(ada.id)


def test_every_way_of_erasing_hands_the_ledger_out(site: Site, vaults: Vaults, tmp_path: Path) -> None:
    ada = known(site, "Ada", 1)
    backups = backed_up(site, vaults)
    site.register.erase(site.actor, ada.id)
    assert restore(backups, tmp_path / "again", ask).people == 0


def test_a_restored_site_never_shortens_the_ledger_of_the_living(site: Site, vaults: Vaults, tmp_path: Path) -> None:
    ada, bo, _ = (known(site, name, seed) for seed, name in enumerate(("Ada", "Bo", "Cy")))
    back_up_keys(site, vaults.keys)
    backups = backed_up(site, vaults)
    old = (vaults.keys / ledger_name(site.settings.site)).read_bytes()
    (tmp_path / "old.json").write_bytes(old)
    erase_person(site, ada.id)
    newest = (vaults.keys / ledger_name(site.settings.site)).read_bytes()
    stale = BackupSet(backups.data, backups.keys, vaults.identity, tmp_path / "old.json")
    restore(stale, tmp_path / "again", ask)
    with open_site(tmp_path / "again", ask) as restored:
        assert not erase_person(restored, bo.id).ledger_handed_out
        with pytest.raises(LedgerUnusable, match="knows of erasures"):
            back_up_keys(restored)
    assert (vaults.keys / ledger_name(site.settings.site)).read_bytes() == newest


def test_an_altered_ledger_is_refused(site: Site, vaults: Vaults, tmp_path: Path) -> None:
    people = [known(site, name, seed) for seed, name in enumerate(("Ada", "Bo", "Cy"))]
    backups = backed_up(site, vaults)
    for one in people[:2]:
        erase_person(site, one.id)
    beside = vaults.keys / ledger_name(site.settings.site)
    whole = json.loads(beside.read_bytes())
    for altered in (
        whole["entries"][::-1],
        whole["entries"][1:],
        [{**whole["entries"][0], "person": people[2].id}, whole["entries"][1]],
        [{**entry, "signature": {**entry["signature"], "public_key": "00" * 32}} for entry in whole["entries"]],
    ):
        beside.write_text(json.dumps({**whole, "entries": altered}))
        with pytest.raises(LedgerUnusable):
            restore(backups, tmp_path / "again", ask)
    beside.write_text(json.dumps(whole))
    assert restore(backups, tmp_path / "again", ask).people == 1


def test_keys_that_are_older_than_the_data_are_refused(site: Site, vaults: Vaults, tmp_path: Path) -> None:
    keys = back_up_keys(site, vaults.keys)
    known(site, "Ada", 1)
    data = create_backup(site, vaults.data, vaults.recipient)
    with pytest.raises(BackupUnusable, match="older"):
        restore(BackupSet(data.path, keys.path, vaults.identity), tmp_path / "again", ask)


def flipped(octets: bytes, at: int) -> bytes:
    return octets[:at] + bytes([octets[at] ^ 1]) + octets[at + 1 :]


def quietly(_done: int, _all: int) -> None:
    """No progress is shown."""


@pytest.mark.parametrize("which", [Renewable.SITE, Renewable.INDEX, Renewable.AUDIT, Renewable.TLS])
def test_keys_renewed_between_the_two_backups_open_the_data(
    site: Site, vaults: Vaults, tmp_path: Path, which: Renewable
) -> None:
    ada = known(site, "Ada", 1, badge_number="7")
    backups = backed_up(site, vaults)
    renew_site_wide(site.folder, site.stores, which, site.actor, quietly)
    receipt = erase_person(site, known(site, "Bo", 2).id).receipt
    newer = BackupSet(backups.data, back_up_keys(site).path, vaults.identity)
    outcome = restore(newer, tmp_path / "again", ask)
    assert (outcome.people, outcome.unreadable) == (1, 0)
    with open_site(tmp_path / "again", ask) as restored:
        assert list(restored.stores.people.all()) == [ada]
        assert issue_receipt(restored, receipt.person).ledger_head == receipt.ledger_head
        password = tls_password(restored.stores.vault)
        load_pem_private_key((restored.folder / "tls" / "site.key.sealed").read_bytes(), password)


@pytest.mark.parametrize("which", [Renewable.GRANTS, Renewable.AUDIT_SIGNING])
def test_what_no_key_vouches_for_since_a_renewal_is_refused(
    site: Site, vaults: Vaults, tmp_path: Path, which: Renewable
) -> None:
    site.profiles.keep_photos(True)  # noqa: FBT003 - one switch
    backups = backed_up(site, vaults)
    renew_site_wide(site.folder, site.stores, which, site.actor, quietly)
    newer = BackupSet(backups.data, back_up_keys(site).path, vaults.identity)
    with pytest.raises(BackupUnusable, match="renewed"):
        restore(newer, tmp_path / "again", ask)
    assert restore(backups, tmp_path / "again", ask).people == 0
    anew = BackupSet(create_backup(site, vaults.data, vaults.recipient).path, back_up_keys(site).path, vaults.identity)
    assert restore(anew, tmp_path / "once more", ask).people == 0


def test_what_a_renewed_key_hid_does_not_come_back(site: Site, vaults: Vaults, tmp_path: Path) -> None:
    ada, bo = known(site, "Ada", 1), known(site, "Bo", 2)
    backups = backed_up(site, vaults)
    (given,) = site.stores.consents.of(ada.id)
    site.register.withdraw(site.actor, ada.id, given.id)
    newer = BackupSet(backups.data, back_up_keys(site).path, vaults.identity)
    assert drill(site, newer, ask).unreadable == 1
    outcome = restore(newer, tmp_path / "again", ask)
    assert (outcome.people, outcome.erased_again, outcome.unreadable) == (1, 0, 1)
    assert names(tmp_path / "again") == {bo.display_name}


def test_each_unfit_backup_is_one_sentence(site: Site, vaults: Vaults, tmp_path: Path) -> None:
    backups = backed_up(site, vaults)
    sealed, keys = backups.data.read_bytes(), backups.keys.read_bytes()
    stranger = tmp_path / "stranger.txt"
    make_identity(stranger)
    (tmp_path / "2").mkdir()
    with open_site(throwaway_site(tmp_path / "2", "other"), ask) as other:
        (tmp_path / "2" / "keys").mkdir()
        foreign = back_up_keys(other, tmp_path / "2" / "keys").path
    bad = tmp_path / "bad"
    for data, keys_file, identity, error in (
        (sealed[:-1], keys, vaults.identity, BackupUnusable),
        (sealed[: len(sealed) // 2], keys, vaults.identity, BackupUnusable),
        (flipped(sealed, len(sealed) // 2), keys, vaults.identity, BackupUnusable),
        (b"", keys, vaults.identity, BackupUnusable),
        (keys, keys, vaults.identity, BackupUnusable),
        (sealed, keys, stranger, WrongKey),
        (sealed, keys[:-1], vaults.identity, BackupUnusable),
        (sealed, keys + b"x", vaults.identity, BackupUnusable),
        (sealed, flipped(keys, len(keys) - 10), vaults.identity, BackupUnusable),
        (sealed, keys.replace(b'"blind_index": 0', b'"blind_index": 1'), vaults.identity, BackupUnusable),
        (sealed, foreign.read_bytes(), vaults.identity, BackupUnusable),
        (sealed, sealed, vaults.identity, BackupUnusable),
    ):
        bad.write_bytes(data)
        (vaults.keys / "bad").write_bytes(keys_file)
        with pytest.raises(error) as told:
            restore(BackupSet(bad, vaults.keys / "bad", identity), tmp_path / "again", ask)
        assert told.value.message.count(". ") == 0
        assert list(tmp_path.glob("*again*")) == []


def test_the_wrong_passphrase_restores_nothing(site: Site, vaults: Vaults, tmp_path: Path) -> None:
    with pytest.raises(WrongKey):
        restore(backed_up(site, vaults), tmp_path / "again", lambda: "no horse and no battery")
    assert list(tmp_path.glob("*again*")) == []


def test_a_thief_of_every_backup_learns_about_nobody(site: Site, vaults: Vaults, tmp_path: Path) -> None:
    """Even one who has the identity of the backups, and only lacks the site's key."""
    with planted(site) as canaries:
        backups = backed_up(site, vaults)
        (tmp_path / "stolen").mkdir()
        shutil.copytree(vaults.data, tmp_path / "stolen" / "data")
        shutil.copytree(vaults.keys, tmp_path / "stolen" / "keys")
        restored = restore(backups, tmp_path / "stolen" / "site", ask)
        needles = [needle for canary in canaries for needle in canary.needles()]
    assert restored.people == len(canaries)
    assert search_folder(tmp_path / "stolen", needles).findings == ()


def test_a_backup_holds_no_keys_and_no_gallery(site: Site, vaults: Vaults, tmp_path: Path) -> None:
    (site.folder / "gallery.snapshot").write_bytes(b"vectors")
    (site.folder / "models" / "model.onnx").write_bytes(b"model")
    made = create_backup(site, vaults.data / "named.age", vaults.recipient)
    held = {file.name for file in made.manifest.files}
    assert held == {DATA}
    held = {file.name for file in back_up_keys(site, vaults.keys).manifest.files}
    assert held == {KEYS, "site.toml", "tls/site.crt", "tls/site.key.sealed"}
    assert not list(site.folder.glob(".backup*"))


def test_backups_of_the_keys_are_short_lived(
    site: Site, vaults: Vaults, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved = tmp_path / "moved"
    moved.mkdir()
    made = [back_up_keys(site, vaults.keys, days=2).path, back_up_keys(site, moved).path]
    (vaults.keys / "doorward-keys-other-20200101T000000000000Z.backup").write_bytes(b"another site's")
    clock = site.stores.vault.clock
    begun = clock.now()
    monkeypatch.setattr(clock, "now", lambda: begun + timedelta(days=1, hours=23), raising=False)
    assert expired(site) == ()
    monkeypatch.setattr(clock, "now", lambda: begun + timedelta(days=2, seconds=1), raising=False)
    newest: BackupMade = back_up_keys(site)
    assert set(newest.removed) == set(made)
    assert sorted(file.name for file in moved.glob("*.backup")) == [newest.path.name]
    assert len(list(vaults.keys.glob("*.backup"))) == 1


def test_the_deadline_holds_the_last_backup_with_the_key(
    site: Site, vaults: Vaults, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = known(site, "Ada", 1)
    path = back_up_keys(site, vaults.keys, days=2).path
    receipt = erase_person(site, ada.id).receipt
    assert receipt.keys_gone_by is not None
    clock = site.stores.vault.clock
    monkeypatch.setattr(clock, "now", lambda: receipt.keys_gone_by, raising=False)
    assert expired(site) == (path,)


def test_a_drill_is_written_into_the_log(site: Site, vaults: Vaults) -> None:
    ada = site.add_person("Canary", groups=[CANARY_GROUP])
    site.stores.enrolments.add(enrolment(ada.id, face(1)))
    backups = backed_up(site, vaults)
    entries = site.stores.trail.count()
    done = drill(site, backups, ask)
    assert (done.people, done.records, done.canaries) == (1, 2, 1)
    assert site.stores.trail.count() == entries + 1
    assert last_drill(site) == done.at
    backups.data.write_bytes(backups.data.read_bytes()[:-1])
    with pytest.raises(BackupUnusable):
        drill(site, backups, ask)
    assert site.stores.trail.count() == entries + 2
    assert last_drill(site) == done.at


def test_a_canary_without_its_enrolment_fails_the_drill(site: Site, vaults: Vaults) -> None:
    site.add_person("Canary", groups=[CANARY_GROUP])
    with pytest.raises(BackupUnusable, match="canary"):
        drill(site, backed_up(site, vaults), ask)


def test_places_and_recipients_that_cannot_be_are_said(site: Site, vaults: Vaults, tmp_path: Path) -> None:
    secret = vaults.identity.read_text().splitlines()[-1]
    for to, recipient in (
        (site.folder / "b.age", vaults.recipient),
        (tmp_path / "no" / "b.age", vaults.recipient),
        (vaults.identity, vaults.recipient),
        (vaults.data, "age1nobody"),
        (vaults.data, secret),
    ):
        with pytest.raises(DoorwardError) as told:
            create_backup(site, to, recipient)
        assert secret not in told.value.message
    with pytest.raises(DoorwardError, match="outside"):
        back_up_keys(site, site.folder / "keys")
    with pytest.raises(DoorwardError, match="--to"):
        back_up_keys(site)
    assert list(vaults.data.iterdir()) == []


def test_a_backup_is_consistent_while_others_write(site: Site, vaults: Vaults, tmp_path: Path) -> None:
    stop = threading.Event()

    def write() -> None:
        with open_site(site.folder, ask) as other:
            number = 0
            while not stop.is_set():
                number += 1
                known(other, f"Person {number}", number)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        sets = [backed_up(site, vaults) for _ in range(3)]
    finally:
        stop.set()
        writer.join()
    for number, backups in enumerate(sets):
        outcome = restore(backups, tmp_path / f"again{number}", ask)
        assert outcome.people == outcome.manifest.counts["persons"]
