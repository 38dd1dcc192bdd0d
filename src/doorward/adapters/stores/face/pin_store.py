"""PINs in SQLite: Argon2id hashes with a salt of their own, in the person's sealed record."""

import hmac
from base64 import b64decode, b64encode
from collections.abc import Collection
from typing import Any

from argon2.low_level import Type, hash_secret_raw
from sqlalchemy import Engine

from doorward.adapters.stores.face.person_cells import Beside, Change, change_beside, read_beside, read_settled
from doorward.adapters.stores.face.row_log import writing_rows
from doorward.kernel.ids import PersonId
from doorward.vault.passphrase import RFC_9106_SECOND, SALT_LENGTH, Argon2Cost
from doorward.vault.vault import Vault

_NAME = "pin"
_HASH_LENGTH = 32
_FEWEST_LOOKED_AT = 2
"""A pair of lookalikes: as many hashes are made at least, so that one person alone takes no less time."""


class SqlPinStore:
    """``PinStore`` over data.db."""

    def __init__(self, engine: Engine, vault: Vault, cost: Argon2Cost = RFC_9106_SECOND) -> None:
        self._engine = engine
        self._vault = vault
        self._cost = cost

    def put(self, person: PersonId, digits: str) -> None:
        salt = self._vault.randomness.octets(SALT_LENGTH)
        octets = b64encode(salt + _hash(digits, salt, self._cost)).decode()
        held = [octets, self._cost.memory_kib, self._cost.passes, self._cost.lanes]
        self._change(person, lambda beside: {**beside, _NAME: held})

    def remove(self, person: PersonId) -> None:
        if self.has(person):
            self._change(person, lambda beside: {name: value for name, value in beside.items() if name != _NAME})

    def has(self, person: PersonId) -> bool:
        return self._held(person) is not None

    def holders(self, people: Collection[PersonId], digits: str) -> frozenset[PersonId]:
        nobodys = [b64encode(bytes(SALT_LENGTH + _HASH_LENGTH)).decode(), *_numbers(self._cost)]
        found = {person: self._held(person) for person in people}
        padding = [nobodys] * (_FEWEST_LOOKED_AT - len(found))
        matching = [_is(digits, held or nobodys) and held is not None for held in (*found.values(), *padding)]
        return frozenset(person for person, matches in zip(found, matching, strict=False) if matches)

    def _held(self, person: PersonId) -> list[Any] | None:
        return (read_settled(lambda: self._beside(person)) or {}).get(_NAME)

    def _beside(self, person: PersonId) -> Beside | None:
        with self._engine.connect() as connection:
            return read_beside(connection, self._vault, person)

    def _change(self, person: PersonId, change: Change) -> None:
        with writing_rows(self._engine, self._vault) as (connection, changed):
            change_beside(connection, changed, self._vault, person, change)


def _numbers(cost: Argon2Cost) -> tuple[int, int, int]:
    return cost.memory_kib, cost.passes, cost.lanes


def _is(digits: str, held: list[Any]) -> bool:
    octets, *numbers = held
    salt_and_hash = b64decode(octets)
    salt, wanted = salt_and_hash[:SALT_LENGTH], salt_and_hash[SALT_LENGTH:]
    return hmac.compare_digest(_hash(digits, salt, Argon2Cost(*numbers)), wanted)


def _hash(digits: str, salt: bytes, cost: Argon2Cost) -> bytes:
    return hash_secret_raw(digits.encode(), salt, cost.passes, cost.memory_kib, cost.lanes, _HASH_LENGTH, Type.ID)
