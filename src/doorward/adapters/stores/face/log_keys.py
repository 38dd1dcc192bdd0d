"""Which key signs the audit log's checkpoints, and which did before: granted rows, each of a key that signs no more."""

import json
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select

from doorward.adapters.stores.face.records import encode
from doorward.adapters.stores.face.tables import grants
from doorward.audit.log_keys import KeySpan
from doorward.audit.note import origin_of, verifier_key
from doorward.vault.vault import Cell, Vault

LOG_KEY = "log key"
"""The kind of the rows: id, the public key in hexadecimal; ``until``, the size of the checkpoint with which it handed
the log over; ``next``, the public key that it handed it to."""


@dataclass(frozen=True, slots=True)
class LogKeys:
    """``spans`` from the oldest key to the newest; ``signing``: the public half (32 bytes) of the newest."""

    spans: tuple[KeySpan, ...]
    signing: bytes

    @property
    def since(self) -> int:
        """The first entry whose checkpoint the newest key signed, from 1."""
        return (self.spans[-2].until or 1) if len(self.spans) > 1 else 1


def log_keys(connection: Connection, vault: Vault) -> LogKeys:
    """The keys as the rows have them; ``Tampered`` when one was not written by this site.

    Unless ``connection`` holds the write lock, ask before anything else is read: rows older than the keys would miss
    the one that was destroyed in between.
    """
    held, origin = vault.log_signing().public_keys(), origin_of(vault.site)
    retired = []
    for row in connection.execute(select(grants).where(grants.c.kind == LOG_KEY)):
        payload = vault.check(log_key_cell(row.id, row.generation), str(row.payload).encode(), row.mac)
        retired.append((json.loads(payload), bytes.fromhex(row.id)))
    retired.sort(key=lambda one: int(one[0]["until"]))
    signing = bytes.fromhex(retired[-1][0]["next"]) if retired else held[-1]
    spans = [KeySpan(verifier_key(origin, public), told["until"]) for told, public in retired]
    return LogKeys((*spans, KeySpan(verifier_key(origin, signing), None)), signing)


def log_key_cell(name: str, generation: int) -> Cell:
    return Cell("grants", LOG_KEY, name, generation)


def retire(connection: Connection, vault: Vault, generation: int, key: bytes, following: bytes, until: int) -> None:
    """Have ``following`` sign from the checkpoint over ``until`` entries on."""
    name, payload = key.hex(), encode({"until": until, "next": following.hex()})
    mac = vault.authenticate(log_key_cell(name, generation), payload)
    row = {"kind": LOG_KEY, "id": name, "generation": generation, "payload": payload.decode(), "mac": mac}
    connection.execute(insert(grants).values(row))
