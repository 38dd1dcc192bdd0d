"""A destroyed key is searched for; what is found is removed, and what cannot be removed is said."""

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from commands_in_process import run_json
from doorward.adapters.backup.receipts import verified_receipt
from doorward.adapters.signing import Signer
from doorward.adapters.stores.keys import key_store, remnants
from doorward.adapters.stores.keys.remnants import left_in_free_space, overwrites
from doorward.errors import KeyRemnant, ReceiptInvalid
from doorward.kernel.ids import PersonId
from doorward.wiring.doctor.sealed import check_sealed
from doorward.wiring.face.erasing import erase_person, issue_receipt, read_receipt, trusted_keys, write_receipt
from doorward.wiring.face.opening import KEYS
from doorward.wiring.face.site import Site, open_site
from power_cuts import PowerCut, cut
from throwaway_sites import PASSPHRASE, throwaway_site

UNWIPED = "PRAGMA secure_delete=OFF"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with open_site(throwaway_site(tmp_path), lambda: PASSPHRASE) as opened:
        yield opened


def wrap_of(site: Site, person: PersonId) -> bytes:
    with closing(sqlite3.connect(site.folder / KEYS)) as keys:
        (wrapped,) = keys.execute("SELECT wrapped FROM keys WHERE kind = 'person' AND owner = ?", [person]).fetchone()
    return bytes(wrapped)


def files_of_keys(site: Site) -> bytes:
    return b"".join(path.read_bytes() for path in sorted((site.folder / KEYS).parent.glob("keys.db*")))


def leave_remnant(site: Site, person: PersonId) -> None:
    """A copy of the person's key in a page that nothing uses any more."""
    with closing(sqlite3.connect(site.folder / KEYS)) as keys, keys:
        keys.execute(UNWIPED)
        keys.execute("CREATE TABLE dropped AS SELECT wrapped FROM keys WHERE kind = 'person' AND owner = ?", [person])
        keys.execute("DROP TABLE dropped")


def quietly(_done: int, _all: int) -> None:
    """No progress is shown."""


def found_deep(site: Site) -> set[str]:
    return {finding.id for finding in check_sealed(site, quietly)} & {"key-remnants", "keys-not-overwritten"}


def nothing(*_: object) -> None:
    """Takes the place of a step that then does not happen."""


def test_a_key_that_is_gone_is_confirmed(site: Site) -> None:
    ada = site.add_person("Ada")
    done = erase_person(site, ada.id)
    assert (done.remnant, done.receipt.key_gone_confirmed) == (None, True)
    assert issue_receipt(site, ada.id) == done.receipt


