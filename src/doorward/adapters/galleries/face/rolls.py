"""Where a roster starts: from the sealed snapshot if it holds, else from the rows, and then a snapshot is written."""

from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock, Thread

from sqlalchemy import Connection, Engine, select

from doorward.adapters.galleries.face.compact import CompactGallery
from doorward.adapters.galleries.face.gallery_file import AuditHead, WrittenGallery, encode_gallery
from doorward.adapters.galleries.face.snapshot import read_snapshot, snapshots_in, write_snapshot
from doorward.adapters.stores.face.audit_tree import AuditTree
from doorward.adapters.stores.face.changes import SqlChanges, newest_revision
from doorward.adapters.stores.face.roll_reading import RollReader
from doorward.adapters.stores.face.tables import erasures
from doorward.audit.tree import root
from doorward.errors import DoorwardError, Tampered
from doorward.identify.deadlines import Deadlines
from doorward.identify.ports import Roll
from doorward.kernel.clock import Randomness
from doorward.kernel.ids import PersonId
from doorward.vault.vault import Vault

FEW = 1_000
"""Changes that are followed one by one, however few people there are."""

MOST_CHANGED = 0.02
"""Of the people: where more changed since, reading all rows is quicker than following each."""

WRITTEN_EVERY = timedelta(minutes=5)
"""At most: many may be erased one after another, and each erasure destroys the snapshot."""

_WRITING = Lock()
"""One snapshot of this process at a time: the keys of no file are destroyed after each."""


class RowRolls:
    """``Rolls`` of one site from its rows, ``model`` and ``successor`` as ``Roster``.

    For a machine that the keys do not lie on: each machine would destroy the keys of the other's snapshots.
    """

    def __init__(self, engine: Engine, vault: Vault, model: str, successor: str | None = None) -> None:
        self._reader = RollReader(engine, vault, model, successor)

    def newest(self, now: datetime) -> Roll:
        return self._reader.read(now)

    def keep(self, revision: int, deadlines: Deadlines, changed: int, now: datetime) -> None:
        pass

    def close(self) -> None:
        pass


class SnapshotRolls:
    """``Rolls`` of one site for ``gallery``, with a snapshot at ``place``; ``model`` and ``successor`` as ``Roster``.

    ``close`` waits for the writer.
    """

    def __init__(
        self,
        place: Path,
        engine: Engine,
        vault: Vault,
        randomness: Randomness,
        gallery: CompactGallery,
        model: str,
        successor: str | None = None,
    ) -> None:
        self._place = place
        self._engine = engine
        self._vault = vault
        self._randomness = randomness
        self._gallery = gallery
        self._model = model
        self._successor = successor
        self._written: str | None = None
        """The snapshot that holds, but for ``_changed`` people."""
        self._changed = 0
        self._next: datetime | None = None
        self._writing: Thread | None = None

    def newest(self, now: datetime) -> Roll:
        return self.from_snapshot() or self.from_rows(now)

    def keep(self, revision: int, deadlines: Deadlines, changed: int, now: datetime) -> None:
        self._changed += changed
        if changed and self._written not in self._vault.snapshots().held():
            self._written = None
        is_worth_it = self._written is None or self._changed > self._few(self._gallery.references) // 2
        if not is_worth_it or (self._next is not None and now < self._next):
            return
        if self._writing is not None and self._writing.is_alive():
            return
        self._next = now + WRITTEN_EVERY
        self._writing = Thread(
            target=self._write_quietly, args=(revision, deadlines.copy()), name="snapshot", daemon=True
        )
        self._writing.start()

    def from_snapshot(self) -> Roll | None:
        """``None`` when there is no snapshot, or it is damaged, too old, or of another model or past."""
        try:
            held = read_snapshot(self._place, self._vault.snapshots())
        except (DoorwardError, MemoryError):
            return None
        if held is None or (held[1].model, held[1].successor) != (self._model, self._successor):
            return None
        snapshot, written = held
        with self._engine.connect() as connection:
            if newest_revision(connection) < written.roll.revision or not self._continues(connection, written.audit):
                return None
        _, changed = SqlChanges(self._engine).since(written.roll.revision)
        if len(changed) > self._few(len(written.roll.references)):
            return None
        self._written = snapshot
        return written.roll

    def from_rows(self, now: datetime) -> Roll:
        return RollReader(self._engine, self._vault, self._model, self._successor).read(now)

    def write(self, revision: int, deadlines: Deadlines) -> None:
        """Write the snapshot and destroy the key of the one before.

        The key comes first and who is left out is looked up after it: an erasure or renewal either is seen here, or
        comes later and destroys the key.
        """
        with _WRITING:
            self._write(revision, deadlines)

    def _write(self, revision: int, deadlines: Deadlines) -> None:
        keys = self._vault.snapshots()
        cipher = keys.create(self._randomness.uuid())
        try:
            with self._engine.connect() as connection:
                head = AuditTree(connection, self._vault).head()
                begun = connection.execute(select(erasures.c.person).where(erasures.c.done == 0)).scalars().all()
            _, changed = SqlChanges(self._engine).since(revision)
            left_out = frozenset({*changed, *map(PersonId, begun)})
            mark = AuditHead(head.size, head.root) if head else AuditHead(0, b"")
            self._changed = 0
            with self._gallery.written_down() as references:
                written = WrittenGallery(self._model, self._successor, mark, Roll(revision, references, deadlines))
                write_snapshot(self._place, encode_gallery(written, self._gallery.steady, left_out), cipher)
        except BaseException:
            keys.destroy(cipher.snapshot)
            raise
        for earlier in set(keys.held()) - snapshots_in(self._place.parent):
            keys.destroy(earlier)
        self._written = cipher.snapshot

    def close(self) -> None:
        if self._writing is not None:
            self._writing.join()
            self._writing = None

    def _few(self, references: int) -> int:
        return max(FEW, int(MOST_CHANGED * references))

    def _write_quietly(self, revision: int, deadlines: Deadlines) -> None:
        with suppress(DoorwardError, MemoryError):  # a snapshot only saves time: the rows are there
            self.write(revision, deadlines)

    def _continues(self, connection: Connection, head: AuditHead) -> bool:
        """Does the store's audit log begin with the one that the snapshot was written beside?"""
        tree = AuditTree(connection, self._vault)
        now = tree.head()
        if head.size == 0:
            return True
        if now is None or now.size < head.size:
            return False
        with suppress(Tampered):
            return root(tree.node, head.size) == head.root
        return False
