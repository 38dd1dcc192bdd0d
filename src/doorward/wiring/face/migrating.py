"""A site's data moved to PostgreSQL: copied, checked, and only then named in the settings."""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine

from doorward.adapters.durability import sync_folder
from doorward.adapters.key_holders import holders
from doorward.adapters.stores.database import closing_pool, writing
from doorward.adapters.stores.face.copying import copy_rows, count_rows, digest, empty
from doorward.adapters.stores.postgresql import connected, make_postgresql
from doorward.adapters.stores.row_copying import Progress
from doorward.adapters.stores.sqlite import open_sqlite
from doorward.errors import SiteExists, SiteInUse, SiteMissing, StorageError, WrongUse
from doorward.settings.site import SiteSettings, read_site_settings, replace_store_settings
from doorward.wiring.face.opening import DATA, FACE_VERSIONS, KEYS

_SOURCE = "SELECT source FROM moving"
_SQLITE_FILES = (DATA, f"{DATA}-wal", f"{DATA}-shm")


@dataclass(frozen=True, slots=True)
class Moved:
    """``rows``: how many there are now, each compared. ``resumed``: how many an earlier call had brought."""

    rows: int
    resumed: int


def migrate_site(folder: Path, to: str, progress: Progress = lambda _done, _all: None) -> Moved:
    """Move the data of the site in ``folder`` to the empty PostgreSQL database at the URL ``to``.

    Needs no key: rows are moved as they are, sealed. Killed at any point and called again, it goes on where it was, or
    from the beginning where the site was written to meanwhile; until the end the site stays where it is.
    ``SiteInUse`` while another process has the site open.
    """
    settings = read_site_settings(folder)
    if settings.store == to:
        return _ended(folder, to)
    if settings.store is not None:
        raise WrongUse(
            "The data of this site is in PostgreSQL already; move that database with the server's own tools."
        )
    if not (folder / DATA).is_file():
        raise SiteMissing(f"{folder / DATA} is missing; restore it from the backup of the data.")
    _refuse_if_open(folder)
    make_postgresql(to, FACE_VERSIONS, moving=True)
    source, target = open_sqlite(folder / DATA, FACE_VERSIONS), connected(to)
    with closing_pool(source), closing_pool(target), writing(source) as held:  # nobody else writes until it is done
        moved = _copied(settings, held, target, progress)
        replace_store_settings(folder, to)
        try:
            _refuse_if_open(folder)  # by who read the settings just before
        except SiteInUse:
            replace_store_settings(folder, None)
            raise
    _ended(folder, to)
    return moved


def _refuse_if_open(folder: Path) -> None:
    if holders((folder / KEYS).parent):
        raise SiteInUse("Another process has this site open; stop it, so that nothing is written while it moves.")


def _copied(settings: SiteSettings, source: Connection, target: Engine, progress: Progress) -> Moved:
    state = digest(source)
    resumed = _begun(settings, target, state)
    copy_rows(source, target, progress)
    with target.connect() as connection:
        if digest(connection) != state:
            raise StorageError("The rows in PostgreSQL are not those of data.db; the site stays where it is.")
        return Moved(count_rows(connection), resumed)


def _begun(settings: SiteSettings, target: Engine, state: str) -> int:
    """Have ``target`` hold a part of this very state, or nothing; how many rows it holds."""
    wanted = f"{settings.site} {state}"
    with target.connect() as connection:
        known = connection.exec_driver_sql(_SOURCE).scalar()
        rows = count_rows(connection)
    if known == wanted:
        return rows
    if known is not None and known.split()[0] != settings.site:
        raise SiteExists("Another site is moving into that database; name a database of its own for this one.")
    empty(target)
    with writing(target) as connection:
        connection.exec_driver_sql("DELETE FROM moving")
        connection.exec_driver_sql("INSERT INTO moving (source) VALUES (?)", (wanted,))
    return 0


def _ended(folder: Path, to: str) -> Moved:
    """Remove what the move left behind: its mark, and data.db, which is not the site's data any more."""
    target = connected(to)
    with closing_pool(target), target.begin() as connection:
        connection.exec_driver_sql("DROP TABLE IF EXISTS moving")
        rows = count_rows(connection)
    for name in _SQLITE_FILES:
        (folder / name).unlink(missing_ok=True)
    sync_folder(folder)
    return Moved(rows, rows)
