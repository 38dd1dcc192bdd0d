"""Where a roster starts: from the sealed snapshot if it holds, else from the rows, and then a snapshot is written."""

from contextlib import suppress
from datetime import datetime
from pathlib import Path
from threading import Thread

from sqlalchemy import Connection, Engine, select

from doorward.adapters.galleries.face.roll_file import AuditHead, without
from doorward.adapters.galleries.face.snapshot import read_snapshot, write_snapshot
from doorward.adapters.stores.face.audit_tree import AuditTree
from doorward.adapters.stores.face.changes import SqliteChanges, newest_revision
from doorward.adapters.stores.face.roll_reading import RollReader
from doorward.adapters.stores.face.tables import erasures
from doorward.audit.tree import root
from doorward.errors import DoorwardError, Tampered
from doorward.identify.ports import Roll
from doorward.kernel.clock import Randomness
from doorward.kernel.ids import PersonId
from doorward.vault.vault import Vault

FEW = 1_000
"""Changes that are followed one by one, however few people there are."""

MOST_CHANGED = 0.02
"""Of the people: where more changed since, reading all rows is quicker than following each."""


class RowRolls:
    """``Rolls`` read from the rows each time, for the templates of one model; ``successor`` as ``RollReader``."""

    def __init__(self, engine: Engine, vault: Vault, model: str, successor: str | None = None) -> None:
        self._reader = RollReader(engine, vault, model, successor)

    def newest(self, now: datetime) -> Roll:
        return self._reader.read(now)


class SnapshotRolls:
    """``Rolls`` of one site, for templates of the model that Doorward carries.

    ``close`` waits until the snapshot is written.
    """

    def __init__(self, folder: Path, engine: Engine, vault: Vault, randomness: Randomness) -> None:
        self._folder = folder
        self._engine = engine
        self._vault = vault
        self._randomness = randomness
        self._writing: Thread | None = None

    def newest(self, now: datetime) -> Roll:
        held = self.from_snapshot()
        if held is not None:
            return held
        roll = self.from_rows(now)
        self.close()
        # The caller overwrites in its arrays whoever is erased: the writer has its own.
        copy = Roll(roll.revision, roll.people, roll.groups, roll.deadlines, roll.owners, roll.vectors.copy())
        self._writing = Thread(target=self._write_quietly, args=(copy,), name="snapshot", daemon=True)
        self._writing.start()
        return roll

    def from_snapshot(self) -> Roll | None:
        """``None`` when there is no snapshot, or it is damaged, too old, or of another past than the store's."""
        try:
            held = read_snapshot(self._folder, self._vault.snapshots())
        except (DoorwardError, MemoryError):
            return None
        if held is None:
            return None
        roll, head = held
        with self._engine.connect() as connection:
            if newest_revision(connection) < roll.revision or not self._continues(connection, head):
                return None
        _, changed = SqliteChanges(self._engine).since(roll.revision)
        return roll if len(changed) <= max(FEW, MOST_CHANGED * len(roll.people)) else None

    def from_rows(self, now: datetime) -> Roll:
        return RollReader(self._engine, self._vault).read(now)

    def write(self, roll: Roll) -> None:
        """Write the snapshot and destroy the key of the one before.

        The key comes first and who is left out is looked up after it: an erasure or renewal either is seen here, or
        comes later and destroys the key.
        """
        keys = self._vault.snapshots()
        cipher = keys.create(self._randomness.uuid())
        try:
            with self._engine.connect() as connection:
                head = AuditTree(connection, self._vault).head()
                begun = connection.execute(select(erasures.c.person).where(erasures.c.done == 0)).scalars().all()
            _, changed = SqliteChanges(self._engine).since(roll.revision)
            left_out = frozenset({*changed, *map(PersonId, begun), *roll.unsettled})
            mark = AuditHead(head.size, head.root) if head else AuditHead(0, b"")
            write_snapshot(self._folder, without(roll, left_out), mark, cipher)
        except BaseException:
            keys.destroy(cipher.snapshot)
            raise
        for earlier in set(keys.held()) - {cipher.snapshot}:
            keys.destroy(earlier)

    def close(self) -> None:
        if self._writing is not None:
            self._writing.join()
            self._writing = None

    def _write_quietly(self, roll: Roll) -> None:
        with suppress(DoorwardError):  # a snapshot only saves time: the rows are there
            self.write(roll)
        roll.vectors.fill(0)

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
