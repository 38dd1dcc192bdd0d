"""A crowd's figures moved to PostgreSQL: copied in one step, compared, and only then named in the settings."""

from pathlib import Path

from sqlalchemy import make_url

from doorward.adapters.durability import sync_folder
from doorward.adapters.stores.crowd.opening import SCHEMA, make_crowd, open_crowd
from doorward.adapters.stores.crowd.place import VERSIONS
from doorward.adapters.stores.crowd.place import crowd_database as crowd_database
from doorward.adapters.stores.crowd.tables import metadata
from doorward.adapters.stores.database import closing_pool, writing
from doorward.adapters.stores.postgresql import connected
from doorward.adapters.stores.postgresql_url import reached_by
from doorward.adapters.stores.row_copying import copy_all, count_rows, digest
from doorward.adapters.stores.sqlite import fold_into_one_file, open_sqlite
from doorward.errors import SiteExists, SiteInUse, StorageError, WrongUse
from doorward.settings.crowd.site import crowd_store
from doorward.settings.site import read_site_settings, replace_crowd_settings

_OPEN = "Something still counts, or has crowd.db open; stop it, so that nothing is written while the figures move."


def move_crowd(site: Path, store: str, owner: str) -> int:
    """Let the crowd's figures of the site be in PostgreSQL at the URL ``store``; how many rows there are now.

    ``owner``: the database's URL as the role that may make tables in it. Killed and called again it begins anew; until
    the end the figures stay where they are. Once they are there it brings tables and rights up to date.

    ``Forbidden`` when the role in ``store`` reaches the rows of people, ``SiteExists`` when others' figures are there,
    ``SiteInUse`` while crowd.db is open elsewhere.
    """
    read_site_settings(site)  # a site that there is: what is wrong with it is told before anything is moved
    known = crowd_store(site)
    if known not in (None, store):
        raise WrongUse("The crowd's figures are in PostgreSQL already; move that database with the server's own tools.")
    role = reached_by(store).username
    if not role or role == make_url(owner).username:
        raise WrongUse("Let the crowd have a role of its own: postgresql://ROLE@HOST/DATABASE, and another as --owner.")
    make_crowd(owner, role)
    open_crowd(site, store).dispose()
    file = crowd_database(site)
    if known is None and file.is_file():
        _move(site, file, store, owner)
    elif known is None:
        replace_crowd_settings(site, store)
    with closing_pool(open_crowd(site, store)) as target, target.connect() as connection:
        return count_rows(connection, metadata)


def _move(site: Path, file: Path, store: str, owner: str) -> None:
    _require_closed(file)
    with closing_pool(open_sqlite(file, VERSIONS)) as source, writing(source) as held:
        with closing_pool(connected(owner, SCHEMA)) as target, writing(target) as connection:
            if count_rows(connection, metadata) == 0:
                copy_all(held, connection, metadata)
            if digest(connection, metadata) != digest(held, metadata):
                raise SiteExists("The PostgreSQL database holds other figures of a crowd; name another for these.")
        replace_crowd_settings(site, store)
    try:
        _require_closed(file)  # by who read the settings just before
    except SiteInUse:
        replace_crowd_settings(site, None)
        raise
    file.unlink()
    sync_folder(file.parent)


def _require_closed(file: Path) -> None:
    try:
        fold_into_one_file(file)
    except StorageError:
        raise SiteInUse(_OPEN) from None
