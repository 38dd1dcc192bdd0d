"""Key providers: the one that a site names, and new ones made for a site."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from doorward.adapters.keys.key_file import KeyFileProvider, destroy_key_file, make_key_file
from doorward.adapters.keys.passphrase import PassphraseProvider
from doorward.errors import Sealed, WrongUse
from doorward.kernel.clock import Randomness
from doorward.settings.key import (
    KeeperSettings,
    KeyFileSettings,
    KeyringSettings,
    KeySettings,
    PassphraseSettings,
    Pkcs11Settings,
)
from doorward.vault.passphrase import RFC_9106_SECOND, SALT_LENGTH, Argon2Cost, check_new_passphrase
from doorward.vault.ports import KeyProvider

KEEPER_UNREACHED = (
    "The machine with this site's keys is not reached; unseal the site there, and connect keys/keeper.sock with it."
)

AskPassphrase = Callable[[], str]
"""Asked for the passphrase, or for the token's PIN."""

PROVIDERS = (
    PassphraseSettings.provider,
    KeyFileSettings.provider,
    KeyringSettings.provider,
    Pkcs11Settings.provider,
)


@dataclass(frozen=True, slots=True)
class ProviderChoice:
    """What a new key is kept by. ``key_file`` is for key files, ``module`` and ``token`` are for PKCS #11."""

    provider: str = PassphraseSettings.provider
    key_file: Path | None = None
    module: Path | None = None
    token: str | None = None
    cost: Argon2Cost = RFC_9106_SECOND


def make_key(choice: ProviderChoice, folder: Path, ask: AskPassphrase, randomness: Randomness) -> KeySettings:
    """Make a new key where ``choice`` says, for the site in ``folder``; ``WrongUse`` when the choice lacks a part."""
    if choice.provider == KeyFileSettings.provider:
        if choice.key_file is None:
            raise WrongUse("A key file needs a place outside the site's folder: add --key-file.")
        return KeyFileSettings(make_key_file(choice.key_file, folder, randomness))
    if choice.provider == KeyringSettings.provider:
        from doorward.adapters.keys.os_keyring import make_keyring_entry  # loaded by those who use it

        return KeyringSettings(make_keyring_entry(randomness))
    if choice.provider == Pkcs11Settings.provider:
        from doorward.adapters.keys.pkcs11 import make_token_key

        if choice.module is None or choice.token is None:
            raise WrongUse("PKCS #11 needs the module's file and the token's label: add --pkcs11-module and --token.")
        label, sealed = make_token_key(choice.module, choice.token, ask(), randomness)
        return Pkcs11Settings(choice.module, choice.token, label, sealed)
    check_new_passphrase(ask())
    return PassphraseSettings(
        randomness.octets(SALT_LENGTH), choice.cost.memory_kib, choice.cost.passes, choice.cost.lanes
    )


def remove_key(key: KeySettings, ask: AskPassphrase) -> None:
    """Undo ``make_key``, or destroy a key that nothing uses any more; a passphrase is kept nowhere.

    ``StorageError`` when it stays or is not there; errors of the token as in ``make_token_key``.
    """
    if isinstance(key, KeyFileSettings):
        destroy_key_file(key.path)
    elif isinstance(key, KeyringSettings):
        from doorward.adapters.keys.os_keyring import remove_keyring_entry

        remove_keyring_entry(key.entry)
    elif isinstance(key, Pkcs11Settings):
        from doorward.adapters.keys.pkcs11 import remove_token_key

        remove_token_key(key.module, key.token, key.label, ask())


def provider_of(key: KeySettings, ask: AskPassphrase) -> KeyProvider:
    """The provider that the settings name."""
    if isinstance(key, KeeperSettings):
        return _NobodyHere()
    if isinstance(key, KeyFileSettings):
        return KeyFileProvider(key.path)
    if isinstance(key, KeyringSettings):
        from doorward.adapters.keys.os_keyring import KeyringProvider

        return KeyringProvider(key.entry)
    if isinstance(key, Pkcs11Settings):
        from doorward.adapters.keys.pkcs11 import Pkcs11Provider

        return Pkcs11Provider(key.module, key.token, key.label, key.sealed, ask)
    return PassphraseProvider(ask, key.salt, Argon2Cost(key.memory_kib, key.passes, key.lanes))


class _NobodyHere:
    """``KeyProvider`` of a site whose keys lie elsewhere."""

    def wrapping_key(self) -> bytes:
        raise Sealed(KEEPER_UNREACHED)
