"""What is told to every process that follows, on any machine, by PostgreSQL's NOTIFY. The server keeps none of it."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, func, select

from doorward.adapters.stores.database import SQLITE
from doorward.adapters.stores.postgresql import in_words, listening_to
from doorward.adapters.unix_socket.datagrams import DatagramChannel
from doorward.errors import StorageError
from doorward.passages.live import Following, LiveChannel

CHANNEL = "doorward_live"


class NoticeChannel:
    """``LiveChannel`` of a site in PostgreSQL."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._errors = engine.dialect.loaded_dbapi.Error

    def tell(self, octets: bytes) -> None:
        with suppress(StorageError), self._engine.connect() as connection:
            connection.execute(select(func.pg_notify(CHANNEL, octets.decode())))

    @contextmanager
    def follow(self) -> Iterator[Following]:
        try:
            connection = listening_to(self._engine, CHANNEL)
        except self._errors as error:
            raise in_words(error) from None
        try:
            yield _Notified(connection, self._errors)
        finally:
            with suppress(self._errors):
                connection.close()


class _Notified:
    def __init__(self, connection: Any, errors: type[Exception]) -> None:
        self._connection = connection
        self._errors = errors
        self._waiting: deque[bytes] = deque()

    def next(self, seconds: float) -> bytes | None:
        if not self._waiting:
            try:
                for notice in self._connection.notifies(timeout=seconds, stop_after=1):
                    self._waiting.append(notice.payload.encode())
            except self._errors as error:
                raise in_words(error) from None
        return self._waiting.popleft() if self._waiting else None


def live_channel(engine: Engine, folder: Path) -> LiveChannel:
    """Of the site in ``folder`` whose rows ``engine`` holds."""
    return DatagramChannel(folder) if engine.dialect.name == SQLITE else NoticeChannel(engine)
