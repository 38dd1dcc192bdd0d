"""The first entry about rows: at a site's making there are none, at an earlier version's site those that it has."""

from contextlib import suppress

from sqlalchemy import Connection, Engine, exists, select

from doorward.adapters.stores.database import writing
from doorward.adapters.stores.face.audit_entries import is_of_form
from doorward.adapters.stores.face.row_history import live_rows, within
from doorward.adapters.stores.face.row_log import RowChanges
from doorward.adapters.stores.face.tables import audit_entries, grants
from doorward.audit.leaf import ROWS
from doorward.errors import Tampered
from doorward.vault.vault import Vault


def commit_rows_there_are(engine: Engine, vault: Vault) -> None:
    """Enter every row that is there, all of them or none, unless a log has such entries already.

    The first has a tag of its own, so that looking for it costs nothing. Nothing is done where the log was altered:
    then nothing can be recorded until it is restored, and a deep examination says so.
    """
    tag = vault.secret_for("first entry about rows")
    with engine.connect() as connection:
        if _is_done(connection, tag):
            return
    with suppress(Tampered), writing(engine) as connection:
        if _is_done(connection, tag):  # by another process
            return
        first = RowChanges(connection, vault)
        for row in connection.execute(select(grants.c.kind, grants.c.id, grants.c.generation)):
            first.grant(row.kind, row.id, row.generation)
        first.enter(tag)
        for batch in live_rows(within(connection), vault):
            changes = RowChanges(connection, vault)
            for live in batch:
                changes.standing(live.name, live.generation, live.epoch)
            changes.enter()


def _is_done(connection: Connection, tag: bytes) -> bool:
    if connection.execute(select(exists().where(audit_entries.c.tag == tag))).scalar_one():
        return True
    return bool(connection.execute(select(exists().where(is_of_form(ROWS)))).scalar_one())  # its tag was altered
