"""The crowd's database: crowd.db, or in PostgreSQL a schema of its own, reached by a role that reaches nobody."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from sqlalchemy import Connection, Engine

from doorward.adapters.stores.crowd.place import VERSIONS, crowd_database
from doorward.adapters.stores.database import closing_pool, migrate, revision
from doorward.adapters.stores.postgresql import OLDEST_VERSION, connected, server_version
from doorward.adapters.stores.postgresql import SCHEMA as PEOPLE
from doorward.adapters.stores.postgresql_rights import grant_alone
from doorward.adapters.stores.sqlite import open_sqlite
from doorward.errors import Forbidden, SiteMissing, WrongUse

SCHEMA = "doorward_crowd"

_RIGHTS: Mapping[str, str] = MappingProxyType(
    {
        # Figures are only ever added to.
        "scenes, intervals, line_counts, zone_occupancies, area_counts, bounded_counts, heat_maps": "SELECT, INSERT",
        "releases, released_counts": "SELECT, INSERT",
        "alarms": "SELECT, INSERT, UPDATE",
        "looks": "SELECT, INSERT, UPDATE, DELETE",
        "alembic_version": "SELECT",
        "write_lock": "UPDATE",
    }
)


def open_crowd(site: Path, store: str | None) -> Engine:
    """The crowd's database of the site in this folder, migrated; ``store``: its URL, if it is in PostgreSQL.

    crowd.db is made if missing. ``SiteMissing`` when the database at ``store`` holds no figures of a crowd,
    ``Forbidden`` when that role reaches the rows of people, ``StorageError`` when it cannot be opened.
    """
    if store is None:
        return open_sqlite(crowd_database(site), VERSIONS)
    engine = connected(store, SCHEMA)
    with engine.connect() as connection:
        require_no_way_to_people(connection)
        if revision(connection) is None:
            raise SiteMissing("That PostgreSQL database holds no figures of a crowd; `doorward crowd store` makes it.")
    migrate(engine, VERSIONS)
    return engine


def require_no_way_to_people(connection: Connection) -> None:
    """``Forbidden`` when the connection's role may look into the schema of people, or take another's place."""
    strong = "SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user"
    schema = f"SELECT to_regnamespace('{PEOPLE}') IS NOT NULL"
    sees = bool(connection.exec_driver_sql(strong).scalar_one())
    if not sees and connection.exec_driver_sql(schema).scalar_one():
        sees = bool(connection.exec_driver_sql(f"SELECT has_schema_privilege('{PEOPLE}', 'USAGE')").scalar_one())
    if sees:
        raise Forbidden("That PostgreSQL role reaches the rows of people; let the crowd have a role of its own.")


def make_crowd(owner: str, role: str) -> None:
    """Make the crowd's schema and tables, or bring them up to date, as the role in the URL ``owner``.

    ``role``, which must exist, is given the right to add and read figures, and no other on this schema.
    """
    engine = connected(owner, SCHEMA)
    with closing_pool(engine):
        with engine.begin() as connection:
            version = server_version(connection)
            if version < OLDEST_VERSION:
                raise WrongUse(f"That server is PostgreSQL {version}; Doorward needs {OLDEST_VERSION} or newer.")
            connection.exec_driver_sql(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
            connection.exec_driver_sql(f"CREATE TABLE IF NOT EXISTS {SCHEMA}.write_lock ()")
        migrate(engine, VERSIONS)
        with engine.begin() as connection:
            grant_alone(connection, role, SCHEMA, _RIGHTS)
