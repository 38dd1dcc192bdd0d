"""A site put together again from the backup of its data, that of its keys, and the erasure ledger."""

import os
import shutil
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO

from sqlalchemy import select

from doorward.adapters.backup.container import extract
from doorward.adapters.backup.encryption import decrypt
from doorward.adapters.backup.files import UNFINISHED, sync_tree
from doorward.adapters.backup.manifest import BackupKind, Manifest
from doorward.adapters.backup.snapshot import check_integrity, log_head, row_counts
from doorward.adapters.durability import sync_folder
from doorward.adapters.signing import check_signature
from doorward.adapters.stores.crowd.place import FILE_NAME as CROWD
from doorward.adapters.stores.face.erasure_ledger import LedgerEntry, SqlErasureLedger, decode_ledger, verified
from doorward.adapters.stores.face.ledger_copies import ledger_name
from doorward.adapters.stores.face.tables import grants
from doorward.errors import BackupUnusable, LedgerUnusable, SiteExists, StorageError, Tampered, WrongUse
from doorward.kernel.audit import AuditEntry
from doorward.settings.crowd.site import crowd_store
from doorward.settings.site import FILE_NAME, replace_crowd_settings, replace_store_settings
from doorward.wiring.face.backup import COUNTED, USE, WITH_KEYS, ledger_copies, signing_keys
from doorward.wiring.face.opening import DATA, KEYS, MODELS, AskPassphrase, read_settings
from doorward.wiring.face.site import Site, open_site

_NEEDED = {BackupKind.DATA: {DATA}, BackupKind.KEYS: {FILE_NAME, KEYS}}
_MAY = {BackupKind.DATA: {DATA, CROWD}, BackupKind.KEYS: {KEYS, *WITH_KEYS}}
_RENEWED = (
    "The keys were renewed after the data was backed up; name the backup of the keys that was made next after it."
)


@dataclass(frozen=True, slots=True)
class BackupSet:
    """What a site is restored from: two backups, the identity that opens the data's, and the ledger.

    Without ``ledger`` it is taken from beside the keys or from the log's witness folder.
    ``unsafe_without_ledger``: go on when there is none, and have people back who were erased since the backup of the
    keys.
    """

    data: Path
    keys: Path
    identity: Path
    ledger: Path | None = None
    unsafe_without_ledger: bool = False


@dataclass(frozen=True, slots=True)
class Unpacked:
    """The two manifests; neither is trusted before ``check_origin``."""

    data: Manifest
    keys: Manifest


@dataclass(frozen=True, slots=True)
class Restored:
    """``erased_again``: how many people of the backup the ledger erased.

    ``unreadable``: how many were removed because their key was renewed since (a purpose was withdrawn, for one).
    """

    folder: Path
    manifest: Manifest
    people: int
    erased_again: int
    unreadable: int


def restore(backups: BackupSet, to: Path, ask: AskPassphrase) -> Restored:
    """Restore a site into ``to``, which must not exist or be empty; it appears when all of it holds.

    Who was erased since is erased again before anything is there to be served.
    """
    to = to.expanduser().resolve()
    if to.exists() and (not to.is_dir() or any(to.iterdir())):
        raise SiteExists(f"{to} is not empty; name a new folder for the restored site.")
    if not to.parent.is_dir():
        raise WrongUse(f"There is no folder {to.parent}; make it first, or name another.")
    with _unfinished(to) as folder:
        unpacked = unpack(backups, folder)
        with opened_apart(folder, ask) as site:
            check_origin(site, unpacked)
            erased = erase_again(site, ledger_for(site, backups, unpacked.keys))
            unreadable = remove_unreadable(site)
            people = site.stores.people.count()
            now = site.stores.vault.clock.now()
            site.stores.trail.record(AuditEntry(site.actor, "site restored from a backup", None, now))
        sync_tree(folder)
        os.replace(folder, to)
    sync_folder(to.parent)
    return Restored(to, unpacked.data, people, erased, unreadable)


def unpack(backups: BackupSet, folder: Path) -> Unpacked:
    """Put the files of both backups into ``folder``. ``BackupUnusable`` when they do not fit each other."""
    with TemporaryFile(dir=folder) as plain:
        with _opened(backups.data) as sealed:
            decrypt(sealed, plain, backups.identity)
        plain.seek(0)
        data = extract(plain, folder, _expecting(BackupKind.DATA))
    with _opened(backups.keys) as stream:
        keys = extract(stream, folder, _expecting(BackupKind.KEYS, after=data))
    (folder / MODELS).mkdir(mode=0o700)
    if read_settings(folder).store is not None:  # the data lies beside it now; PostgreSQL may have the living site's
        replace_store_settings(folder, None)
    if crowd_store(folder) is not None:
        replace_crowd_settings(folder, None)
    for database in (folder / DATA, folder / KEYS):
        check_integrity(database)
    log = (data.log_entries, data.log_root)
    try:
        is_as_listed = row_counts(folder / DATA, COUNTED) == data.counts and log_head(folder / DATA) == log
    except StorageError:  # it lacks a table
        is_as_listed = False
    if not is_as_listed:
        raise BackupUnusable("The backup does not hold as many records as its list says; name another.")
    return Unpacked(data, keys)


