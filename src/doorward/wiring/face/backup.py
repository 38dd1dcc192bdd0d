"""Backups of a site: the data encrypted to a recipient, the keys apart and short-lived."""

import fcntl
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryFile

from doorward.adapters.backup.container import described, write_container
from doorward.adapters.backup.encryption import check_recipient, encrypt
from doorward.adapters.backup.files import UNFINISHED, write_whole
from doorward.adapters.backup.manifest import BackupKind, LedgerMark, Manifest
from doorward.adapters.backup.snapshot import log_head, row_counts, snapshot
from doorward.adapters.stores.crowd.copying import copy_into_file
from doorward.adapters.stores.crowd.place import FILE_NAME as CROWD
from doorward.adapters.stores.crowd.place import crowd_database
from doorward.adapters.stores.database import closing_pool
from doorward.adapters.stores.face.copying import copy_rows
from doorward.adapters.stores.face.erasure_ledger import SqlErasureLedger
from doorward.adapters.stores.face.ledger_copies import KEY_BACKUPS, LedgerCopies
from doorward.adapters.stores.face.signing_keys import SigningKeys
from doorward.adapters.stores.sqlite import fold_into_one_file, open_sqlite
from doorward.adapters.tls import CERTIFICATE, PRIVATE_KEY
from doorward.errors import Conflict, NotFound, StorageError, WrongUse
from doorward.kernel.audit import Actor, AuditEntry
from doorward.settings.crowd.site import crowd_store
from doorward.settings.site import FILE_NAME
from doorward.wiring.face.key_copies import STAMP, KeyBackups, key_backups, prefix_of, remove_expired
from doorward.wiring.face.opening import DATA, FACE_VERSIONS, KEYS, TLS, require_keys_here
from doorward.wiring.face.site import Site

USE = "backup"
"""What the manifest's signature is for."""

DEFAULT_DAYS = 7
LONGEST_DAYS = 90
COUNTED = ("persons", "consents", "enrolments", "passages", "grants", "audit_entries")

WITH_KEYS = (FILE_NAME, f"{TLS}/{CERTIFICATE}", f"{TLS}/{PRIVATE_KEY}")

_WORKPLACE = ".backup.unfinished"


@dataclass(frozen=True, slots=True)
class BackupMade:
    """The file written, what it says of itself, and the older ones removed."""

    path: Path
    manifest: Manifest
    removed: tuple[Path, ...] = ()


def create_backup(site: Site, to: Path, recipient: str) -> BackupMade:
    """Back the data up to the file or folder ``to``, encrypted to the age ``recipient``, while others go on working.

    No keys, no model files and no gallery are in it.
    """
    check_recipient(recipient)
    path = _target(site, to, "data", "age")
    _record(site, "backup of the data made")
    with _workplace(site) as place:
        _sweep(path.parent, prefix_of(site.settings.site, "data"))
        figures = crowd_store(site.folder)
        crowd = [CROWD] if figures is None and crowd_database(site.folder).is_file() else []
        if site.settings.store is None:
            sources = _copies(site, place, [DATA, *crowd])
        else:
            sources = {DATA: _copied_from_postgresql(site, place / DATA), **_copies(site, place, crowd)}
        if figures is not None:
            sources |= {CROWD: copy_into_file(site.folder, figures, place / CROWD)}
        manifest = _manifest(
            site, BackupKind.DATA, _now(site), row_counts(place / DATA, COUNTED), log_head(place / DATA), sources
        )
        with TemporaryFile(dir=place) as plain:
            write_container(plain, manifest, sources)
            plain.seek(0)
            write_whole(path, lambda file: encrypt(plain, file, recipient))
    return BackupMade(path, manifest)


def back_up_keys(site: Site, to: Path | None = None, days: int | None = None, actor: Actor | None = None) -> BackupMade:
    """Back keys.db up to the folder ``to``, with the erasure ledger beside it, and remove copies that are too old.

    site.toml and the certificate go with the keys: they change with them.

    Folder and days (1 to ``LONGEST_DAYS``) are remembered; without ``to`` the remembered ones are used.
    ``StorageError`` when the folder is away: a disk that is not mounted, say. ``WrongUse`` where the keys lie on
    another machine.
    """
    require_keys_here(site.folder)
    policy = _remember(site, to, days)
    if not policy.folders[-1].is_dir():
        raise StorageError(f"The folder {policy.folders[-1]} is not there; mount it, or name another with --to.")
    path = _target(site, policy.folders[-1], "keys", "backup")
    _record(site, "backup of the keys made", actor)
    began = _now(site)
    with _workplace(site) as place:
        _sweep(path.parent, prefix_of(site.settings.site, "keys"))
        sources = _copies(site, place, [KEYS])
        sources |= {name: site.folder / name for name in WITH_KEYS if (site.folder / name).is_file()}
        counts = row_counts(place / KEYS, ("keys", "blind_index"))
        manifest = _manifest(site, BackupKind.KEYS, began, counts, (0, None), sources)
        write_whole(path, lambda file: write_container(file, manifest, sources))
    ledger_copies(site).write()
    return BackupMade(path, manifest, remove_expired(site))


