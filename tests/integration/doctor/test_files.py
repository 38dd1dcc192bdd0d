"""Modes, owners, keys in the wrong place, damaged and overdue databases: each fault made, each found."""

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import keyring
import pytest

from doorward.settings.key import KeyringSettings
from doorward.settings.site import KeyFileSettings, read_site_settings
from doorward.vault.passphrase import CHEAPEST
from doorward.wiring.doctor.examination import examine_files, is_openable
from doorward.wiring.doctor.files import check_key_place, check_modes
from doorward.wiring.doctor.finding import Severity, critical
from doorward.wiring.face.opening import DATA, KEYS, create_site
from doorward.wiring.face.site import Site
from fakes.os_keyring import FakeOsKeyring
from known_people import NOON, consent, passage, person

SECRET = "0123456789abcdef" * 4


def ids(folder: Path, passphrase_at: Path | None = None) -> set[str]:
    return {finding.id for finding in examine_files(folder, passphrase_at, NOON)}


def sql(file: Path, statement: str) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute(statement)


def test_a_new_site_has_nothing_but_the_tests_cheap_passphrase(folder: Path) -> None:
    assert ids(folder) == {"passphrase-cost-low"}
    assert critical(examine_files(folder, None, NOON)) == ()


def test_a_site_of_todays_cost_has_nothing(tmp_path: Path, passphrase_file: Path) -> None:
    create_site(tmp_path / "new", passphrase="correct horse battery staple")
    assert ids(tmp_path / "new", passphrase_file) == set()


@pytest.mark.parametrize(
    ("mode", "finding", "severity"),
    [
        (0o770, "folder-open-to-writers", Severity.CRITICAL),
        (0o702, "folder-open-to-writers", Severity.CRITICAL),
        (0o750, "folder-open-to-readers", Severity.WARNING),
        (0o701, "folder-open-to-readers", Severity.WARNING),
    ],
)
def test_an_open_folder(folder: Path, mode: int, finding: str, severity: Severity) -> None:
    folder.chmod(mode)
    assert (finding, severity) in {(found.id, found.severity) for found in check_modes(folder)}


@pytest.mark.parametrize(
    ("around", "mode", "found"), [(0o755, 0o666, True), (0o700, 0o666, False), (0o750, 0o602, False)]
)
def test_a_file_that_others_may_write_if_they_get_there(folder: Path, around: int, mode: int, found: bool) -> None:
    (folder / DATA).chmod(mode)
    folder.chmod(around)
    assert ("file-open-to-writers" in {finding.id for finding in check_modes(folder)}) is found


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_file_that_belongs_to_somebody_else(folder: Path) -> None:
    os.chown(folder / DATA, 65534, 65534)
    (found,) = check_modes(folder)
    assert (found.id, DATA in found.what) == ("foreign-owner", True)


def test_the_key_files_place_and_rights(tmp_path: Path) -> None:
    key = tmp_path / "site.key"
    create_site(tmp_path / "keyed", key_file=key, cost=CHEAPEST)
    assert ids(tmp_path / "keyed") == {"key-on-data-volume"}
    key.chmod(0o644)
    assert ids(tmp_path / "keyed") == {"key-on-data-volume", "key-file-open"}
    shutil.copy(key, tmp_path / "keyed" / "models" / "harmless")
    assert "key-in-site" in ids(tmp_path / "keyed")
    assert is_openable(examine_files(tmp_path / "keyed", None, NOON))


def test_a_key_file_on_another_volume_is_fine(folder: Path) -> None:
    elsewhere = replace(read_site_settings(folder), key=KeyFileSettings(Path("/proc/version")))
    assert {finding.id for finding in check_key_place(folder, elsewhere, None)} <= {"key-file-open"}


def test_a_keyring_that_encrypts_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class PlaintextKeyring(FakeOsKeyring):
        priority = 0

    settings = replace(read_site_settings(folder), key=KeyringSettings("6f0d6f8e-4f0b-4c0e-9d59-6c1c3a3f1f50"))
    for backend, found in ((FakeOsKeyring(), []), (PlaintextKeyring(), ["keyring-in-clear"])):
        monkeypatch.setattr(keyring, "get_keyring", lambda held=backend: held)
        assert [finding.id for finding in check_key_place(folder, settings, None)] == found


def test_the_passphrases_file(folder: Path, passphrase_file: Path) -> None:
    assert ids(folder, passphrase_file) == {"passphrase-cost-low"}
    passphrase_file.chmod(0o640)
    assert "passphrase-file-open" in ids(folder, passphrase_file)
    inside = Path(shutil.copy(passphrase_file, folder / "note"))
    assert "passphrase-in-site" in ids(folder, inside)


@pytest.mark.parametrize("name", [DATA, KEYS])
@pytest.mark.parametrize("damage", [lambda octets: octets[:4096] + bytes(len(octets) - 4096), lambda _: b"text" * 999])
def test_a_damaged_database_is_told_and_not_opened(folder: Path, name: str, damage: Callable[[bytes], bytes]) -> None:
    (folder / name).write_bytes(damage((folder / name).read_bytes()))
    findings = examine_files(folder, None, NOON)
    assert [finding.id for finding in critical(findings)] == ["database-damaged"]
    assert name.rsplit("/", maxsplit=1)[-1] in critical(findings)[0].what
    assert not is_openable(findings)


def test_rows_of_nobody(folder: Path, site: Site) -> None:
    ada = person()
    site.stores.people.add(ada)
    site.stores.consents.add(consent(ada.id))
    sql(folder / DATA, "DELETE FROM persons")
    assert "rows-without-their-person" in ids(folder)


def test_passages_past_their_time(folder: Path, site: Site) -> None:
    ada = person()
    site.stores.people.add(ada)
    site.stores.passages.add(passage(ada.id, at=NOON - timedelta(hours=23)))
    assert "retention-overdue" not in ids(folder)
    site.stores.passages.add(passage(ada.id, at=NOON - timedelta(hours=26)))
    assert "retention-overdue" in ids(folder)


def test_an_erasure_that_was_interrupted(folder: Path, site: Site) -> None:
    ada = person()
    site.stores.people.add(ada)
    site.stores.people.erase(ada.id)
    assert "erasure-pending" not in ids(folder)
    sql(folder / DATA, "UPDATE erasures SET done = 0")
    assert "erasure-pending" in ids(folder)
