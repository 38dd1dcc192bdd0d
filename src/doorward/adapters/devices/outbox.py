"""What a device has yet to deliver, and its counter, in a database of its own; each body is sealed to the site."""

import fcntl
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from doorward.errors import LimitExceeded, StorageError

MOST_BYTES = 64 * 1024 * 1024
"""Of bodies that wait: some 400,000 passages."""

_FILE, _TURN = "outbox.db", "sending.lock"
_TABLES = """
CREATE TABLE IF NOT EXISTS counter (id INTEGER PRIMARY KEY CHECK (id = 1), last INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS outbox (
  number INTEGER PRIMARY KEY AUTOINCREMENT, counter INTEGER, body BLOB NOT NULL
);
INSERT OR IGNORE INTO counter (id, last) VALUES (1, 0);
"""


@dataclass(frozen=True, slots=True)
class Waiting:
    """``counter``: once it was sent; sent again it keeps it, so that the site takes it once."""

    number: int
    counter: int
    body: bytes


class Outbox:
    """Durable, first in, first out. ``StorageError`` when the disk refuses."""

    def __init__(self, folder: Path, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes
        self._lock = Lock()
        self._turn = folder / _TURN
        with _in_words():
            self._database = sqlite3.connect(folder / _FILE, isolation_level=None, check_same_thread=False)
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", "temp_store=MEMORY"):
                self._database.execute(f"PRAGMA {pragma}")
            self._database.executescript(_TABLES)

    def close(self) -> None:
        with self._lock:
            self._database.close()

    def put(self, body: bytes) -> None:
        """Keep a body until it is delivered; ``LimitExceeded`` when that many bytes wait already."""
        with self._writing():
            (waiting,) = self._database.execute("SELECT coalesce(sum(length(body)), 0) FROM outbox").fetchone()
            if waiting + len(body) > self._most:
                raise LimitExceeded(
                    "The device keeps as many undelivered passages as it may; reconnect it to its site."
                )
            self._database.execute("INSERT INTO outbox (body) VALUES (?)", (body,))

    def next(self) -> Waiting | None:
        """The oldest that waits, with the counter that it is sent under."""
        with self._writing():
            row = self._database.execute("SELECT number, counter, body FROM outbox ORDER BY number LIMIT 1").fetchone()
            if row is None:
                return None
            number, counter, body = row
            if counter is None:
                counter = self._counted()
                self._database.execute("UPDATE outbox SET counter = ? WHERE number = ?", (counter, number))
            return Waiting(number, counter, body)

    def has_unanswered(self) -> bool:
        """Whether the oldest was sent and no answer came: it is sent again before anything with a later counter."""
        with self._lock, _in_words():
            row = self._database.execute("SELECT counter FROM outbox ORDER BY number LIMIT 1").fetchone()
            return row is not None and row[0] is not None

    def delivered(self, waiting: Waiting) -> None:
        with self._writing():
            self._database.execute("DELETE FROM outbox WHERE number = ?", (waiting.number,))

    def count(self) -> int:
        with self._lock, _in_words():
            return int(self._database.execute("SELECT count(*) FROM outbox").fetchone()[0])

    def next_counter(self) -> int:
        """A counter that no message of this device had."""
        with self._writing():
            return self._counted()

    def _counted(self) -> int:
        self._database.execute("UPDATE counter SET last = last + 1")
        return int(self._database.execute("SELECT last FROM counter").fetchone()[0])

    @contextmanager
    def sending(self) -> Iterator[None]:
        """Held while a message is on its way: processes that share the device's folder send one at a time."""
        try:
            file = self._turn.open("w")
        except OSError as error:
            raise StorageError(f"The device's folder cannot be written ({error.strerror}); check its rights.") from None
        with file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._lock, _in_words():
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._database.execute("COMMIT")
            except BaseException:
                if self._database.in_transaction:
                    self._database.execute("ROLLBACK")
                raise


@contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        full = "full" in str(error)
        told = "is full; free some space" if full else "refused; check the device's folder and its rights"
        raise StorageError(f"The device's disk {told}. Nothing was half written.") from None
