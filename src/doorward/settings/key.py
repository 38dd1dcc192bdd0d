"""The [key] table of site.toml: which provider keeps the key that wraps the site key. Nothing in it is secret."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar
from uuid import UUID

# A changed file could only make unlocking dear: what it may ask for is bounded.
_SALT_LENGTH = 16
_MOST_MEMORY_KIB = 4 * 1024 * 1024
_MOST_PASSES = 64
_MOST_LANES = 64
_MOST_SEALED = 1_024


@dataclass(frozen=True, slots=True)
class PassphraseSettings:
    """Argon2id's salt (16 bytes) and cost (KiB, passes, lanes), as last used to wrap the site key."""

    salt: bytes
    memory_kib: int
    passes: int
    lanes: int
    provider: ClassVar[str] = "passphrase"


@dataclass(frozen=True, slots=True)
class KeyFileSettings:
    """Where the key file lies."""

    path: Path
    provider: ClassVar[str] = "key-file"


@dataclass(frozen=True, slots=True)
class KeyringSettings:
    """The name of the entry (a UUID) in the operating system's keyring."""

    entry: str
    provider: ClassVar[str] = "keyring"


@dataclass(frozen=True, slots=True)
class Pkcs11Settings:
    """The module's file, the token's and the key's label, and what that key sealed: it opens inside the token only."""

    module: Path
    token: str
    label: str
    sealed: bytes
    provider: ClassVar[str] = "pkcs11"


@dataclass(frozen=True, slots=True)
class KeeperSettings:
    """The keys lie on another machine, whose key keeper is asked."""

    provider: ClassVar[str] = "keeper"


KeySettings = PassphraseSettings | KeyFileSettings | KeyringSettings | Pkcs11Settings | KeeperSettings


def key_lines(key: KeySettings) -> list[str]:
    """The table in TOML."""
    lines = ["[key]", f'provider = "{key.provider}"']
    if isinstance(key, PassphraseSettings):
        lines += [f'salt = "{key.salt.hex()}"']
        lines += [f"memory_kib = {key.memory_kib}", f"passes = {key.passes}", f"lanes = {key.lanes}"]
    elif isinstance(key, KeyFileSettings):
        lines += [f"path = {_text(key.path)}"]
    elif isinstance(key, KeyringSettings):
        lines += [f'entry = "{key.entry}"']
    elif isinstance(key, Pkcs11Settings):
        lines += [f"module = {_text(key.module)}", f"token = {_text(key.token)}", f"label = {_text(key.label)}"]
        lines += [f'sealed = "{key.sealed.hex()}"']
    return lines


def key_from(held: Mapping[str, object]) -> KeySettings:
    """The table as read; ``KeyError``, ``TypeError`` or ``ValueError`` when it cannot be right."""
    provider = held["provider"]
    if provider == KeeperSettings.provider:
        return KeeperSettings()
    if provider == KeyFileSettings.provider:
        return KeyFileSettings(Path(str(held["path"])))
    if provider == KeyringSettings.provider:
        return KeyringSettings(str(UUID(str(held["entry"]))))
    if provider == Pkcs11Settings.provider:
        sealed = bytes.fromhex(str(held["sealed"]))
        if not 0 < len(sealed) <= _MOST_SEALED:
            raise ValueError
        return Pkcs11Settings(Path(str(held["module"])), str(held["token"]), str(held["label"]), sealed)
    if provider != PassphraseSettings.provider:
        raise ValueError
    salt = bytes.fromhex(str(held["salt"]))
    memory, passes, lanes = (int(str(held[name])) for name in ("memory_kib", "passes", "lanes"))
    fits = 8 * lanes <= memory <= _MOST_MEMORY_KIB and 1 <= passes <= _MOST_PASSES and 1 <= lanes <= _MOST_LANES
    if len(salt) != _SALT_LENGTH or not fits:
        raise ValueError
    return PassphraseSettings(salt, memory, passes, lanes)


def _text(value: object) -> str:
    return json.dumps(str(value), ensure_ascii=False)
