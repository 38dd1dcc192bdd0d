"""The contract of ``KeyProvider``, and each one's refusals in words."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import fail, null
from keyring.backends.chainer import ChainerBackend

from doorward.adapters.keys.os_keyring import keeps_in_clear
from doorward.adapters.system import SystemRandomness
from doorward.errors import DoorwardError, StorageError, WrongKey, WrongUse
from doorward.settings.key import KeySettings, Pkcs11Settings
from doorward.vault.passphrase import CHEAPEST
from doorward.vault.ports import KEY_LENGTH, KeyProvider
from doorward.wiring.face.providers import PROVIDERS, ProviderChoice, make_key, provider_of, remove_key
from fakes.clock import FakeRandomness
from fakes.key_provider import FakeKeyProvider
from fakes.os_keyring import FakeOsKeyring
from tokens_in_software import PIN, software_token

PASSPHRASE = "correct horse battery staple"


@pytest.fixture
def made(tmp_path: Path, os_keyring: FakeOsKeyring) -> Callable[..., KeySettings]:
    def make(provider: str, seed: int = 0) -> KeySettings:
        choice = ProviderChoice(provider, cost=CHEAPEST)
        if provider == "key-file":
            choice = replace(choice, key_file=tmp_path / f"{seed}.key")
        if provider == "pkcs11":
            token = software_token()
            choice = replace(choice, module=token.module, token=token.label)
        randomness = SystemRandomness()  # what one token holds for several tests must differ
        return make_key(choice, tmp_path / "site", secret_of(provider), randomness)

    return make


def secret_of(provider: str) -> Callable[[], str]:
    return lambda: PIN if provider == "pkcs11" else PASSPHRASE


@pytest.fixture(params=[*PROVIDERS, "fake"])
def provider(request: pytest.FixtureRequest, made: Callable[..., KeySettings]) -> KeyProvider:
    if request.param == "fake":
        return FakeKeyProvider()
    key = made(request.param)
    return provider_of(key, secret_of(request.param))


def test_gives_the_same_bytes_each_time(provider: KeyProvider) -> None:
    key = provider.wrapping_key()
    assert len(key) == KEY_LENGTH
    assert provider.wrapping_key() == key


@pytest.mark.parametrize("name", PROVIDERS)
def test_two_keys_differ_and_one_that_was_removed_opens_nothing(made: Callable[..., KeySettings], name: str) -> None:
    one, other = made(name, 1), made(name, 2)
    given = [provider_of(key, secret_of(name)).wrapping_key() for key in (one, other)]
    assert given[0] != given[1]
    remove_key(one, secret_of(name))
    if name != "passphrase":
        with pytest.raises(WrongKey):
            provider_of(one, secret_of(name)).wrapping_key()
    assert provider_of(other, secret_of(name)).wrapping_key() == given[1]


def test_a_locked_or_emptied_keyring_is_said(made: Callable[..., KeySettings], os_keyring: FakeOsKeyring) -> None:
    key = made("keyring")
    provider = provider_of(key, lambda: "")
    os_keyring.locked = True
    with pytest.raises(WrongKey, match="unlock it"):
        provider.wrapping_key()
    with pytest.raises(StorageError, match="no keyring"):
        made("keyring", 1)
    with pytest.raises(StorageError, match="by hand"):
        remove_key(key, lambda: "")
    os_keyring.locked = False
    for held in ("", "zz", "00" * 31):
        os_keyring.entries = dict.fromkeys(os_keyring.entries, held)
        with pytest.raises(WrongKey, match="holds no key"):
            provider.wrapping_key()


@pytest.mark.parametrize("backend", [fail.Keyring, null.Keyring])
def test_no_keyring_at_all_is_said(tmp_path: Path, backend: type[KeyringBackend]) -> None:
    before = keyring.get_keyring()
    keyring.set_keyring(backend())
    try:
        with pytest.raises(StorageError, match="no keyring"):
            make_key(ProviderChoice("keyring"), tmp_path, lambda: "", FakeRandomness())
    finally:
        keyring.set_keyring(before)


class PlaintextKeyring(FakeOsKeyring):
    """Named as in keyrings.alt, whose backends take whatever they are given."""

    priority = 0.5


class Renamed(PlaintextKeyring):
    """As keyrings.alt derives some of its backends."""


class MultipartKeyringWrapper(FakeOsKeyring):
    """As keyrings.alt wraps a backend."""

    priority = 0

    def __init__(self, wrapped: KeyringBackend) -> None:
        super().__init__()
        self._keyring = wrapped


def chain(*backends: KeyringBackend) -> KeyringBackend:
    """The library's own chain, of named backends instead of those that are installed."""
    made: KeyringBackend = type("Chain", (ChainerBackend,), {"backends": list(backends), "priority": 0})()
    return made


@pytest.mark.parametrize(
    "backend",
    [
        PlaintextKeyring(),
        Renamed(),
        MultipartKeyringWrapper(PlaintextKeyring()),
        chain(FakeOsKeyring(), PlaintextKeyring()),
        chain(chain(MultipartKeyringWrapper(Renamed()))),
    ],
)
def test_a_keyring_that_keeps_entries_in_the_clear_is_refused(
    made: Callable[..., KeySettings], backend: KeyringBackend
) -> None:
    keyring.set_keyring(backend)
    assert keeps_in_clear()
    with pytest.raises(StorageError, match="in the clear"):
        made("keyring")
    assert not getattr(backend, "entries", {})


@pytest.mark.parametrize(
    "backend", [FakeOsKeyring(), MultipartKeyringWrapper(FakeOsKeyring()), chain(FakeOsKeyring(), FakeOsKeyring())]
)
def test_a_keyring_that_encrypts_is_taken_alone_wrapped_or_in_a_chain(
    made: Callable[..., KeySettings], backend: KeyringBackend
) -> None:
    keyring.set_keyring(backend)
    assert not keeps_in_clear()
    assert provider_of(made("keyring"), lambda: "").wrapping_key()


def test_a_wrong_pin_token_module_or_seal_is_said(made: Callable[..., KeySettings]) -> None:
    key = made("pkcs11")
    assert isinstance(key, Pkcs11Settings)
    wrong: list[tuple[KeySettings, str, type[DoorwardError], str]] = [
        (key, "0000", WrongKey, "PIN"),
        (replace(key, token="another"), PIN, WrongUse, "labelled another"),
        (replace(key, module=Path("/no/module.so")), PIN, WrongUse, "cannot be loaded"),
        (replace(key, label="another"), PIN, WrongKey, "right one"),
        (replace(key, sealed=key.sealed[:20]), PIN, WrongKey, "right one"),
    ]
    for settings, pin, error, said in wrong:
        with pytest.raises(error, match=said):
            provider_of(settings, lambda pin=pin: pin).wrapping_key()
    assert len(provider_of(key, lambda: PIN).wrapping_key()) == KEY_LENGTH


@pytest.mark.parametrize("choice", [ProviderChoice("key-file"), ProviderChoice("pkcs11")])
def test_a_choice_that_lacks_a_part_is_said(tmp_path: Path, choice: ProviderChoice) -> None:
    with pytest.raises(WrongUse, match="add --"):
        make_key(choice, tmp_path, lambda: PASSPHRASE, FakeRandomness())


def test_a_short_passphrase_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="too short"):
        make_key(ProviderChoice(), tmp_path, lambda: "short", FakeRandomness())
