"""The PostgreSQL role that serves a site: given its rights, tried, and named in the settings."""

from pathlib import Path

from sqlalchemy import make_url

from doorward.adapters.stores.database import closing_pool
from doorward.adapters.stores.postgresql import connected, open_postgresql
from doorward.adapters.stores.postgresql_rights import grant
from doorward.errors import WrongUse
from doorward.settings.site import read_site_settings, replace_store_settings
from doorward.wiring.face.opening import FACE_VERSIONS

LONGEST_ROLE = 63
"""Bytes that PostgreSQL keeps of a name."""


def let_role_serve(folder: Path, role: str, owner: str | None) -> str:
    """Give ``role`` its rights, as the role in the URL ``owner`` or the site's; returns the URL that the site has now.

    ``WrongUse`` when the site's data is not in PostgreSQL, ``StorageError`` when the role may not log in.
    """
    settings = read_site_settings(folder)
    if settings.store is None:
        raise WrongUse("The data of this site is in data.db; `doorward migrate` moves it to PostgreSQL.")
    if not role or len(role.encode()) > LONGEST_ROLE or "\0" in role:
        raise WrongUse("That is no name of a role in PostgreSQL.")
    data = open_postgresql(owner or settings.store, FACE_VERSIONS)
    with closing_pool(data), data.begin() as connection:
        grant(connection, role)
    url = make_url(settings.store).set(username=role).render_as_string()
    tried = connected(url)
    with closing_pool(tried), tried.connect() as connection:
        connection.exec_driver_sql("SELECT 1 FROM alembic_version").all()
    replace_store_settings(folder, url)
    return url
