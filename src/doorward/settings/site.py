"""site.toml: which site this is and where its key comes from. Nothing in it is secret, and nothing in it grants."""

import json
import os
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from uuid import UUID

from doorward.errors import SiteMissing, WrongUse
from doorward.kernel.ids import SiteId
from doorward.settings.key import KeyFileSettings as KeyFileSettings
from doorward.settings.key import KeySettings, key_from, key_lines
from doorward.settings.key import PassphraseSettings as PassphraseSettings

FILE_NAME = "site.toml"
FORMAT = 1
DEFAULT_EMBEDDER = "sface"


@dataclass(frozen=True, slots=True)
class SiteSettings:
    """One site's settings. ``models``: paths of model files by model name. ``embedder``: which makes the templates;
    ``former_embedder``: the one before it, for as long as somebody has references of that one alone. ``store``: the
    URL of the PostgreSQL database that the data is in; ``None`` when it is in data.db.
    """

    site: SiteId
    created_at: datetime
    key: KeySettings
    models: Mapping[str, Path] = field(default_factory=dict)
    embedder: str = DEFAULT_EMBEDDER
    former_embedder: str | None = None
    store: str | None = None


def read_site_settings(folder: Path) -> SiteSettings:
    """The settings of the site in ``folder``; ``SiteMissing`` when there is none, ``WrongUse`` when they are wrong."""
    path = folder / FILE_NAME
    try:
        held = tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        raise SiteMissing(
            f"There is no site in {folder}; make one with `doorward init {folder}`, or name one with --site."
        ) from None
    except (OSError, ValueError, RecursionError):  # ValueError: no UTF-8, no TOML, or an endless number
        raise WrongUse(f"{path} cannot be read as TOML; correct it, or restore it from a backup.") from None
    try:
        if held["format"] != FORMAT:
            raise WrongUse(f"{path} was written by another version of Doorward; use that version.")
        models = {name: Path(file) for name, file in held.get("models", {}).items()}
        face = held.get("face", {})
        embedder, former = face.get("embedder", DEFAULT_EMBEDDER), face.get("former_embedder")
        created_at = held["created_at"]
        if not isinstance(created_at, datetime) or not isinstance(embedder, str) or not isinstance(former, str | None):
            raise TypeError
        if former == embedder:
            raise WrongUse(f"The former embedder is the one in use; name the one before it in {path}, or none.")
        key = key_from(held["key"])
        store = held.get("store", {}).get("url")
        if not isinstance(store, str | None):
            raise TypeError
        if isinstance(key, KeyFileSettings) and key.path.resolve().is_relative_to(folder.resolve()):
            raise WrongUse(f"The key file lies inside the site's folder; move it out and correct {path}.")
        return SiteSettings(SiteId(str(UUID(held["site"]))), created_at, key, models, embedder, former, store)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise WrongUse(f"{path} lacks a setting or holds a wrong one; restore it from a backup.") from None


def write_site_settings(folder: Path, settings: SiteSettings) -> None:
    """Write ``site.toml`` into a folder that has none."""
    lines = [
        "# A Doorward site. Nothing here is secret; the key lies elsewhere.",
        f"format = {FORMAT}",
        f'site = "{settings.site}"',
        f"created_at = {settings.created_at.isoformat(timespec='seconds')}",
        "",
        *key_lines(settings.key),
    ]
    if settings.store is not None:
        lines += ["", *_store_lines(settings.store)]
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


def _store_lines(store: str) -> list[str]:
    return ["[store]", f"url = {json.dumps(store)}"]  # a string of JSON is one of TOML


def replace_key_settings(folder: Path, key: KeySettings) -> SiteSettings:
    """Put another [key] table in the place of the one in ``site.toml``, at once or not at all; the rest stays."""
    return _replace(folder, "[key]", key_lines(key))


def replace_store_settings(folder: Path, store: str | None) -> SiteSettings:
    """Name the database at the URL ``store``, or with ``None`` data.db, at once or not at all; the rest stays."""
    return _replace(folder, "[store]", [] if store is None else _store_lines(store))


def replace_crowd_settings(folder: Path, store: str | None) -> SiteSettings:
    """Name the database that a crowd's figures are in, or with ``None`` crowd.db, at once or not at all."""
    return _replace(folder, "[crowd]", [] if store is None else ["[crowd]", f"store = {json.dumps(store)}"])


def _replace(folder: Path, table: str, by: Sequence[str]) -> SiteSettings:
    path = folder / FILE_NAME
    lines: list[str] = []
    in_table, is_there = False, False
    for line in path.read_text(encoding="utf-8").splitlines():
        text = line.strip()
        if text.startswith("["):
            in_table = text == table
            is_there |= in_table
            lines += by if in_table else [line]
        elif not in_table or not text or text.startswith("#"):
            lines.append(line)
    if not is_there:
        lines += by
    fresh = path.with_name(f".{FILE_NAME}.new")
    with fresh.open("w", encoding="utf-8") as file:
        file.write("\n".join([*lines, ""]))
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    return read_site_settings(folder)
