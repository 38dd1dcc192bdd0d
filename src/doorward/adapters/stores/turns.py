"""Turns that the processes of a site take, on every machine: what one has begun, no other begins meanwhile."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from zlib import crc32

from sqlalchemy import Engine

from doorward.adapters.lock_file import locked
from doorward.adapters.stores.database import SQLITE
from doorward.errors import StorageError

_OURS = 0x446F6F72
"""Sets our advisory locks apart from those that others take in the same database."""


class SiteTurns:
    """Turns by name: in PostgreSQL an advisory lock of its own session, beside data.db a locked file in ``folder``.

    Either ends with the process that has it.
    """

    def __init__(self, engine: Engine, folder: Path) -> None:
        self._engine = engine
        self._folder = folder

    @contextmanager
    def next(self, name: str) -> Iterator[None]:
        """Wait for the turn and have it for the block; threads of one process wait for each other too.

        ``StorageError`` when PostgreSQL cannot be reached, or others have the turn for longer than its lock timeout.
        """
        with self._taken(name, waits=True):
            yield

    @contextmanager
    def if_free(self, name: str) -> Iterator[bool]:
        """Have the turn for the block unless somebody has it now; whether that is so. ``StorageError`` as ``next``."""
        with self._taken(name, waits=False) as taken:
            yield taken

    @contextmanager
    def _taken(self, name: str, *, waits: bool) -> Iterator[bool]:
        if self._engine.dialect.name == SQLITE:
            with locked(self._folder / f"{name}.lock", waits=waits) as taken:
                yield taken
            return
        of = (_OURS, crc32(name.encode()) - 2**31)
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            ask = "SELECT pg_advisory_lock(?, ?)" if waits else "SELECT pg_try_advisory_lock(?, ?)"
            taken = connection.exec_driver_sql(ask, of).scalar() is not False
            try:
                yield taken
            finally:
                if taken:
                    with suppress(StorageError):  # a session that is gone has let go of it
                        connection.exec_driver_sql("SELECT pg_advisory_unlock(?, ?)", of)
