"""Legal holds as granted rows, sealed: what they hold under the person's trail, and all of it under the hold."""

import json
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from doorward.adapters.stores.face.grant_store import GrantStore, Held
from doorward.adapters.stores.face.records import encode, passage_from, passage_record
from doorward.errors import Conflict, NotFound
from doorward.kernel.ids import HoldId, PassageId, PersonId
from doorward.passages.legal_hold import LegalHold
from doorward.passages.passage import Passage
from doorward.vault.vault import Cell, Vault

_KIND = "legal hold"
_TAKEN_FURTHER = "Another process took that hold further at this moment; look at it again."
_UNKNOWN = "There is no such legal hold here; `doorward hold list` shows them."


class SqlHoldStore:
    """``HoldStore`` over data.db and, through the vault, keys.db.

    No transaction spans the two: a hold's key is made and looked for under the write lock of the rows.
    """

    def __init__(self, grants: GrantStore, vault: Vault) -> None:
        self._grants = grants
        self._vault = vault
        self._keys = vault.holds()

    def add(self, hold: LegalHold) -> None:
        def change(_held: Held) -> Held:
            self._keys.create(hold.id)
            return [self._row(_record(hold), hold.id)]

        self._grants.change(_KIND, [hold.id], change)

    def get(self, hold: HoldId) -> LegalHold:
        return _hold(hold, self._record_of(hold))

    def all(self) -> Sequence[LegalHold]:
        opened = ((HoldId(name), self._opened(HoldId(name), row)) for name, row in self._grants.all(_KIND))
        found = [_hold(name, record) for name, record in opened if record is not None]
        return sorted(found, key=lambda one: (one.asked_at, one.id))

    def approve(self, approved: LegalHold, passages: Iterable[Passage]) -> None:
        sealed = self._sealed(approved, passages)

        def change(held: Held) -> Held:
            before = None if held[0] is None else self._opened(approved.id, held[0])
            if before is None or _hold(approved.id, before).is_approved:
                raise Conflict(_TAKEN_FURTHER)
            return [self._row({**_record(approved), "passages": sealed}, approved.id)]

        self._grants.change(_KIND, [approved.id], change)

    def take_in(self, hold: HoldId, passages: Iterable[Passage]) -> None:
        def change(held: Held) -> Held | None:
            before = None if held[0] is None else self._opened(hold, held[0])
            if before is None:
                return None
            known = _hold(hold, before)
            kept = {one.id: one for one in self._held(known, before)}
            more = {one.id: one for one in passages}
            if more.keys() <= kept.keys():
                return None
            return [self._row({**before, "passages": self._sealed(known, (kept | more).values())}, hold)]

        self._grants.change(_KIND, [hold], change)

    def passages(self, hold: HoldId) -> Sequence[Passage]:
        record = self._record_of(hold)
        return sorted(self._held(_hold(hold, record), record), key=lambda one: one.at)

    def end(self, hold: LegalHold) -> None:
        def change(held: Held) -> Held:
            record = None if held[0] is None else self._opened(hold.id, held[0])
            if record is not None and _hold(hold.id, record) != hold:
                raise Conflict(_TAKEN_FURTHER)
            self._keys.destroy(hold.id)
            return [None]

        self._grants.change(_KIND, [hold.id], change)

    def tidy(self) -> None:
        """Remove what a crash left: rows whose key is destroyed, keys that have no row."""
        rows, keys = {name for name, _ in self._grants.all(_KIND)}, set(self._keys.held())
        for hold in rows - keys:
            self._grants.remove(_KIND, hold)
        for hold in keys - rows:

            def destroy(held: Held, hold: HoldId = hold) -> None:
                if held[0] is None:
                    self._keys.destroy(hold)

            self._grants.change(_KIND, [hold], destroy)

    def _record_of(self, hold: HoldId) -> Mapping[str, Any]:
        row = self._grants.get(_KIND, hold)
        record = None if row is None else self._opened(hold, row)
        if record is None:
            raise NotFound(_UNKNOWN)
        return record

    def _opened(self, hold: HoldId, row: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """``None`` when the hold's key was destroyed."""
        plain = self._keys.open(hold, b64decode(row["sealed"]))
        return None if plain is None else json.loads(plain)

    def _row(self, record: Mapping[str, object], hold: HoldId) -> Mapping[str, str]:
        with suppress(KeyError):
            return {"sealed": b64encode(self._keys.seal(hold, encode(record))).decode()}
        raise NotFound(_UNKNOWN)

    def _sealed(self, hold: LegalHold, passages: Iterable[Passage]) -> str:
        plain = encode({one.id: passage_record(one).decode() for one in passages})
        sealed = self._vault.trail(hold.person).seal(_cell(hold.id), plain, self._vault.randomness)
        return b64encode(sealed).decode()

    def _held(self, hold: LegalHold, record: Mapping[str, Any]) -> Sequence[Passage]:
        if "passages" not in record:
            return []
        plain = self._vault.trail(hold.person).open(_cell(hold.id), b64decode(record["passages"]))
        held: Mapping[str, str] = json.loads(plain)
        return [passage_from(PassageId(one), hold.person, text.encode()) for one, text in held.items()]


def _cell(hold: HoldId) -> Cell:
    return Cell("grants", "held passages", hold)


def _record(hold: LegalHold) -> dict[str, object]:
    return {
        "person": hold.person,
        "begin": hold.begin.isoformat(),
        "end": hold.end.isoformat(),
        "reason": hold.reason,
        "until": hold.until.isoformat(),
        "asked_by": hold.asked_by,
        "asked_at": hold.asked_at.isoformat(),
        "approved_by": hold.approved_by,
        "approved_at": hold.approved_at and hold.approved_at.isoformat(),
    }


def _hold(name: HoldId, record: Mapping[str, Any]) -> LegalHold:
    return LegalHold(
        name,
        PersonId(record["person"]),
        datetime.fromisoformat(record["begin"]),
        datetime.fromisoformat(record["end"]),
        record["reason"],
        datetime.fromisoformat(record["until"]),
        record["asked_by"],
        datetime.fromisoformat(record["asked_at"]),
        record["approved_by"],
        record["approved_at"] and datetime.fromisoformat(record["approved_at"]),
    )
