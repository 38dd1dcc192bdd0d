"""Deliveries in SQLite: marks, passages and counts of many devices in one transaction."""

import hmac
from collections import Counter as Count
from collections.abc import Sequence
from datetime import datetime
from functools import cached_property

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, Engine

from doorward.adapters.stores.face.grant_store import GrantStore
from doorward.adapters.stores.face.passage_store import SqlPassageStore
from doorward.adapters.stores.face.row_log import writing_rows
from doorward.errors import Tampered
from doorward.kernel.ids import CheckpointId, DeviceId, PassageId
from doorward.passages.delivery import Delivery, Taken
from doorward.passages.message_order import Mark, Standing, standing_of
from doorward.passages.passage import Counter
from doorward.vault.vault import Vault

_KIND = "device mark"
_NONCE = 12


class SqlDeliveryStore:
    """``DeliveryStore`` over data.db. A mark's row tells neither its device nor how much that delivered."""

    def __init__(self, engine: Engine, vault: Vault, grants: GrantStore, passages: SqlPassageStore) -> None:
        self._engine = engine
        self._vault = vault
        self._grants = grants
        self._passages = passages

    def take(self, deliveries: Sequence[Delivery], now: datetime) -> Sequence[Taken]:
        self._passages.open_hours([passage for one in deliveries for passage in one.passages])
        with writing_rows(self._engine, self._vault) as (connection, changed):
            marks = self._marks(connection, {one.device for one in deliveries})
            standings, new = [], []
            for delivery in deliveries:
                standing = standing_of(marks.get(delivery.device), delivery.mark, delivery.sent_at, now)
                standings.append(standing)
                if standing is Standing.NEW:
                    marks[delivery.device] = delivery.mark
                    new.append(delivery)
            named = {self._tag(device): marks[device] for device in {one.device for one in new}}
            sealed = {name: self._sealed(name, mark) for name, mark in named.items()}
            self._grants.put_many_within(connection, changed, _KIND, sealed)
            passages = [passage for one in new for passage in one.passages]
            recorded = set(self._passages.add_within(connection, changed, passages))
            counts: Count[tuple[CheckpointId, Counter]] = Count()
            for one in new:
                counts.update(one.counted)
            self._passages.tally_within(connection, counts)
        return [_taken(one, standing, recorded) for one, standing in zip(deliveries, standings, strict=True)]

    def mark(self, device: DeviceId) -> Mark | None:
        with self._engine.connect() as connection:
            return self._marks(connection, {device}).get(device)

    def _marks(self, connection: Connection, devices: set[DeviceId]) -> dict[DeviceId, Mark]:
        names = {self._tag(device): device for device in devices}
        held = self._grants.get_within(connection, _KIND, list(names))
        return {names[name]: self._opened(name, value["sealed"]) for name, value in held.items()}

    def _tag(self, device: DeviceId) -> str:
        return hmac.digest(self._tag_secret, device.encode(), "sha256").hex()

    @cached_property
    def _tag_secret(self) -> bytes:
        return self._vault.secret_for("tags of device marks")

    def _sealed(self, name: str, mark: Mark) -> dict[str, str]:
        nonce = self._vault.randomness.octets(_NONCE)
        plain = mark.counter.to_bytes(8, "big") + mark.digest
        return {"sealed": (nonce + self._cipher.encrypt(nonce, plain, name.encode())).hex()}

    def _opened(self, name: str, sealed: str) -> Mark:
        octets = bytes.fromhex(sealed)
        try:
            plain = self._cipher.decrypt(octets[:_NONCE], octets[_NONCE:], name.encode())
        except InvalidTag:
            raise Tampered("A device's mark does not open; restore data.db and keys.db together.") from None
        return Mark(int.from_bytes(plain[:8], "big"), plain[8:])

    @cached_property
    def _cipher(self) -> AESGCM:
        return AESGCM(self._vault.secret_for("device marks"))


def _taken(delivery: Delivery, standing: Standing, recorded: set[PassageId]) -> Taken:
    is_new = standing is Standing.NEW
    return Taken(standing, sum(passage.id in recorded for passage in delivery.passages) if is_new else 0)
