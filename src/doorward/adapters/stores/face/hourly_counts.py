"""How many passages an hour had at each checkpoint: a row tells the hour, and neither the checkpoint nor the count."""

import hmac
import json
from collections import Counter as Count
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import TypeVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, delete, select

from doorward.adapters.stores.face.tables import hourly_counts
from doorward.errors import Tampered
from doorward.kernel.ids import CheckpointId
from doorward.passages.passage import Passage
from doorward.vault.vault import Vault, epoch_of

# The driver's own statements, for they are run with every passage.
_HELD = "SELECT tag, record FROM hourly_counts WHERE tag IN (SELECT value FROM json_each(?))"
_PUT = (
    "INSERT INTO hourly_counts (tag, hour, record) VALUES (?, ?, ?) "
    "ON CONFLICT (tag) DO UPDATE SET record = excluded.record"
)
_NONCE, _COUNT = 12, 8
_MOST_KEPT = 4_096
"""Tags, and ciphers, that are not made again for every passage."""

K = TypeVar("K")
V = TypeVar("V")


class HourlyCounts:
    """Kept under a secret of the site, a key an hour: no person's key is asked for."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._ciphers: dict[str, AESGCM] = {}
        self._tags: dict[tuple[str, CheckpointId], str] = {}

    def add_within(self, connection: Connection, passages: Sequence[Passage]) -> None:
        """Count ``passages`` in the caller's transaction, which holds the write lock."""
        more = Count((epoch_of(one.at), one.checkpoint) for one in passages)
        if not more:
            return
        tags = {self._tag(*which): which for which in more}
        held = dict(tuple(row) for row in connection.exec_driver_sql(_HELD, (json.dumps(list(tags)),)))
        nonces = self._vault.randomness.octets(_NONCE * len(tags))
        rows = []
        for begin, (tag, (hour, checkpoint)) in zip(range(0, len(nonces), _NONCE), tags.items(), strict=True):
            before = self._opened(hour, tag, held[tag])[1] if tag in held else 0
            plain = (before + more[hour, checkpoint]).to_bytes(_COUNT, "big") + checkpoint.encode()
            nonce = nonces[begin : begin + _NONCE]
            rows.append((tag, hour, nonce + self._cipher(hour).encrypt(nonce, plain, tag.encode())))
        connection.exec_driver_sql(_PUT, rows)

    def between(
        self, connection: Connection, begin: datetime, end: datetime
    ) -> Mapping[tuple[datetime, CheckpointId], int]:
        """Counts of the hours from ``begin`` (included) to ``end`` (not), by the hour's beginning and checkpoint."""
        hours = (hourly_counts.c.hour >= epoch_of(begin)) & (hourly_counts.c.hour < epoch_of(end))
        found: dict[tuple[datetime, CheckpointId], int] = {}
        for row in connection.execute(select(hourly_counts).where(hours)):
            checkpoint, count = self._opened(row.hour, row.tag, row.record)
            found[datetime.fromisoformat(f"{row.hour}:00+00:00"), checkpoint] = count
        return found

    def drop_within(self, connection: Connection, moment: datetime) -> None:
        connection.execute(delete(hourly_counts).where(hourly_counts.c.hour < epoch_of(moment)))

    def _tag(self, hour: str, checkpoint: CheckpointId) -> str:
        tag = self._tags.get((hour, checkpoint))
        if tag is None:
            tag = hmac.digest(self._secret, f"tag {hour} {checkpoint}".encode(), "sha256").hex()
            _keep(self._tags, (hour, checkpoint), tag)
        return tag

    def _cipher(self, hour: str) -> AESGCM:
        cipher = self._ciphers.get(hour)
        if cipher is None:
            cipher = AESGCM(hmac.digest(self._secret, f"key {hour}".encode(), "sha256"))
            _keep(self._ciphers, hour, cipher)
        return cipher

    def _opened(self, hour: str, tag: str, sealed: bytes) -> tuple[CheckpointId, int]:
        try:
            plain = self._cipher(hour).decrypt(sealed[:_NONCE], sealed[_NONCE:], tag.encode())
        except (InvalidTag, TypeError, ValueError):  # a forged cell may hold text or a number too
            raise Tampered("A count of passages does not open; restore data.db and keys.db together.") from None
        return CheckpointId(plain[_COUNT:].decode()), int.from_bytes(plain[:_COUNT], "big")

    @cached_property
    def _secret(self) -> bytes:
        return self._vault.secret_for("hourly counts of passages")


def _keep(kept: dict[K, V], name: K, value: V) -> None:
    """Begin anew rather than keep ever more; threads may both do so, and make the same again."""
    if len(kept) >= _MOST_KEPT:
        kept.clear()
    kept[name] = value
