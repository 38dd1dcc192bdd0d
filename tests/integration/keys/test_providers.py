"""Sites under every key provider, and handed from each to each."""

import sqlite3
from contextlib import closing, suppress
from pathlib import Path

import pytest

from commands_in_process import run_json
from doorward.cli.program import run
from doorward.errors import WrongKey
from doorward.settings.key import PassphraseSettings
from doorward.settings.site import read_site_settings
from doorward.vault.passphrase import CHEAPEST, RFC_9106_SECOND, Argon2Cost, raised
from doorward.vault.site_keys import UnlockedSiteKeys
from doorward.wiring.face import unlocking
from doorward.wiring.face.opening import KEYS, Stores, create_site, open_stores, provider_for
from doorward.wiring.face.providers import PROVIDERS, ProviderChoice
from doorward.wiring.face.unlocking import change_provider, unlock
from fakes.os_keyring import FakeOsKeyring
from known_people import OFFICER, person
from power_cuts import PowerCut, cut, then_cut
from throwaway_sites import PASSPHRASE, opened_stores, throwaway_site
from tokens_in_software import PIN, software_token

NEW = "another battery staple horse"


pytestmark = pytest.mark.usefixtures("os_keyring")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return throwaway_site(tmp_path)


def secret_of(provider: str) -> str:
    return PIN if provider == "pkcs11" else NEW


def choice_of(provider: str, folder: Path) -> ProviderChoice:
    if provider == "key-file":
        return ProviderChoice(provider, folder.with_suffix(".key"))
    if provider == "pkcs11":
        token = software_token()
        return ProviderChoice(provider, module=token.module, token=token.label)
    return ProviderChoice(provider, cost=CHEAPEST)


def opened(folder: Path, secret: str) -> Stores:
    settings = read_site_settings(folder)
    return open_stores(folder, settings, provider_for(settings, lambda: secret))


def site_wraps(folder: Path) -> list[bytes]:
    with closing(sqlite3.connect(folder / KEYS)) as keys:
        return [wrapped for (wrapped,) in keys.execute("SELECT wrapped FROM keys WHERE kind = 'site'")]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_site_is_handed_over_and_the_old_passphrase_opens_it_no_more(folder: Path, provider: str) -> None:
    ada = person("Ada")
    before = site_wraps(folder)
    with closing(opened_stores(folder)) as stores:
        stores.people.add(ada)
        changed = change_provider(folder, stores, choice_of(provider, folder), lambda: secret_of(provider), OFFICER)
        assert changed.key.provider == provider
        stores.vault.site_keys().renew()  # the same process goes on with the new provider
    with closing(opened(folder, secret_of(provider))) as reopened:
        assert reopened.people.get(ada.id) == ada
    if provider == "passphrase":
        with pytest.raises(WrongKey):
            opened_stores(folder)
    written = b"".join(file.read_bytes() for file in (folder / KEYS).parent.rglob("*") if file.is_file())
    assert not any(wrapped in written for wrapped in before)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_site_is_made_and_opened_by_commands(
    tmp_path: Path, provider: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, secret = tmp_path / "made", tmp_path / "secret"
    secret.write_text(secret_of(provider))
    choice = choice_of(provider, folder)
    options: list[object] = ["--provider", provider]
    if choice.key_file:
        options += ["--key-file", choice.key_file]
    if choice.module:
        options += ["--pkcs11-module", choice.module, "--token", choice.token]
    named = ["--passphrase-file", secret] if provider in ("passphrase", "pkcs11") else []
    status, told = run_json(capsys, "init", folder, *options, *named)
    assert (status, told["provider"]) == (0, provider)
    status, told = run_json(capsys, "people", "list", "--site", folder, *named)
    assert (status, told) == (0, {"people": []})


def test_a_provider_changed_by_command(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old = tmp_path / "old"
    old.write_text(PASSPHRASE)
    before = (folder / "site.toml").read_text()
    named = ("--site", folder, "--passphrase-file", old)
    status, told = run_json(capsys, "keys", "provider", "change", "--key-file", tmp_path / "new.key", *named)
    assert (status, told["provider"]) == (0, "key-file")
    assert run_json(capsys, "people", "list", "--site", folder)[0] == 0
    after = (folder / "site.toml").read_text()
    assert before.split("[key]")[0] == after.split("[key]")[0]
    assert before.split("# A model's")[1] == after.split("# A model's")[1]


@pytest.mark.parametrize(
    "options", [["--provider", "keyring", "--key-file", "k"], ["--provider", "passphrase", "--token", "t"]]
)
def test_options_of_two_providers_are_refused(tmp_path: Path, options: list[str]) -> None:
    assert run(["init", str(tmp_path / "site"), *options]) == 2
    assert not (tmp_path / "site").exists()


def test_what_a_refused_site_would_have_kept_is_removed(tmp_path: Path, os_keyring: FakeOsKeyring) -> None:
    (tmp_path / "file").write_text("in the way")
    with suppress(Exception):
        create_site(tmp_path / "file" / "site", choice=ProviderChoice("keyring"))
    assert not os_keyring.entries


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    ("place", "name"),
    [(UnlockedSiteKeys, "stage"), (unlocking, "replace_key_settings"), (UnlockedSiteKeys, "adopt")],
    ids=["wrapping for the new", "the settings", "giving up the old"],
)
def test_a_change_cut_short_leaves_one_that_opens(
    folder: Path, monkeypatch: pytest.MonkeyPatch, place: object, name: str, when: str
) -> None:
    with closing(opened_stores(folder)) as stores, monkeypatch.context() as patch:
        patch.setattr(place, name, cut if when == "before" else then_cut(getattr(place, name)))
        with pytest.raises(PowerCut):
            change_provider(folder, stores, choice_of("passphrase", folder), lambda: NEW, OFFICER)
    new_one = name == "adopt" or (name == "replace_key_settings" and when == "after")
    works, fails = (NEW, PASSPHRASE) if new_one else (PASSPHRASE, NEW)
    for _ in range(2):
        opened(folder, works).close()
    with pytest.raises(WrongKey):
        opened(folder, fails)
    with closing(opened(folder, works)) as stores:
        change_provider(folder, stores, choice_of("keyring", folder), lambda: "", OFFICER)
    opened(folder, "").close()
    assert len(site_wraps(folder)) == 1


def test_a_cost_below_todays_is_raised_when_the_site_is_next_opened(tmp_path: Path) -> None:
    folder, once = tmp_path / "site", Argon2Cost(memory_kib=64, passes=1, lanes=1)
    create_site(folder, passphrase=PASSPHRASE, cost=once)
    for _ in range(2):
        unlock(folder, read_site_settings(folder), lambda: PASSPHRASE).close()
    key = read_site_settings(folder).key
    assert isinstance(key, PassphraseSettings)
    assert Argon2Cost(key.memory_kib, key.passes, key.lanes) == RFC_9106_SECOND
    with pytest.raises(WrongKey):
        unlock(folder, read_site_settings(folder), lambda: NEW)


def test_no_part_of_a_cost_is_ever_lowered() -> None:
    assert raised(Argon2Cost(1_048_576, 1, 8)) == Argon2Cost(1_048_576, 3, 8)
    assert raised(RFC_9106_SECOND) == RFC_9106_SECOND
    assert raised(CHEAPEST) == CHEAPEST
