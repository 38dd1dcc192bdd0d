"""Who changed, as PostgreSQL tells every process at once."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from sqlalchemy import Engine

from doorward.adapters.stores.database import SQLITE
from doorward.adapters.stores.face.changes import SqlChanges, WatchedChanges
from doorward.adapters.stores.postgresql import in_words, listening_to
from doorward.kernel.ids import PersonId

CHANGED = "doorward_changed"
"""The channel on which every process learns that somebody changed."""


class ListenedChanges:
    """``Changes`` over PostgreSQL, with a ``wait`` that ends as soon as another process has changed something.

    Each question is put to the table itself: a notice that was missed loses nothing, and one that is late neither.
    One thread at a time may wait, while others ask.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._errors = engine.dialect.loaded_dbapi.Error
        self._changes = SqlChanges(engine.execution_options(isolation_level="AUTOCOMMIT"))
        self._listening: Any = None

    def since(self, revision: int) -> tuple[int, Sequence[PersonId]]:
        return self._changes.since(revision)

    def wait(self, seconds: float) -> None:
        """Until something changed, and at most ``seconds``. ``StorageError`` when the server cannot be reached."""
        try:
            if self._listening is None:
                self._listening = listening_to(self._engine, CHANGED)
                return  # what changed before it listened was told to nobody
            for _ in self._listening.notifies(timeout=seconds, stop_after=1):
                return
        except self._errors as error:
            self.close()
            raise in_words(error) from None

    def close(self) -> None:
        if self._listening is not None:
            with suppress(self._errors):
                self._listening.close()
            self._listening = None


def followed_changes(engine: Engine) -> WatchedChanges | ListenedChanges:
    """The ``Changes`` of a gallery that follows all the time."""
    return WatchedChanges(engine) if engine.dialect.name == SQLITE else ListenedChanges(engine)
