"""The audit log handed over to a new signing key, in one transaction."""

from sqlalchemy import Engine

from doorward.adapters.stores.face.audit_tree import EMPTY, AuditTree
from doorward.adapters.stores.face.log_keys import LOG_KEY, retire
from doorward.adapters.stores.face.row_log import writing_rows
from doorward.vault.vault import Vault


def hand_log_over(engine: Engine, vault: Vault) -> None:
    """Have the newest signing key sign from here on; nothing is done where it does already.

    A row tells which key signed until now, the log tells of the row, and the checkpoint over both names the new key
    and is signed by the two: all of it is durable, or nothing. ``Tampered`` when the log was altered.
    """
    newest = vault.log_signing().public_keys()[0]
    with writing_rows(engine, vault) as (connection, changed):
        tree = AuditTree(connection, vault)
        signing = tree.keys.signing
        if signing == newest:
            return
        until = changed.next_number()
        retire(connection, vault, until, signing, newest, until)
        changed.grant(LOG_KEY, signing.hex(), until)
        changed.enter()
        tree.hand_over(tree.head() or EMPTY, signing, newest)