def ledger_copies(site: Site) -> LedgerCopies:
    """Where a restore looks for the erasure ledger."""
    ledger = SqlErasureLedger(site.stores.data, site.settings.site)
    return LedgerCopies(site.stores.grants, ledger, site.settings.site)


def signing_keys(site: Site) -> SigningKeys:
    return SigningKeys(site.stores.grants, site.stores.vault)


def _remember(site: Site, to: Path | None, days: int | None) -> KeyBackups:
    known = key_backups(site)
    if to is None:
        if known is None:
            raise NotFound("No folder for backups of the keys is known yet; name one with --to.")
        folders = known.folders
    else:
        to = to.expanduser().resolve()
        if not to.is_dir() or to.is_relative_to(site.folder):
            raise WrongUse("Name a folder that exists and lies outside the site for the backups of its keys.")
        folders = (*(folder for folder in (known.folders if known else ()) if folder != to), to)
    now = KeyBackups(folders, days if days is not None else known.days if known else DEFAULT_DAYS)
    if not 1 <= now.days <= LONGEST_DAYS:
        raise WrongUse(f"Backups of the keys are kept for 1 to {LONGEST_DAYS} days.")
    if now != known:
        site.stores.grants.put(*KEY_BACKUPS, {"folders": [str(folder) for folder in now.folders], "days": now.days})
    return now


def _target(site: Site, to: Path, kind: str, ending: str) -> Path:
    to = to.expanduser().resolve()
    if to.is_relative_to(site.folder):
        raise WrongUse("A backup must lie outside the site's folder: what takes the site must not take its backup.")
    if to.is_dir():
        return to / f"{prefix_of(site.settings.site, kind)}{_now(site).astimezone(UTC).strftime(STAMP)}.{ending}"
    if not to.parent.is_dir():
        raise WrongUse(f"There is no folder {to.parent}; make it first, or name another.")
    if to.exists():
        raise Conflict(f"{to} exists already; name another file, so that nothing is overwritten.")
    return to


@contextmanager
def _workplace(site: Site) -> Iterator[Path]:
    """A folder for copies inside the site's, for one backup at a time; what a killed one left there goes first."""
    place = site.folder / _WORKPLACE
    with _alone(site.folder):
        shutil.rmtree(place, ignore_errors=True)
        try:
            place.mkdir(mode=0o700)
            yield place
        except OSError as error:
            raise StorageError(
                f"The backup cannot be written ({error.strerror}); free some space and try again."
            ) from None
        finally:
            shutil.rmtree(place, ignore_errors=True)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Conflict("Another backup of this site is being made; try again when it is done.") from None
        yield
    finally:
        os.close(handle)


def _sweep(folder: Path, prefix: str) -> None:
    """Remove what a killed backup left half written."""
    for file in folder.glob(f".{prefix}*{UNFINISHED}"):
        file.unlink(missing_ok=True)


def _copies(site: Site, place: Path, names: Iterable[str]) -> dict[str, Path]:
    copies = {name: place / name for name in names}
    for name, copy in copies.items():
        copy.parent.mkdir(mode=0o700, exist_ok=True)
        snapshot(crowd_database(site.folder) if name == CROWD else site.folder / name, copy)
    return copies


def _copied_from_postgresql(site: Site, copy: Path) -> Path:
    """The rows as they are at one moment, in a file as a site without PostgreSQL has it."""
    target = open_sqlite(copy, FACE_VERSIONS)
    with closing_pool(target), site.stores.data.connect() as source:
        copy_rows(source, target)
    fold_into_one_file(copy)
    copy.chmod(0o600)
    return copy


def _manifest(
    site: Site,
    kind: BackupKind,
    at: datetime,
    counts: Mapping[str, int],
    log: tuple[int, str | None],
    sources: Mapping[str, Path],
) -> Manifest:
    """Signed. Its ledger mark is taken after the copies: whose key is not among them is within it."""
    newest = SqlErasureLedger(site.stores.data, site.settings.site).newest()
    mark = LedgerMark(newest.number, newest.head) if newest else LedgerMark(0, "")
    files = tuple(described(name, path) for name, path in sources.items())
    made = Manifest(kind, site.settings.site, at, counts, *log, mark, files)
    return made.signed_by(signing_keys(site).signer().sign(USE, made.statement()))


def _record(site: Site, action: str, actor: Actor | None = None) -> None:
    site.stores.trail.record(AuditEntry(actor or site.actor, action, None, _now(site)))


def _now(site: Site) -> datetime:
    return site.stores.vault.clock.now()
