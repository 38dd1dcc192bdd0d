"""What earlier providers kept: remembered, and destroyed when that is asked for."""

from contextlib import closing
from pathlib import Path

import pytest

from commands_in_process import run_json
from doorward.errors import StorageError, WrongKey
from doorward.settings.site import read_site_settings
from doorward.vault.passphrase import CHEAPEST
from doorward.wiring.face import unlocking
from doorward.wiring.face.old_keys import OldKeys, destroy_old_keys
from doorward.wiring.face.opening import Stores, open_stores, provider_for
from doorward.wiring.face.providers import PROVIDERS, ProviderChoice, provider_of
from doorward.wiring.face.unlocking import change_provider
from fakes.os_keyring import FakeOsKeyring
from known_people import OFFICER
from power_cuts import PowerCut, cut
from throwaway_sites import PASSPHRASE, throwaway_site
from tokens_in_software import PIN, software_token

pytestmark = pytest.mark.usefixtures("os_keyring")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return throwaway_site(tmp_path)


def opened(folder: Path, secret: str = PASSPHRASE) -> Stores:
    settings = read_site_settings(folder)
    return open_stores(folder, settings, provider_for(settings, lambda: secret))


def choice_of(provider: str, folder: Path) -> ProviderChoice:
    if provider == "pkcs11":
        token = software_token()
        return ProviderChoice(provider, module=token.module, token=token.label)
    return ProviderChoice(provider, folder.with_suffix(".key") if provider == "key-file" else None, cost=CHEAPEST)


def kept(stores: Stores, folder: Path) -> list[str]:
    return [old.settings.provider for old in OldKeys(stores.grants).held(read_site_settings(folder).key)]


def hand_over(folder: Path, stores: Stores, provider: str, secret: str = PASSPHRASE) -> None:
    change_provider(folder, stores, choice_of(provider, folder), lambda: secret, OFFICER)


@pytest.mark.parametrize("provider", [name for name in PROVIDERS if name != "passphrase"])
def test_the_old_key_is_kept_until_it_is_destroyed(folder: Path, provider: str) -> None:
    with closing(opened(folder)) as stores:
        hand_over(folder, stores, provider, PIN)
        old = read_site_settings(folder).key
        assert kept(stores, folder) == []
        hand_over(folder, stores, "passphrase", "another battery staple horse")
        assert kept(stores, folder) == [provider]
        assert provider_of(old, lambda: PIN).wrapping_key()
        current = read_site_settings(folder).key
        assert destroy_old_keys(stores, current, lambda: PIN, OFFICER) == (provider,)
        with pytest.raises(WrongKey):
            provider_of(old, lambda: PIN).wrapping_key()
        assert kept(stores, folder) == []
        assert destroy_old_keys(stores, current, lambda: PIN, OFFICER) == ()
    opened(folder, "another battery staple horse").close()


def test_a_destroyed_key_files_octets_are_overwritten(folder: Path, tmp_path: Path) -> None:
    with closing(opened(folder)) as stores:
        hand_over(folder, stores, "key-file")
        beside = tmp_path / "another name of the same file"
        beside.hardlink_to(folder.with_suffix(".key"))
        hand_over(folder, stores, "keyring")
        destroy_old_keys(stores, read_site_settings(folder).key, lambda: "", OFFICER)
    assert set(beside.read_bytes()) == {0}
    assert not folder.with_suffix(".key").exists()


def test_another_key_file_of_the_same_name_is_left_alone(folder: Path) -> None:
    with closing(opened(folder)) as stores:
        hand_over(folder, stores, "key-file")
        hand_over(folder, stores, "keyring")
        stranger = folder.with_suffix(".key")
        stranger.write_text("ab" * 32)
        current = read_site_settings(folder).key
        with pytest.raises(StorageError, match="already-gone"):
            destroy_old_keys(stores, current, lambda: "", OFFICER)
        assert stranger.read_text() == "ab" * 32
        assert kept(stores, folder) == ["key-file"]
        assert destroy_old_keys(stores, current, lambda: "", OFFICER, already_gone=True) == ("key-file",)
        assert stranger.exists()
        assert kept(stores, folder) == []


def test_the_key_that_opens_the_site_is_never_destroyed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is remembered before the site is handed over, and that may be cut short."""
    with closing(opened(folder)) as stores:
        hand_over(folder, stores, "key-file")
        with monkeypatch.context() as patch:
            patch.setattr(unlocking, "replace_key_settings", cut)
            with pytest.raises(PowerCut):
                hand_over(folder, stores, "passphrase")
        assert destroy_old_keys(stores, read_site_settings(folder).key, lambda: "", OFFICER) == ()
    opened(folder).close()


def test_a_locked_keyring_keeps_its_entry_and_it_is_said(folder: Path, os_keyring: FakeOsKeyring) -> None:
    with closing(opened(folder)) as stores:
        hand_over(folder, stores, "keyring")
        hand_over(folder, stores, "passphrase")
        os_keyring.locked = True
        with pytest.raises(StorageError, match="still there"):
            destroy_old_keys(stores, read_site_settings(folder).key, lambda: "", OFFICER)
        assert kept(stores, folder) == ["keyring"]


def test_commands_destroy_at_once_or_later(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    secret = tmp_path / "secret"
    secret.write_text(PASSPHRASE)
    named = ("--site", folder, "--passphrase-file", secret)
    first, second = tmp_path / "first.key", tmp_path / "second.key"

    def change(*arguments: object) -> tuple[list[str], list[str]]:
        status, told = run_json(capsys, "keys", "provider", "change", *arguments, *named)
        assert status == 0, told
        return told["destroyed"], told["kept"]

    assert change("--key-file", first, "--destroy-old") == ([], [])
    assert change("--key-file", second) == ([], ["key-file"])
    assert first.exists()
    status, told = run_json(capsys, "keys", "provider", "forget", *named)
    assert (status, told) == (0, {"destroyed": ["key-file"], "forgotten": ["key-file"]})
    assert not first.exists()
    assert change("--provider", "keyring", "--destroy-old") == (["key-file"], [])
    assert not second.exists()
    assert run_json(capsys, "people", "list", *named)[0] == 0