def test_what_is_left_of_a_key_is_found_and_removed(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    people = [site.add_person(name) for name in ("Ada", "Bo", "Cy")]
    ada, bo = people[0], people[1]
    wrap = wrap_of(site, ada.id)
    assert found_deep(site) == set()
    leave_remnant(site, ada.id)
    assert files_of_keys(site).count(wrap[-24:]) > 1
    assert found_deep(site) == {"key-remnants"}
    assert erase_person(site, ada.id).receipt.key_gone_confirmed
    assert wrap[-24:] not in files_of_keys(site)
    assert found_deep(site) == set()
    leave_remnant(site, bo.id)
    kept = wrap_of(site, bo.id)
    monkeypatch.setattr(key_store, "confirm_gone", nothing)
    erase_person(site, bo.id)
    assert kept[-24:] in files_of_keys(site), "without the search it stays"
    assert found_deep(site) == {"key-remnants"}
    assert site.stores.people.get(people[2].id) == people[2]


def test_what_is_left_and_cannot_be_removed_is_said_and_the_erasure_stands(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = site.add_person("Ada")
    leave_remnant(site, ada.id)
    monkeypatch.setattr(remnants, "rebuild", nothing)
    done = erase_person(site, ada.id)
    assert isinstance(done.remnant, KeyRemnant)
    assert done.receipt.key_gone_confirmed is False
    assert not site.stores.vault.knows(ada.id)
    assert site.stores.people.count() == 0
    assert issue_receipt(site, ada.id).key_gone_confirmed is False


def test_a_search_that_cannot_be_made_confirms_nothing(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: object) -> int:
        raise OSError(5, "Input/output error")

    ada = site.add_person("Ada")
    monkeypatch.setattr(os, "preadv", failing)
    done = erase_person(site, ada.id)
    assert isinstance(done.remnant, KeyRemnant)
    assert done.receipt.key_gone_confirmed is False
    assert site.stores.people.count() == 0


@pytest.mark.parametrize("at", [0, 1, 76, 77, 90, 99, 100, 153, 154, 300])
def test_a_piece_is_found_across_the_borders_of_what_is_read_at_once(
    site: Site, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    monkeypatch.setattr(remnants, "_CHUNK", 100)
    monkeypatch.setattr(remnants, "rebuild", nothing)
    wrap, log = bytes(range(1, 61)), site.folder / f"{KEYS}-journal"
    log.write_bytes(bytes(at) + wrap[-24:] + bytes(13))
    try:
        with pytest.raises(KeyRemnant):
            remnants.confirm_gone(site.stores.keys, [b"x" * 60, wrap])
        remnants.confirm_gone(site.stores.keys, [b"x" * 60])
    finally:
        log.unlink()


def test_the_files_beside_are_searched_too(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    ada = site.add_person("Ada")
    journal = site.folder / f"{KEYS}-journal"
    real, wrap = key_store.confirm_gone, wrap_of(site, ada.id)

    def beside(engine: object, wraps: object) -> None:
        journal.write_bytes(b"left" + wrap)
        try:
            real(engine, wraps)  # type: ignore[arg-type] # handed on as it came
        finally:
            journal.unlink(missing_ok=True)

    monkeypatch.setattr(remnants, "rebuild", nothing)
    monkeypatch.setattr(key_store, "confirm_gone", beside)
    assert erase_person(site, ada.id).remnant is not None


@pytest.mark.parametrize("place", ["confirm_gone", "truncate_log"])
def test_an_erasure_cut_short_is_confirmed_when_the_site_is_next_opened(
    site: Site, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    ada = site.add_person("Ada")
    leave_remnant(site, ada.id)
    wrap = wrap_of(site, ada.id)
    with monkeypatch.context() as patch:
        patch.setattr(key_store, place, cut)
        with pytest.raises(PowerCut):
            erase_person(site, ada.id)
    with open_site(site.folder, lambda: PASSPHRASE) as again:
        assert issue_receipt(again, ada.id).key_gone_confirmed
        assert again.stores.people.count() == 0
        assert wrap[-24:] not in files_of_keys(again)


def test_the_command_says_it_with_exit_status_3(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    secret, receipt = tmp_path / "secret", tmp_path / "receipt.json"
    secret.write_text(PASSPHRASE)
    named = ("--site", site.folder, "--passphrase-file", secret)
    ada, bo = site.add_person("Ada"), site.add_person("Bo")
    status, told = run_json(capsys, "people", "erase", bo.id, *named)
    assert (status, told["key_gone_confirmed"]) == (0, True)
    leave_remnant(site, ada.id)
    monkeypatch.setattr(remnants, "rebuild", nothing)
    status, told = run_json(capsys, "people", "erase", ada.id, "--receipt", receipt, *named)
    assert (status, told["error"]["code"]) == (3, "key_remnant")
    status, told = run_json(capsys, "people", "receipt", "verify", receipt, *named)
    assert (status, told["key_gone_confirmed"]) == (0, False)
    assert "could not be confirmed" in receipt.with_suffix(".html").read_text()


def test_a_receipt_cannot_be_made_to_say_more(site: Site, tmp_path: Path) -> None:
    """Neither by changing it, nor by passing it off as one of the first format, which did not say."""
    path = tmp_path / "receipt.json"
    write_receipt(erase_person(site, site.add_person("Ada").id).receipt, path)
    held = json.loads(path.read_bytes())
    older = {name: value for name, value in held.items() if name != "key_gone_confirmed"}
    for changed in ({**held, "key_gone_confirmed": False}, {**held, "format": 1}, {**older, "format": 1}, older):
        path.write_text(json.dumps(changed))
        with pytest.raises(ReceiptInvalid):
            read_receipt(path, trusted_keys(site))


def test_receipts_of_the_first_format_still_verify() -> None:
    octets, key = _first_format()
    assert verified_receipt(octets, {key}).key_gone_confirmed is None


def _first_format() -> tuple[bytes, str]:
    """As an earlier version signed it."""
    statement: dict[str, object] = {
        "erased_at": "2026-11-23T08:00:00+00:00",
        "format": 1,
        "keys_gone_by": None,
        "kind": "erasure receipt",
        "ledger_head": "ab" * 32,
        "ledger_number": 1,
        "person": "23d88b24-e0ea-4ee0-8b7a-04846263f2e6",
        "site": "6f0d6f8e-4f0b-4c0e-9d59-6c1c3a3f1f50",
    }
    signer = Signer(bytes(32))
    made = signer.sign("erasure receipt", json.dumps(statement, sort_keys=True, separators=(",", ":")).encode())
    return json.dumps({**statement, "signature": {"public_key": made.public_key, "value": made.value}}).encode(), (
        made.public_key
    )


def test_a_database_that_overwrites_nothing_is_found(site: Site) -> None:
    assert overwrites(site.stores.keys)
    with site.stores.keys.connect() as connection:
        connection.exec_driver_sql(UNWIPED)
    assert found_deep(site) == {"keys-not-overwritten"}


def test_many_people_come_and_go_and_nothing_of_their_keys_is_left(site: Site) -> None:
    people = [site.add_person(f"Person {number}") for number in range(60)]
    wraps = [wrap_of(site, one.id) for one in people]
    for one in people[::2]:
        site.stores.vault.shred(one.id)
    assert left_in_free_space(site.stores.keys) == 0
    held = files_of_keys(site)
    assert [wrap[-24:] in held for wrap in wraps] == [number % 2 == 1 for number in range(60)]
