"""What every store asks of its database, be it a SQLite file or PostgreSQL: transactions, upserts, migrations."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from importlib.resources import as_file, files
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Engine, Table, inspect, text
from sqlalchemy.dialects import postgresql, sqlite

from doorward.errors import DoorwardError, StorageError

BUSY_TIMEOUT_MS = 10_000
"""How long one process waits until another has written."""

SQLITE = "sqlite"
BUSY = "Another process holds the site's database; wait a moment and try again."
_WRITES = "doorward_writes"
_TURN = "doorward_turn"


def migrate(engine: Engine, versions: str) -> None:
    """Run the migrations that are missing; nothing but one read when there are none."""
    newest = max(
        entry.name.removesuffix(".py")
        for entry in files(versions).iterdir()
        if entry.name.endswith(".py") and entry.name != "__init__.py"
    )
    with engine.connect() as connection:
        if revision(connection) == newest:
            return
    from alembic import command  # imported only when there is something to migrate: it costs a start 0.1 s
    from alembic.config import Config

    with as_file(files("doorward.adapters.stores.migrations")) as environment, as_file(files(versions)) as scripts:
        config = Config()
        config.set_main_option("script_location", str(environment))
        config.set_main_option("version_locations", str(scripts))
        config.set_main_option("path_separator", "newline")
        # Processes that begin together take turns: who comes second finds it done.
        with writing(engine) as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")


_JOINED: ContextVar[tuple[Engine, Connection] | None] = ContextVar("joined", default=None)


@contextmanager
def in_one_transaction(engine: Engine) -> Iterator[None]:
    """Everything that this thread writes inside is durable together, with one sync, or not at all.

    What is raised inside must not be caught inside.
    """
    with writing(engine) as connection:
        before = _JOINED.set((engine, connection))
        try:
            yield
        finally:
            _JOINED.reset(before)


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that holds the write lock from its start, so that what it reads stays so until it writes.

    Within ``in_one_transaction`` of the same database it is that one. ``StorageError`` when others write for longer
    than ``BUSY_TIMEOUT_MS``.
    """
    joined = _JOINED.get()
    if joined is not None and joined[0] is engine:
        yield joined[1]
        return
    with _turn_of(engine), engine.connect().execution_options(**{_WRITES: True}) as connection, connection.begin():
        yield connection


def take_turns(engine: Engine) -> None:
    """Have threads that write wait for each other here: SQLite would have them ask again after pauses that grow."""
    engine.update_execution_options(**{_TURN: Lock()})


@contextmanager
def _turn_of(engine: Engine) -> Iterator[None]:
    turn: Lock | None = engine.get_execution_options().get(_TURN)
    if turn is None:
        yield
        return
    if not turn.acquire(timeout=BUSY_TIMEOUT_MS / 1000):
        raise StorageError(BUSY)
    try:
        yield
    finally:
        turn.release()


def driver_rows(engine: Engine, query: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
    """What one ``SELECT`` gives, from the driver itself and outside any transaction: for what every decision asks many
    times, where the toolkit costs several times as much as the question.
    """
    if engine.dialect.name != SQLITE:
        with engine.connect() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(query, tuple(values))]
    try:
        held = engine.raw_connection()
        try:
            return list(held.cursor().execute(query, values))
        finally:
            held.close()
    except sqlite3.Error as error:
        raise sqlite_in_words(error) from error


def widen_cache(connection: Connection) -> None:
    """Let the connection hold 128 MiB of pages from here on: many rows under random ids touch as many pages.

    A PostgreSQL server has its own memory, set for all.
    """
    if connection.dialect.name == SQLITE:
        connection.exec_driver_sql("PRAGMA cache_size=-131072")


def truncate_log(engine: Engine) -> None:
    """Fold the write-ahead log into the file and empty it, so that no deleted page stays behind.

    PostgreSQL's log is its server's: what was deleted stays there, sealed under a key that is gone.

    ``StorageError`` when a reader in another process keeps the log in use for longer than ``BUSY_TIMEOUT_MS``.
    """
    if engine.dialect.name != SQLITE:
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        busy = connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)")).scalar_one()
    if busy:
        raise StorageError(BUSY)


@contextmanager
def closing_pool(engine: Engine) -> Iterator[Engine]:
    """``engine``, and no connection of it left open afterwards."""
    try:
        yield engine
    finally:
        engine.dispose()


def is_writing(connection: Connection) -> bool:
    """Whether the transaction that ``connection`` begins takes the write lock first."""
    return bool(connection.get_execution_options().get(_WRITES, False))


def upsert(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An ``INSERT`` into ``table`` that takes ``on_conflict_do_update`` and ``on_conflict_do_nothing``."""
    return sqlite.insert(table) if connection.dialect.name == SQLITE else postgresql.insert(table)


def revision(connection: Connection) -> str | None:
    """The newest migration that was run; ``None`` of an empty database."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def sqlite_in_words(error: BaseException) -> DoorwardError:
    if not isinstance(error, sqlite3.OperationalError):
        return StorageError("A database of this site is damaged; restore the site from a backup.")
    reason = str(error)
    if "full" in reason:
        return StorageError("The disk is full; free some space and try again. Nothing was half written.")
    if "readonly" in reason or "unable to open" in reason:
        return StorageError("The site's folder cannot be written; check its owner and rights.")
    if "locked" in reason or "busy" in reason:
        return StorageError(BUSY)
    return StorageError("The database refused an operation; check the disk, then restore the site from a backup.")
