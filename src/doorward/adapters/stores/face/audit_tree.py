"""The audit log's tree in data.db: nodes, authenticated head, signed checkpoints."""

import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.exc import IntegrityError

from doorward.adapters.stores.face.log_keys import LogKeys, log_keys
from doorward.adapters.stores.face.tables import audit_checkpoints
from doorward.audit.log_keys import check_under
from doorward.audit.note import checkpoint_text, countersigned, origin_of, signed_note, verifier_key
from doorward.audit.tree import append, consistency_proof, inclusion_proof, root, root_under
from doorward.audit.verifier import Checkpoint, check_consistency
from doorward.errors import AuditInvalid, Tampered
from doorward.vault.vault import Vault

DAMAGED = "The audit log was altered, so nothing can be recorded; see `doorward audit verify`, and restore a backup."


@dataclass(frozen=True, slots=True)
class Head:
    """The tree as it stands: number of entries, and the roots of the complete subtrees that make it up."""

    size: int
    peaks: tuple[bytes, ...]

    @property
    def root(self) -> bytes:
        return root_under(self.peaks)


EMPTY = Head(0, ())
_HASH_LENGTH = 32

# The driver's own statements: every write of the site comes by here, and the toolkit's cost several times as much.
_LEAF = "SELECT leaf FROM audit_entries WHERE number = ?"
_NODE = "SELECT hash FROM audit_nodes WHERE level = ? AND place = ?"
_ADD_NODE = "INSERT INTO audit_nodes (level, place, hash) VALUES (?, ?, ?)"
_HEAD = "SELECT size, root, peaks, mac FROM audit_head"
_PUT_HEAD = (
    "INSERT INTO audit_head (id, size, root, peaks, mac) VALUES (1, ?, ?, ?, ?) ON CONFLICT (id) "
    "DO UPDATE SET size = excluded.size, root = excluded.root, peaks = excluded.peaks, mac = excluded.mac"
)


