"""Who arrived with which move, and who was refused: granted rows, frame by frame, and the receipt that they add up to.

People are named by the tags of the move, which only the two sites can tell apart.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from doorward.adapters.moving.content import MoveHeader
from doorward.adapters.moving.receipt import MovingReceipt, sign_moving_receipt
from doorward.adapters.stores.face.grant_store import Held
from doorward.adapters.stores.face.row_log import RowChanges
from doorward.errors import Conflict, NotFound
from doorward.kernel.ids import MoveId, SiteId
from doorward.wiring.face.backup import signing_keys
from doorward.wiring.face.site import Site

_KIND = "arrival"
_FRAME = "arrival frame"
_TAKEN_MEANWHILE = "Another process took that part of the file at this moment; run this again."


@dataclass(frozen=True, slots=True)
class Arrival:
    """A move as the site knows it where people arrive. ``closed_at``: from when on nobody more is taken for it."""

    move: MoveId
    left: SiteId
    name: str
    purpose: str
    legal_basis: str
    asked_by: str
    approved_by: str
    file: str
    began_at: datetime
    closed_at: datetime | None


@dataclass(slots=True)
class FrameOutcome:
    """Tags of those who were taken, and of those refused with the code why."""

    taken: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)


class Arrivals:
    """Who writes the database makes nobody arrive: rows are authenticated by the vault."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._grants = site.stores.grants

    def all(self) -> Sequence[Arrival]:
        return sorted((_arrival(name, row) for name, row in self._grants.all(_KIND)), key=lambda one: one.began_at)

    def get(self, move: MoveId) -> Arrival | None:
        row = self._grants.get(_KIND, move)
        return None if row is None else _arrival(move, row)

    def begin(self, header: MoveHeader, file: str) -> Arrival:
        """The arrival, begun now if it was not."""
        known = self.get(header.move)
        if known is not None:
            return known
        row = {
            "left": header.card.site,
            "name": header.card.name,
            "purpose": header.purpose,
            "legal_basis": header.legal_basis,
            "asked_by": header.asked_by,
            "approved_by": header.approved_by,
            "file": file,
            "began_at": self._site.stores.vault.clock.now().isoformat(),
            "closed_at": None,
        }
        self._grants.put(_KIND, header.move, row)
        return _arrival(header.move, row)

    def outcome(self, move: MoveId, frame: int) -> FrameOutcome | None:
        """What became of a frame; ``None`` while it was not taken."""
        row = self._grants.get(_FRAME, _part(move, frame))
        return None if row is None else FrameOutcome(row["taken"], row["refused"])

    def store_within(self, connection: Connection, move: MoveId, frame: int, outcome: FrameOutcome) -> None:
        """Keep what became of a frame, in the transaction that stores who was taken; needs the write lock.

        ``Conflict`` when another process did so.
        """
        if self.outcome(move, frame) is not None:
            raise Conflict(_TAKEN_MEANWHILE)
        changed = RowChanges(connection, self._site.stores.vault)
        self._grants.put_within(connection, changed, _FRAME, _part(move, frame), _row(outcome))
        changed.enter()

    def store(self, move: MoveId, frame: int, outcome: FrameOutcome) -> None:
        """``store_within`` for a frame of which nobody was taken."""

        def change(held: Held) -> Held:
            if held[0] is not None:
                raise Conflict(_TAKEN_MEANWHILE)
            return [_row(outcome)]

        self._grants.change(_FRAME, [_part(move, frame)], change)

    def total(self, move: MoveId) -> FrameOutcome:
        """What became of everybody so far."""
        total = FrameOutcome()
        for name, row in self._grants.all(_FRAME):
            if name.startswith(f"{move}:"):
                total.taken += row["taken"]
                total.refused |= row["refused"]
        return total

    def close(self, move: MoveId) -> None:
        """From here on nobody is taken for the move, so that its receipt stays true."""
        now = self._site.stores.vault.clock.now().isoformat()

        def change(held: Held) -> Held | None:
            row = held[0]
            return None if row is None or row["closed_at"] else [{**row, "closed_at": now}]

        self._grants.change(_KIND, [move], change)

    def receipt(self, move: MoveId) -> MovingReceipt:
        """The signed receipt of an arrival that is closed; the same each time. ``NotFound`` before that."""
        held = self.get(move)
        if held is None or held.closed_at is None:
            raise NotFound("People of that move have not all arrived yet; run the import again.")
        total = self.total(move)
        receipt = MovingReceipt(
            move, held.left, self._site.settings.site, sorted(total.taken), total.refused, held.closed_at
        )
        return sign_moving_receipt(receipt, signing_keys(self._site).signer())


def _part(move: MoveId, frame: int) -> str:
    return f"{move}:{frame:07}"


def _row(outcome: FrameOutcome) -> dict[str, object]:
    return {"taken": outcome.taken, "refused": outcome.refused}


def _arrival(move: str, row: Mapping[str, Any]) -> Arrival:
    return Arrival(
        MoveId(move),
        SiteId(row["left"]),
        row["name"],
        row["purpose"],
        row["legal_basis"],
        row["asked_by"],
        row["approved_by"],
        row["file"],
        datetime.fromisoformat(row["began_at"]),
        datetime.fromisoformat(row["closed_at"]) if row["closed_at"] else None,
    )
