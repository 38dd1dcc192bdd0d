"""A database in PostgreSQL: reached safely, migrated, its refusals put in words, spoken to as SQLite is."""

from functools import lru_cache
from importlib.util import find_spec
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import IntegrityError

from doorward.adapters.stores.database import BUSY, BUSY_TIMEOUT_MS, closing_pool, is_writing, migrate, revision
from doorward.adapters.stores.postgresql_url import reached_by
from doorward.errors import DoorwardError, SiteExists, SiteMissing, StorageError, WrongUse

SCHEMA = "doorward"
OLDEST_VERSION = 15

_SETTINGS = (
    f"-c synchronous_commit=on -c lock_timeout={BUSY_TIMEOUT_MS} "
    "-c client_encoding=UTF8 -c standard_conforming_strings=on"
)


def connected(url: str, schema: str = SCHEMA) -> Engine:
    """``schema`` of the database at ``url``, unopened.

    ``WrongUse`` when the address is not one to be used, or psycopg is missing.
    """
    address = reached_by(url)
    if find_spec("psycopg") is None:
        raise WrongUse("This Doorward does not speak to PostgreSQL; install doorward[postgresql].")
    # Each transaction reads one state of the data, as it does in SQLite.
    options = f"-c search_path={schema} {_SETTINGS}"
    engine = create_engine(address, isolation_level="REPEATABLE READ", connect_args={"options": options})

    def begin(connection: Connection) -> None:
        # A table that nothing is ever written to. Locked first, it is locked before the transaction's snapshot is
        # taken, so that what is read then is what the last writer left.
        if is_writing(connection):
            connection.exec_driver_sql(f"LOCK TABLE {schema}.write_lock IN EXCLUSIVE MODE")

    event.listen(engine, "begin", begin)
    event.listen(engine, "before_cursor_execute", _translate, retval=True)
    event.listen(engine, "handle_error", _put_in_words)
    return engine


def open_postgresql(url: str, versions: str) -> Engine:
    """The site's database at ``url``, migrated to the newest revision in the package ``versions``.

    ``SiteMissing`` when there is none, ``StorageError`` when it cannot be reached.
    """
    engine = connected(url)
    with engine.connect() as connection:
        if revision(connection) is None:
            raise SiteMissing("The PostgreSQL database holds no site; restore it from a backup, or correct its URL.")
    migrate(engine, versions)
    return engine


def make_postgresql(url: str, versions: str, *, moving: bool = False) -> None:
    """Make the tables of a new site. ``SiteExists`` when the database holds one, ``WrongUse`` of an old server.

    ``moving``: mark them as those of a site that is moving in, of which a part may be there already.
    """
    engine = connected(url)
    with closing_pool(engine):
        with engine.begin() as connection:
            _make_schema(connection, moving=moving)
        migrate(engine, versions)


def _make_schema(connection: Connection, *, moving: bool) -> None:
    version = server_version(connection)
    if version < OLDEST_VERSION:
        raise WrongUse(f"That server is PostgreSQL {version}; Doorward needs {OLDEST_VERSION} or newer.")
    if connection.exec_driver_sql(f"SELECT to_regnamespace('{SCHEMA}')").scalar() is not None:
        if moving and connection.exec_driver_sql(f"SELECT to_regclass('{SCHEMA}.moving')").scalar() is not None:
            return
        raise SiteExists("The PostgreSQL database holds a site already; name a database of its own for this one.")
    connection.exec_driver_sql(f"CREATE SCHEMA {SCHEMA}")
    connection.exec_driver_sql(f"CREATE TABLE {SCHEMA}.write_lock ()")
    if moving:
        connection.exec_driver_sql(f"CREATE TABLE {SCHEMA}.moving (source text NOT NULL)")


def server_version(connection: Connection) -> int:
    """The server's major version."""
    return int(connection.exec_driver_sql("SHOW server_version_num").scalar_one()) // 10_000


def drop_postgresql(url: str) -> None:
    """Remove everything that ``make_postgresql`` made."""
    engine = connected(url)
    with closing_pool(engine), engine.begin() as connection:
        connection.exec_driver_sql(f"DROP SCHEMA {SCHEMA} CASCADE")


def listening_to(engine: Engine, channel: str) -> Any:
    """A connection of psycopg's, out of the pool, to which notices of ``channel`` come; its errors are psycopg's."""
    held = engine.raw_connection()
    connection: Any = held.driver_connection
    held.detach()
    try:
        connection.autocommit = True
        connection.execute(f"LISTEN {channel}")
    except engine.dialect.loaded_dbapi.Error:
        connection.close()
        raise
    return connection


@lru_cache(maxsize=256)
def in_postgresql(statement: str) -> str:
    """A statement that was written for SQLite's driver, as psycopg takes it."""
    listed = statement.replace("(SELECT value FROM json_each(?))", "(SELECT json_array_elements_text(?::json))")
    return listed.replace("%", "%%").replace("?", "%s")


def _translate(
    _connection: Connection, _cursor: object, statement: str, parameters: Any, context: Any, _many: bool
) -> tuple[str, Any]:
    is_the_drivers_own = context is not None and context.compiled is None and "?" in statement
    return (in_postgresql(statement) if is_the_drivers_own else statement), parameters


def _put_in_words(context: ExceptionContext) -> DoorwardError | None:
    """SQLAlchemy raises what this returns in place of the database's own error, which may quote rows and addresses."""
    if isinstance(context.sqlalchemy_exception, IntegrityError):
        return None
    return in_words(context.original_exception)


def in_words(error: BaseException) -> DoorwardError:
    """``error`` of psycopg as a sentence."""
    state = str(getattr(error, "sqlstate", None) or "")
    if not state and type(error).__name__ == "OperationalError":
        state = _while_connecting(str(error))
    if state.startswith(("08", "57P")):
        return StorageError("The site's PostgreSQL server cannot be reached; start it, or correct the store's URL.")
    return StorageError(_SENTENCES.get(state) or _SENTENCES.get(state[:2], _OTHER))


def _while_connecting(message: str) -> str:
    """The state behind a refused connection, of which libpq gives the server's words alone."""
    if any(words in message for words in _OF_TLS):
        return _UNTRUSTED
    if "authentication" in message or "pg_hba.conf" in message or 'role "' in message:
        return "28000"
    return "3D000" if 'database "' in message else "08001"


_UNTRUSTED = "untrusted"
_OF_TLS = ("certificate verify failed", "server certificate", "root certificate", "does not support SSL")
"""In what libpq says of a server that ``verify-full`` refuses."""

_OTHER = "The PostgreSQL server refused an operation; see its log, then restore the site from a backup if need be."
_SENTENCES = {
    _UNTRUSTED: "The PostgreSQL server does not prove over TLS that it is the host in the store's URL; name that "
    "host's authority with sslrootcert, and have the server show a certificate for the host.",
    "28": "The PostgreSQL server does not let this role in; see to its password file or certificate.",
    "3D000": "The PostgreSQL server has no such database; make it with createdb, or correct the store's URL.",
    "42501": "The PostgreSQL role may not do that; `doorward store grant` says what it needs.",
    "53100": "The PostgreSQL server's disk is full; free some space and try again. Nothing was half written.",
    "53": "The PostgreSQL server lacks connections or memory; wait a moment and try again.",
    "55P03": BUSY,
    "25006": "The PostgreSQL server only reads: it is a standby; name the primary in the store's URL.",
}
