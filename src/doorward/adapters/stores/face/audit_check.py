"""The audit log checked from its first entry to its last: every row, the tree, every checkpoint."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from sqlalchemy import Connection, Engine, select
from sqlalchemy.engine import Row

from doorward.adapters.stores.face.audit_entries import event_cell
from doorward.adapters.stores.face.audit_tree import EMPTY, AuditTree
from doorward.adapters.stores.face.audit_upgrade import first_format_event
from doorward.adapters.stores.face.tables import audit_entries
from doorward.audit.leaf import LEAF_LENGTH, Opening, event_commitment, place_of
from doorward.audit.log_keys import check_under
from doorward.audit.verifier import Checkpoint, RunningRoot
from doorward.errors import AuditInvalid, DoorwardError, Tampered
from doorward.kernel.audit import LogReport
from doorward.vault.vault import Vault

_MOST_PROBLEMS = 100
"""Named one by one; a log that is altered throughout needs no longer list."""


def check_log(engine: Engine, vault: Vault, witnessed: Mapping[str, str]) -> LogReport:
    """What is wrong with the log, entry by entry; ``witnessed`` are the notes a witness kept, by their names."""
    with engine.connect() as connection:
        tree = AuditTree(connection, vault)
        problems: list[str] = []
        checkpoints = _checkpoints(tree, witnessed, problems)
        wanted = {head.size for _, head in checkpoints}
        running, roots = RunningRoot(), {0: RunningRoot().root()}
        for number, row in _in_order(connection, problems):
            problems += _wrong_with(row, vault)
            running.add(row.commitments if isinstance(row.commitments, bytes) else b"")
            if number in wanted:
                roots[number] = running.root()
        problems += _wrong_with_head(tree, running.size, running.root())
        for name, checkpoint in checkpoints:
            problems += _wrong_with_checkpoint(name, checkpoint, running.size, roots)
    return LogReport(
        running.size, running.root(), len({head for _, head in checkpoints}), tuple(problems[:_MOST_PROBLEMS])
    )


def _in_order(connection: Connection, problems: list[str]) -> Iterator[tuple[int, Row[Any]]]:
    """Every row with its number, counted from 1."""
    query = select(audit_entries).order_by(audit_entries.c.number)
    rows = connection.execution_options(yield_per=20).execute(query)
    gap = False
    for counted, row in enumerate(rows, start=1):
        if row.number != counted and not gap:
            gap = True
            problems.append(f"Entry {counted} is missing: it was deleted from the log.")
        yield counted, row


def _wrong_with(row: Row[Any], vault: Vault) -> Iterator[str]:
    named = f"Entry {row.number}"
    with suppress(DoorwardError):
        if row.commitments is None and first_format_event(row, vault):
            return  # it waits for its tree, beside an entry that is altered
    try:
        opening = Opening.decoded(vault.open_for_audit(event_cell(row.id), row.event))
    except DoorwardError:
        yield f"{named} was altered or not written by this site: its event does not open."
        return
    if opening.number != row.number:
        yield f"{named} was moved: it was written as entry {opening.number}."
    if not isinstance(row.tag, bytes) or not isinstance(row.subject, bytes):
        yield f"{named} was altered: its subject or tag is no sealed value."
    elif opening.place != place_of(row.tag, row.subject):
        yield f"{named} was altered: its subject or tag was exchanged."
    committed = event_commitment(opening.salt, opening.event)
    if not isinstance(row.commitments, bytes) or len(row.commitments) != LEAF_LENGTH:
        yield f"{named} was altered: it has no commitments."
    elif row.commitments[1:33] != committed:
        yield f"{named} was altered: its event is not the one committed to."
    else:
        running = RunningRoot()
        running.add(row.commitments)
        if running.root() != row.leaf:
            yield f"{named} was altered: its leaf is not that of its commitments."


def _wrong_with_head(tree: AuditTree, size: int, root: bytes) -> Iterator[str]:
    try:
        head = tree.head() or EMPTY
    except DoorwardError:
        yield "The tree's head was altered: this site did not write it."
        return
    if head.size > size:
        yield f"The log was truncated: it once had {head.size} entries, and has {size}."
    elif head.size < size:
        yield f"The log has {size - head.size} entries that this site did not append."
    elif head.root != root:
        yield "The log was rewritten: its root is not that of the tree's head."
    else:
        with suppress(Tampered):
            if tree.stored_root(size) == root:
                return
        yield "The tree was altered: its stored nodes are not those of the entries."


def _checkpoints(tree: AuditTree, witnessed: Mapping[str, str], problems: list[str]) -> list[tuple[str, Checkpoint]]:
    try:
        keys = tree.keys
    except Tampered as error:
        problems.append(f"No checkpoint can be checked, for nobody can say whose key signed it: {error.message}")
        return []
    kept = tree.handovers(keys)
    for span in keys.spans[:-1]:
        if span.until not in kept:
            problems.append(f"The checkpoint over {span.until} entries, which names the log's next key, is missing.")
    found: list[tuple[str, Checkpoint]] = []
    stored = {f"Stored checkpoint {place}": note for place, note in enumerate(reversed(tree.notes()), start=1)}
    for name, note in [*stored.items(), *((f"Witnessed checkpoint {name}", note) for name, note in witnessed.items())]:
        try:
            found.append((name, check_under(note, keys.spans)))
        except AuditInvalid as error:
            problems.append(f"{name} does not hold: {error.message}")
    return found


def _wrong_with_checkpoint(name: str, checkpoint: Checkpoint, size: int, roots: Mapping[int, bytes]) -> Sequence[str]:
    if checkpoint.size > size:
        return [f"{name} is over {checkpoint.size} entries, and the log has {size}: it was truncated."]
    if roots[checkpoint.size] != checkpoint.root:
        return [f"{name} has another root over {checkpoint.size} entries: the log was rewritten since."]
    return []