class AuditTree:
    """The tree inside one transaction. What it finds altered, it refuses with ``Tampered``."""

    def __init__(self, connection: Connection, vault: Vault) -> None:
        self._connection = connection
        self._vault = vault

    @property
    def keys(self) -> LogKeys:
        """The log's keys as they are now; see ``log_keys``."""
        return log_keys(self._connection, self._vault)

    def node(self, level: int, index: int) -> bytes:
        query, where = (_NODE, (level, index)) if level else (_LEAF, (index + 1,))
        held = self._connection.exec_driver_sql(query, where).scalar()
        if not isinstance(held, bytes):
            raise Tampered(DAMAGED)
        return held

    def head(self) -> Head | None:
        """The authenticated head; ``None`` when no entry was ever appended."""
        row = self._connection.exec_driver_sql(_HEAD).first()
        if row is None:
            return None
        if not isinstance(row.peaks, bytes) or not isinstance(row.mac, bytes):
            raise Tampered(DAMAGED)
        starts = range(0, len(row.peaks), _HASH_LENGTH)
        head = Head(row.size, tuple(row.peaks[start : start + _HASH_LENGTH] for start in starts))
        if not hmac.compare_digest(self._code(head), row.mac) or row.root != head.root:
            raise Tampered(DAMAGED)
        return head

    def append(self, head: Head, leaves: Sequence[bytes]) -> Head:
        """Enter leaf hashes, whose rows are written already, behind ``head``, whose last entry must be there."""
        if head.size:
            self.node(0, head.size - 1)
        peaks: Sequence[bytes] = head.peaks
        completed: list[tuple[object, ...]] = []
        for size, leaf in enumerate(leaves, head.size):
            peaks, nodes = append(peaks, size, leaf)
            completed += nodes
        try:
            if completed:
                self._connection.exec_driver_sql(_ADD_NODE, completed)
        except IntegrityError:
            raise Tampered(DAMAGED) from None
        return Head(head.size + len(leaves), tuple(peaks))

    def put_head(self, head: Head) -> None:
        values = (head.size, head.root, b"".join(head.peaks), self._code(head))
        self._connection.exec_driver_sql(_PUT_HEAD, values)

    def _code(self, head: Head) -> bytes:
        stated = f"{head.size} ".encode() + b"".join(head.peaks)
        return hmac.digest(self._code_key, stated, "sha256")

    @cached_property
    def _code_key(self) -> bytes:
        return self._vault.secret_for("audit head")

    def checkpoint(self, head: Head) -> str:
        """The signed note over ``head``; made only if the log still begins with the one signed last."""
        keys = self.keys
        for newest in self.notes(newest=1):
            last = self._continued(newest, head, keys)
            if last.size == head.size:
                return newest
        origin = origin_of(self._vault.site)
        text = checkpoint_text(origin, head.size, head.root)
        return self._stored(head, signed_note(text, origin, keys.signing, self._signer(keys.signing)))

    def hand_over(self, head: Head, retiring: bytes, following: bytes) -> str:
        """The signed note over ``head`` that names the public key ``following`` as the next, signed by both.

        The last entry of ``head`` must be of this transaction: a checkpoint over it that nobody has seen is replaced.
        """
        self._connection.execute(delete(audit_checkpoints).where(audit_checkpoints.c.size == head.size))
        for newest in self.notes(newest=1):
            self._continued(newest, head, self.keys)
        origin = origin_of(self._vault.site)
        text = checkpoint_text(origin, head.size, head.root, verifier_key(origin, following))
        note = signed_note(text, origin, retiring, self._signer(retiring))
        return self._stored(head, countersigned(note, origin, following, self._signer(following)))

    def check_signed(self) -> None:
        """``Tampered`` unless the key that signs is held, and the newest checkpoint is signed by the log's keys."""
        keys = self.keys
        if keys.signing not in self._vault.log_signing().public_keys():
            raise Tampered(DAMAGED)
        try:
            for newest in self.notes(newest=1):
                check_under(newest, keys.spans)
        except AuditInvalid:
            raise Tampered(DAMAGED) from None

    def _signer(self, public: bytes) -> Callable[[bytes], bytes]:
        return partial(self._vault.log_signing().sign, public=public)

    def _stored(self, head: Head, note: str) -> str:
        self._connection.execute(insert(audit_checkpoints).values(size=head.size, note=note, handed_over=0))
        return note

    def _continued(self, newest: str, head: Head, keys: LogKeys) -> Checkpoint:
        try:
            last = check_under(newest, keys.spans)
            proof = consistency_proof(self.node, last.size, head.size)
            check_consistency(last.size, last.root, head.size, head.root, proof)
        except AuditInvalid:
            raise Tampered(DAMAGED) from None
        return last

    def handovers(self, keys: LogKeys) -> Mapping[int, str]:
        """The checkpoints with which each key handed the log over to the next, by size, oldest first."""
        sizes = [span.until for span in keys.spans[:-1]]
        query = select(audit_checkpoints).where(audit_checkpoints.c.size.in_(sizes)).order_by(audit_checkpoints.c.size)
        return {row.size: str(row.note) for row in self._connection.execute(query)}

    def notes(self, newest: int | None = None) -> Sequence[str]:
        """The stored checkpoints, newest first."""
        query = select(audit_checkpoints.c.note).order_by(audit_checkpoints.c.size.desc()).limit(newest)
        return [str(note) for note in self._connection.execute(query).scalars()]

    def stored_root(self, size: int) -> bytes:
        """The root over the first ``size`` entries out of the stored nodes."""
        return root(self.node, size)

    def inclusion(self, index: int, size: int) -> list[bytes]:
        return inclusion_proof(self.node, index, size)

    def consistency(self, old: int, new: int) -> list[bytes]:
        return consistency_proof(self.node, old, new)
