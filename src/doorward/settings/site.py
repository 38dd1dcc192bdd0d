"""site.toml: which site this is and where its key comes from. Nothing in it is secret, and nothing in it grants."""

import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import ClassVar
from uuid import UUID

from doorward.errors import SiteMissing, WrongUse
from doorward.kernel.ids import SiteId

FILE_NAME = "site.toml"
FORMAT = 1

# A changed file could only make unlocking dear: what it may ask for is bounded.
_SALT_LENGTH = 16
_MOST_MEMORY_KIB = 4 * 1024 * 1024
_MOST_PASSES = 64
_MOST_LANES = 64


@dataclass(frozen=True, slots=True)
class PassphraseSettings:
    """Argon2id's salt (16 bytes) and cost (KiB, passes, lanes), as used when the site was made."""

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
class SiteSettings:
    """One site's settings. ``models``: paths of model files by model name."""

    site: SiteId
    created_at: datetime
    key: PassphraseSettings | KeyFileSettings
    models: Mapping[str, Path] = field(default_factory=dict)


def read_site_settings(folder: Path) -> SiteSettings:
    """The settings of the site in ``folder``; ``SiteMissing`` when there is none, ``WrongUse`` when they are wrong."""
    path = folder / FILE_NAME
    try:
        held = tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        raise SiteMissing(
            f"There is no site in {folder}; make one with `doorward init {folder}`, or name one with --site."
        ) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        raise WrongUse(f"{path} cannot be read as TOML; correct it, or restore it from a backup.") from None
    try:
        if held["format"] != FORMAT:
            raise WrongUse(f"{path} was written by another version of Doorward; use that version.")
        models = {name: Path(file) for name, file in held.get("models", {}).items()}
        created_at = held["created_at"]
        if not isinstance(created_at, datetime):
            raise TypeError
        key = _key(held["key"])
        if isinstance(key, KeyFileSettings) and key.path.resolve().is_relative_to(folder.resolve()):
            raise WrongUse(f"The key file lies inside the site's folder; move it out and correct {path}.")
        return SiteSettings(SiteId(str(UUID(held["site"]))), created_at, key, models)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise WrongUse(f"{path} lacks a setting or holds a wrong one; restore it from a backup.") from None


def write_site_settings(folder: Path, settings: SiteSettings) -> None:
    """Write ``site.toml`` into a folder that has none."""
    key = settings.key
    lines = [
        "# A Doorward site. Nothing here is secret; the key lies elsewhere.",
        f"format = {FORMAT}",
        f'site = "{settings.site}"',
        f"created_at = {settings.created_at.isoformat(timespec='seconds')}",
        "",
        "[key]",
    ]
    if isinstance(key, PassphraseSettings):
        lines += ['provider = "passphrase"', f'salt = "{key.salt.hex()}"']
        lines += [f"memory_kib = {key.memory_kib}", f"passes = {key.passes}", f"lanes = {key.lanes}"]
    else:
        lines += ['provider = "key-file"', f"path = {json.dumps(str(key.path), ensure_ascii=False)}"]
    lines += [
        "",
        "# A model's file, if it is not the site's models/ folder's or an installed package's:",
        "[models]",
        "",
    ]
    with (folder / FILE_NAME).open("x", encoding="utf-8") as file:
        file.write("\n".join(lines))
        file.flush()
        os.fsync(file.fileno())  # without its salt a site never opens again


def _key(held: Mapping[str, object]) -> PassphraseSettings | KeyFileSettings:
    if held["provider"] == "key-file":
        return KeyFileSettings(Path(str(held["path"])))
    if held["provider"] != "passphrase":
        raise ValueError
    salt = bytes.fromhex(str(held["salt"]))
    memory, passes, lanes = (int(str(held[name])) for name in ("memory_kib", "passes", "lanes"))
    fits = 8 * lanes <= memory <= _MOST_MEMORY_KIB and 1 <= passes <= _MOST_PASSES and 1 <= lanes <= _MOST_LANES
    if len(salt) != _SALT_LENGTH or not fits:
        raise ValueError
    return PassphraseSettings(salt, memory, passes, lanes)
