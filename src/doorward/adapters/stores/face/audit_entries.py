"""A new entry of the audit log, entered inside the caller's transaction: row, tree, head, checkpoint when due."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, func
from sqlalchemy.exc import IntegrityError

from doorward.adapters.stores.face.audit_tree import DAMAGED, EMPTY, AuditTree
from doorward.adapters.stores.face.tables import audit_entries
from doorward.audit.leaf import Opening, event_commitment, leaf, place_of
from doorward.audit.tree import leaf_hash
from doorward.errors import Tampered
from doorward.vault.vault import Cell, Vault

CHECKPOINT_EVERY = 256
"""Entries after which a checkpoint is signed without being asked for."""

TAG_LENGTH = 32
_ADD = "INSERT INTO audit_entries (number, id, leaf, tag, event, subject, commitments) VALUES (?, ?, ?, ?, ?, ?, ?)"

Seal = Callable[[Cell, bytes], bytes]


@dataclass(frozen=True, slots=True)
class NewEntry:
    """``subject`` is what is stored beside the event; ``subject_commitment`` (32 bytes) what the leaf says of it."""

    id: str
    form: int
    salt: bytes
    event: bytes
    tag: bytes
    subject: bytes
    subject_commitment: bytes


def event_cell(entry_id: str) -> Cell:
    return Cell("audit_log", "event", entry_id)


def is_of_form(form: int) -> ColumnElement[bool]:
    """As the row says itself; `doorward audit verify` finds one that says it wrongly."""
    return func.substr(audit_entries.c.commitments, 1, 1) == bytes((form,))


def append_entry(connection: Connection, vault: Vault, entry: NewEntry, seal: Seal) -> int:
    """``append_entries`` of one."""
    return append_entries(connection, vault, [entry], seal)


def append_entries(connection: Connection, vault: Vault, entries: Sequence[NewEntry], seal: Seal) -> int:
    """Returns the last one's number; needs the write lock. ``Tampered`` when the log was altered: nothing is written.

    ``seal`` seals under the audit key. A checkpoint is signed behind them when 256 entries came since the last was due.
    """
    tree = AuditTree(connection, vault)
    head = tree.head() or EMPTY
    rows: list[tuple[object, ...]] = []
    leaves = []
    for number, entry in enumerate(entries, head.size + 1):
        opening = Opening(entry.salt, number, place_of(entry.tag, entry.subject), entry.event)
        data = leaf(entry.form, event_commitment(entry.salt, entry.event), entry.subject_commitment)
        event = seal(event_cell(entry.id), opening.encoded())
        leaves.append(leaf_hash(data))
        rows.append((number, entry.id, leaves[-1], entry.tag, event, entry.subject, data))
    try:
        connection.exec_driver_sql(_ADD, rows)
    except IntegrityError:
        raise Tampered(DAMAGED) from None
    grown = tree.append(head, leaves)
    tree.put_head(grown)
    if grown.size // CHECKPOINT_EVERY > head.size // CHECKPOINT_EVERY:
        tree.checkpoint(grown)
    return grown.size
