"""The log's signing key renewed: outsiders follow it, the witness has it, and what was tampered with is named."""

import shutil
import sqlite3
from base64 import b64decode
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from commands_in_process import run_json
from doorward.adapters.stores.face import audit_entries
from doorward.adapters.stores.face.log_handover import hand_log_over
from doorward.adapters.stores.face.log_keys import LOG_KEY
from doorward.audit.log_keys import check_under, follow_keys
from doorward.audit.verifier import check_checkpoint, check_consistency, check_inclusion
from doorward.errors import AuditInvalid
from doorward.kernel.audit import AuditEntry
from doorward.wiring.face.auditing import WitnessKind, WitnessSetting
from doorward.wiring.face.keys import Renewable, renew_site_wide
from doorward.wiring.face.opening import DATA, Stores
from known_people import NOON, OFFICER
from throwaway_sites import PASSPHRASE, opened_stores, throwaway_site


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return throwaway_site(tmp_path)


@pytest.fixture
def stores(folder: Path) -> Iterator[Stores]:
    opened = opened_stores(folder)
    yield opened
    opened.close()


def renew(folder: Path, stores: Stores) -> None:
    renew_site_wide(folder, stores, Renewable.AUDIT_SIGNING, OFFICER, lambda _done, _all: None)


def looked(stores: Stores) -> str:
    """The checkpoint behind one more entry."""
    stores.trail.record(AuditEntry(OFFICER, "look", None, NOON))
    return stores.auditing.checkpoint() or ""


def sql(folder: Path, statement: str) -> None:
    with closing(sqlite3.connect(folder / DATA)) as connection, connection:
        connection.execute(statement)


def test_an_outsider_follows_from_the_oldest_key_to_the_newest(
    folder: Path, stores: Stores, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trusted, early = stores.auditing.key, looked(stores)
    renew(folder, stores)
    between = looked(stores)
    renew(folder, stores)
    assert stores.auditing.key != trusted
    secret = tmp_path / "passphrase"
    secret.write_text(PASSPHRASE)
    status, proof = run_json(capsys, "audit", "prove", 1, "--site", folder, "--passphrase-file", secret)
    assert status == 0
    spans = follow_keys(trusted, proof["handovers"])
    assert len(spans) == 3
    assert spans[-1].key == proof["key"] == stores.auditing.key
    head, earlier = check_under(proof["checkpoint"], spans), check_under(proof["earlier_checkpoint"], spans)
    assert earlier.size == spans[-2].until == stores.auditing.key_since
    check_inclusion(b64decode(proof["leaf"]), 0, head.size, [b64decode(node) for node in proof["inclusion"]], head.root)
    path = [b64decode(node) for node in proof["consistency"]]
    check_consistency(earlier.size, earlier.root, head.size, head.root, path)
    assert check_under(early, spans).size < check_under(between, spans).size < head.size
    for later in (between, proof["checkpoint"]):
        with pytest.raises(AuditInvalid):
            check_checkpoint(later, trusted)


def test_who_writes_meanwhile_signs_with_the_old_key_until_the_log_is_handed_over(folder: Path, stores: Stores) -> None:
    trusted, keys = stores.auditing.key, stores.vault.log_signing()
    with closing(opened_stores(folder)) as elsewhere:
        keys.renew()
        check_checkpoint(looked(elsewhere), trusted)
        hand_log_over(stores.data, stores.vault)
        newest = stores.auditing.key
        check_checkpoint(looked(elsewhere), newest)
        keys.forget_old()
        check_checkpoint(looked(elsewhere), newest)
        assert elsewhere.auditing.verify().problems == ()


def test_the_witness_has_what_leads_to_the_new_key(folder: Path, stores: Stores, tmp_path: Path) -> None:
    kept = tmp_path / "witness"
    kept.mkdir()
    stores.auditing.set_witness(OFFICER, WitnessSetting(WitnessKind.FOLDER, str(kept)))
    trusted = stores.auditing.key
    looked(stores)
    renew(folder, stores)
    assert stores.auditing.waiting() == 0
    notes = [place.read_text() for place in sorted(kept.iterdir())]
    assert follow_keys(trusted, notes[-1:])[-1].key == stores.auditing.key
    sql(folder, "DELETE FROM audit_checkpoints")
    problems = stores.auditing.verify().problems
    assert len(problems) == 1, "all that the witness kept holds"
    assert "names the log's next key, is missing" in problems[0]


def test_a_witness_that_is_away_does_not_hold_it_up(folder: Path, stores: Stores, tmp_path: Path) -> None:
    kept = tmp_path / "witness"
    kept.mkdir()
    stores.auditing.set_witness(OFFICER, WitnessSetting(WitnessKind.FOLDER, str(kept)))
    shutil.rmtree(kept)
    renew(folder, stores)
    assert len(stores.vault.log_signing().public_keys()) == 1
    waiting = stores.auditing.waiting()
    assert waiting
    kept.mkdir()
    looked(stores)
    assert len(list(kept.iterdir())) == waiting + 1
    assert stores.auditing.verify().problems == ()


def test_a_checkpoint_that_is_due_at_the_same_entry_names_the_new_key(
    folder: Path, stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_entries, "CHECKPOINT_EVERY", 1)
    trusted = stores.auditing.key
    renew(folder, stores)
    looked(stores)
    proof = stores.trail.prove(1)
    assert follow_keys(trusted, proof.handovers)[-1].key == stores.auditing.key
    assert stores.auditing.verify().problems == ()


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        (f"DELETE FROM grants WHERE kind = '{LOG_KEY}'", "not signed by this log's key"),
        (f"UPDATE grants SET payload = replace(payload, ':', ': ') WHERE kind = '{LOG_KEY}'", "not written by this"),
        ("DELETE FROM audit_checkpoints WHERE note LIKE '%next-key%'", "names the log's next key, is missing"),
        ("UPDATE audit_checkpoints SET note = replace(note, 'next-key', 'next_key')", "does not hold"),
    ],
)
def test_tampering_with_what_tells_the_keys_is_named(folder: Path, stores: Stores, statement: str, named: str) -> None:
    looked(stores)
    renew(folder, stores)
    sql(folder, statement)
    assert named in "".join(stores.auditing.verify().problems)
