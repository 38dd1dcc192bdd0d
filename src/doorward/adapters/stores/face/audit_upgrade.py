"""Entries of the first site format brought into the tree: read, committed to, and sealed with their opening."""

from contextlib import suppress
from typing import Any

from sqlalchemy import Engine, exists, select, update
from sqlalchemy.engine import Row

from doorward.adapters.stores.database import writing
from doorward.adapters.stores.face.audit_entries import event_cell
from doorward.adapters.stores.face.audit_tree import DAMAGED, EMPTY, AuditTree
from doorward.adapters.stores.face.tables import audit_entries, audit_head
from doorward.audit.leaf import SALT_LENGTH, UPGRADED, Opening, event_commitment, leaf, place_of
from doorward.audit.tree import leaf_hash
from doorward.errors import Tampered
from doorward.kernel.clock import Randomness
from doorward.vault.vault import Cell, Vault

_BATCH = 1000


def upgrade_audit_log(engine: Engine, vault: Vault, randomness: Randomness) -> None:
    """Enter what a site of the first format recorded, all of it or nothing.

    Does nothing where there is a tree already, and nothing where an entry was altered: then nothing can be recorded
    until the log is restored, and checking the log names the entries. The subject's commitment is the hash of its
    sealed cell, because whom an entry is about can be read with that person's key alone.
    """
    with engine.connect() as connection:
        entered = exists().where(audit_head.c.id > 0) | exists().where(audit_entries.c.commitments.is_not(None))
        waits = select(exists().where(audit_entries.c.number > 0) & ~entered)
        if not connection.execute(waits).scalar_one():
            return
    with suppress(Tampered), writing(engine) as connection:
        tree = AuditTree(connection, vault)
        head = tree.head() or EMPTY
        while rows := connection.execute(
            select(audit_entries)
            .where(audit_entries.c.number > head.size)
            .order_by(audit_entries.c.number)
            .limit(_BATCH)
        ).all():
            for row in rows:
                if row.number != head.size + 1:
                    raise Tampered(DAMAGED)
                values = _upgraded(row, vault, randomness)
                connection.execute(update(audit_entries).where(audit_entries.c.number == row.number).values(values))
                head = tree.append(head, [values["leaf"]])
        tree.put_head(head)


def first_format_event(row: Row[Any], vault: Vault) -> bytes:
    """The event of an entry as the first format has it; ``Tampered`` when it was altered."""
    cells = (row.event, row.subject, row.leaf, row.tag)
    if not all(isinstance(cell, bytes) for cell in cells) or leaf_hash(row.event + row.subject) != row.leaf:
        raise Tampered(DAMAGED)
    return vault.open_for_audit(Cell("audit_entries", "event", row.id), row.event)


def _upgraded(row: Row[Any], vault: Vault, randomness: Randomness) -> dict[str, bytes]:
    event = first_format_event(row, vault)
    salt = randomness.octets(SALT_LENGTH)
    opening = Opening(salt, row.number, place_of(row.tag, row.subject), event)
    data = leaf(UPGRADED, event_commitment(salt, event), leaf_hash(row.subject))
    return {
        "event": vault.seal_for_audit(event_cell(row.id), opening.encoded()),
        "leaf": leaf_hash(data),
        "commitments": data,
    }
