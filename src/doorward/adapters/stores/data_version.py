"""Whether a SQLite file was written: quickly told, so that what was read of it need not be read again."""

import os
import sqlite3
from threading import Lock
from typing import Any

from sqlalchemy import Engine, event

from doorward.errors import StorageError

_CANNOT_BE_READ = "A database of this site cannot be read; check the disk."


class DataVersion:
    """SQLite's data_version tells of writes by any connection but its own, and the one held here writes nothing."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._one_at_a_time = Lock()
        self._connection: Any = None
        self._process = 0
        self._opened = 0
        event.listen(engine, "engine_disposed", lambda _engine: self.close())

    def now(self) -> str:
        """Another text as soon as anything was written since; never the same in two processes. ``StorageError``."""
        with self._one_at_a_time:
            try:
                if self._connection is None or self._process != os.getpid():
                    self._open()
                cursor = self._connection.cursor()
                cursor.execute("PRAGMA data_version")
                ((version,),) = cursor.fetchall()
            except sqlite3.Error:
                raise StorageError(_CANNOT_BE_READ) from None
        return f"{self._process} {self._opened} {version}"

    def close(self) -> None:
        with self._one_at_a_time:
            if self._connection is not None and self._process == os.getpid():
                self._connection.close()
            self._connection = None

    def _open(self) -> None:
        self._connection = self._engine.raw_connection()
        self._connection.detach()  # not one of the pool's, which has few
        self._process = os.getpid()
        self._opened += 1
