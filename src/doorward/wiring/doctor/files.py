"""Who may touch the site's files, and where its key lies."""

import re
import stat
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from doorward.settings.key import KeyringSettings
from doorward.settings.site import KeyFileSettings, PassphraseSettings, SiteSettings
from doorward.vault.passphrase import RFC_9106_SECOND
from doorward.wiring.doctor.finding import Finding, Severity

_KEY_FILE = re.compile(rb"[0-9a-fA-F]{64}\s*")
_LONGEST_KEY_FILE = 128
_OTHERS_MAY_READ = 0o044
_MOST_NAMED = 5
_WHO_ENTERS = ((stat.S_IXGRP, stat.S_IWGRP), (stat.S_IXOTH, stat.S_IWOTH))


def check_modes(folder: Path) -> Iterator[Finding]:
    """Modes and owners of the site's folder and of everything in it."""
    held = folder.stat()
    if held.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        yield Finding(
            "folder-open-to-writers",
            Severity.CRITICAL,
            f"Other users may write into {folder}.",
            "The database of the case that Doorward is built against could be written by anybody.",
            f"chmod 700 {folder}",
        )
    elif held.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        yield Finding(
            "folder-open-to-readers",
            Severity.WARNING,
            f"Other users may look into {folder}.",
            "What they copy is sealed, but tells counts and times, and waits for the key to be stolen too.",
            f"chmod 700 {folder}",
        )
    may_write = sum(write for enter, write in _WHO_ENTERS if held.st_mode & enter)
    inside = [(path, path.lstat()) for path in sorted(folder.rglob("*")) if not path.is_symlink()]
    if open_ones := [path for path, status in inside if status.st_mode & may_write]:
        yield Finding(
            "file-open-to-writers",
            Severity.CRITICAL,
            f"Other users may write {_named(open_ones, folder)}.",
            "Forged rows are detected, but whoever writes a file can also destroy it.",
            f"chmod -R go-w {folder}",
        )
    if foreign := [path for path, status in inside if status.st_uid != held.st_uid]:
        yield Finding(
            "foreign-owner",
            Severity.WARNING,
            f"The folder and {_named(foreign, folder)} belong to different users.",
            "A file's owner can always read and write it; and the server may not be able to.",
            f"chown -R them to the user that serves {folder}.",
        )


def check_key_place(folder: Path, settings: SiteSettings, passphrase_at: Path | None) -> Iterator[Finding]:
    """Where the key file or the passphrase's file lies, and who may read it."""
    key = settings.key
    if isinstance(key, KeyFileSettings):
        yield from _check_secret_file(key.path, "key file", "key-file-open", Severity.CRITICAL)
        if key.path.exists() and key.path.stat().st_dev == folder.stat().st_dev:
            yield Finding(
                "key-on-data-volume",
                Severity.WARNING,
                f"The key file {key.path} lies on the same volume as the data.",
                "Whoever takes the disk has both: a site that unseals itself falls with its machine.",
                "Move it to another volume, or use a passphrase.",
            )
    if isinstance(key, KeyringSettings):
        from doorward.adapters.keys.os_keyring import keeps_in_clear  # loaded by those who use it

        if keeps_in_clear():
            yield Finding(
                "keyring-in-clear",
                Severity.CRITICAL,
                "The keyring that keeps the site's key encrypts nothing.",
                "Whoever copies this user's files has the key of everything.",
                "Name a keyring that encrypts as default-keyring in keyringrc.cfg, and run "
                "doorward keys provider change --provider keyring --destroy-old",
            )
    if passphrase_at is not None:
        yield from _check_secret_file(passphrase_at, "passphrase's file", "passphrase-file-open", Severity.WARNING)
        if passphrase_at.resolve().is_relative_to(folder):
            yield _in_site("passphrase-in-site", f"The passphrase's file {passphrase_at} lies inside the site.")
    for path in _look_like_keys(folder):
        yield _in_site("key-in-site", f"{path} lies inside the site and looks like a key file.")


def check_passphrase_cost(settings: SiteSettings) -> Iterator[Finding]:
    """Argon2id's cost against what RFC 9106 recommends today."""
    key, wanted = settings.key, RFC_9106_SECOND
    if isinstance(key, PassphraseSettings) and (key.memory_kib < wanted.memory_kib or key.passes < wanted.passes):
        yield Finding(
            "passphrase-cost-low",
            Severity.WARNING,
            f"Trying a passphrase costs a thief {key.memory_kib} KiB and {key.passes} passes of Argon2id.",
            f"RFC 9106 recommends {wanted.memory_kib} KiB and {wanted.passes} passes: cheaper ones are guessed sooner.",
            "Make the site anew at today's cost, and a longer passphrase until then.",
        )


def _check_secret_file(path: Path, name: str, finding: str, severity: Severity) -> Iterator[Finding]:
    if path.exists() and path.stat().st_mode & _OTHERS_MAY_READ:
        yield Finding(
            finding,
            severity,
            f"Other users may read the {name} {path}.",
            "With it and a copy of the site they read everything.",
            f"chmod 600 {path}",
        )


def _in_site(finding: str, what: str) -> Finding:
    why = "Whoever copies the folder, as every backup does, has the key with it."
    return Finding(finding, Severity.CRITICAL, what, why, "Move it out of the site's folder, and change the key.")


def _look_like_keys(folder: Path) -> Iterator[Path]:
    for path in chain(folder.glob("*"), folder.glob("*/*")):
        if path.is_file() and path.stat().st_size <= _LONGEST_KEY_FILE and _KEY_FILE.fullmatch(path.read_bytes()):
            yield path


def _named(paths: list[Path], folder: Path) -> str:
    shown = ", ".join(str(path.relative_to(folder)) for path in paths[:_MOST_NAMED])
    return shown if len(paths) <= _MOST_NAMED else f"{shown} and {len(paths) - _MOST_NAMED} more"