@contextmanager
def opened_apart(folder: Path, ask: AskPassphrase) -> Iterator[Site]:
    """A site that nobody is served by yet: it hands no checkpoint to the witness of the one that lives."""
    site = open_site(folder, ask)
    try:
        yield site
    finally:
        site.stores.vault.close()
        site.stores.dispose()
        site.stores.holder.let_go()  # its place is renamed next, and this process may open it there


def check_origin(site: Site, unpacked: Unpacked) -> None:
    """``BackupUnusable`` when the site did not sign both manifests, or its granted rows and log do not fit its keys."""
    _check_grants(site)
    trusted = signing_keys(site).trusted()
    for manifest in (unpacked.data, unpacked.keys):
        refusal = BackupUnusable(f"The backup of the {manifest.kind} was not made by this site, or was altered.")
        check_signature(USE, manifest.statement(), manifest.signature, trusted, refusal)


def ledger_for(site: Site, backups: BackupSet, keys: Manifest) -> Sequence[LedgerEntry] | None:
    """The longest ledger found, held against what the keys' backup knows of it; ``None`` when none is and may be."""
    beside = backups.keys.parent / ledger_name(site.settings.site)
    places = [backups.ledger] if backups.ledger else [beside, *ledger_copies(site).places()]
    trusted = signing_keys(site).trusted()
    found: list[Sequence[LedgerEntry]] = []
    for place in places:
        with suppress(OSError):
            found.append(verified(decode_ledger(place.read_bytes(), site.settings.site), site.settings.site, trusted))
    if found:
        return check_reaches(max(found, key=len), keys)
    if backups.unsafe_without_ledger:
        return None
    raise LedgerUnusable(
        "The erasure ledger is not beside the backup of the keys; name it with --ledger, so that who was erased stays "
        "erased."
    )


def check_reaches(entries: Sequence[LedgerEntry], keys: Manifest) -> Sequence[LedgerEntry]:
    """``entries`` themselves; ``LedgerUnusable`` when they end before the backup of the keys was made."""
    mark = keys.ledger
    if mark.entries and (len(entries) < mark.entries or entries[mark.entries - 1].head != mark.head):
        raise LedgerUnusable("The erasure ledger is older than the backup of the keys; name the newest one.")
    return entries


def erase_again(site: Site, entries: Sequence[LedgerEntry] | None) -> int:
    """Erase everybody in the ledger. Returns how many of them the backup still held.

    ``BackupUnusable`` when the keys of people are missing whom the ledger does not name.
    """
    people, ledger = site.stores.people, SqlErasureLedger(site.stores.data, site.settings.site)
    before = people.count()
    if entries is not None:
        ledger.extend(entries)
    for entry in verified(ledger.entries(), site.settings.site, signing_keys(site).trusted()):
        people.erase_again(entry.person)
    for person in people.without_key():
        if entries is not None:
            raise BackupUnusable("The backup of the keys lacks keys of people in the data; name the one made after it.")
        people.erase_again(person)
    return before - people.count()


def _check_grants(site: Site) -> None:
    with site.stores.data.connect() as connection:
        kinds = connection.execute(select(grants.c.kind).distinct()).scalars().all()
    try:
        for kind in kinds:
            deque(site.stores.grants.all(kind), maxlen=0)
        site.stores.trail.check_signed()
    except Tampered:
        raise BackupUnusable(_RENEWED) from None


def remove_unreadable(site: Site) -> int:
    """Remove everybody whose records do not open under the keys, and return how many they were.

    Renewing a person's key destroys the old one on purpose: what was sealed before may not be used again.
    """
    stores, gone = site.stores, 0
    for person in stores.people.ids():
        try:
            stores.people.get(person)
            stores.consents.of(person)
            stores.enrolments.of(person)
        except Tampered:
            stores.people.erase_again(person)
            gone += 1
    return gone


def _expecting(kind: BackupKind, after: Manifest | None = None) -> Callable[[Manifest], None]:
    def check(manifest: Manifest) -> None:
        names = {file.name for file in manifest.files}
        if manifest.kind is not kind:
            raise BackupUnusable(f"That is a backup of the {manifest.kind}; name the one of the {kind}.")
        if not _NEEDED[kind] <= names <= _MAY[kind]:
            raise BackupUnusable(f"The backup of the {kind} does not hold what belongs in one; name another.")
        if after is not None and manifest.site != after.site:
            raise BackupUnusable("The backup of the keys belongs to another site; name the one of this site.")
        if after is not None and manifest.created_at < after.created_at:
            raise BackupUnusable("The backup of the keys is older than that of the data; name one made after it.")

    return check


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    try:
        file = path.open("rb")
    except OSError:
        raise WrongUse(f"The backup {path} cannot be read; check its name and rights.") from None
    with file:
        yield file


@contextmanager
def _unfinished(to: Path) -> Iterator[Path]:
    """A folder beside ``to`` that is gone again unless it was renamed; what a killed restore left goes first."""
    folder = to.with_name(f".{to.name}{UNFINISHED}")
    shutil.rmtree(folder, ignore_errors=True)
    try:
        folder.mkdir(mode=0o700)
        yield folder
    except OSError as error:
        raise StorageError(f"The site cannot be restored to {to} ({error.strerror}); check free space.") from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)
