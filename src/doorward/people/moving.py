"""A move of people to another site: who has to agree to it, and what may happen in which order."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from doorward.errors import Conflict, Forbidden, WrongUse
from doorward.kernel.ids import MoveId, PersonId, SiteId
from doorward.people.person import is_plain

LIFETIME = timedelta(days=7)
"""Within which a request is approved and its file written."""
LONGEST_NAME = 60
"""Characters of a site's or a signatory's name: both stand in the log."""


class Stage(StrEnum):
    """How far a move has come at the site that people leave."""

    ASKED = "asked"
    APPROVED = "approved"
    WRITTEN = "written"
    ERASING = "erasing"
    DONE = "done"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Destination:
    """The site that people are moved to. ``recipient``: its public key; ``identity``: its signing key (hexadecimal)."""

    site: SiteId
    name: str
    recipient: bytes
    identity: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Move:
    """A move, from the request to its end. ``people``: how many were asked for; ``ends_at``: see ``LIFETIME``.

    ``file``: where the export was written. ``sent``: how many people are in it, ``frames`` in how many pieces.
    ``receipt``: SHA-256 (hexadecimal) of what the receipt says that ended it. ``taken``: how many it says were taken.
    ``gone_before``: those of them who were erased here before the receipt came; ``withdrew``: whose consent was
    withdrawn here since the file was written. The other site has both all the same, until it is told.
    """

    id: MoveId
    to: Destination
    people: int
    purpose: str
    legal_basis: str
    asked_by: str
    asked_at: datetime
    stage: Stage = Stage.ASKED
    approved_by: str | None = None
    approved_at: datetime | None = None
    file: str | None = None
    written_at: datetime | None = None
    sent: int = 0
    frames: int = 0
    receipt: str | None = None
    taken: int = 0
    ended_at: datetime | None = None
    gone_before: tuple[PersonId, ...] = ()
    withdrew: tuple[PersonId, ...] = ()

    @property
    def ends_at(self) -> datetime:
        return self.asked_at + LIFETIME

    def is_running(self, now: datetime) -> bool:
        """Whether it may still go on: neither at its end, nor past its time before the file was written."""
        if self.stage in (Stage.ASKED, Stage.APPROVED):
            return now < self.ends_at
        return self.stage in (Stage.WRITTEN, Stage.ERASING)


def checked_request(move: Move) -> Move:
    """``move`` itself; ``WrongUse`` when it asks for nobody, or does not say why and by which right."""
    if move.people < 1:
        raise WrongUse("Nobody would be moved; name people by their ids, or --all.")
    for text in (move.purpose, move.legal_basis):
        if not text.strip() or not is_plain(text):
            raise WrongUse("A move needs its purpose and its legal basis, each in one line; people can see both.")
    return move


def approved(move: Move, by: str, now: datetime) -> Move:
    """The move with its second signature. ``Forbidden`` from who asked for it, ``Conflict`` when it is too late."""
    _in_time(move, Stage.ASKED, now)
    if by.casefold() == move.asked_by.casefold():
        raise Forbidden("Who asked for a move cannot approve it; another signatory has to.")
    return replace(move, stage=Stage.APPROVED, approved_by=by, approved_at=now)


def to_be_written(move: Move, now: datetime) -> Move:
    """``move`` itself; ``Conflict`` unless two signatories agreed to it and its time has not passed."""
    return _in_time(move, Stage.APPROVED, now)


def to_be_answered(move: Move, receipt: str) -> Move:
    """The move as its erasures begin; itself when they began for the same receipt. ``Conflict`` otherwise."""
    if move.stage is Stage.ERASING and move.receipt == receipt:
        return move
    if move.stage is not Stage.WRITTEN:
        raise Conflict(f"This move is {move.stage.value}: it waits for no receipt. Nobody was erased.")
    return replace(move, stage=Stage.ERASING, receipt=receipt)


def cancelled(move: Move, now: datetime) -> Move:
    """The move ended without anybody being erased; ``Conflict`` once a receipt was taken for it."""
    if move.stage in (Stage.ERASING, Stage.DONE, Stage.CANCELLED):
        raise Conflict(f"This move is {move.stage.value} and cannot be cancelled any more.")
    return replace(move, stage=Stage.CANCELLED, ended_at=now)


def _in_time(move: Move, stage: Stage, now: datetime) -> Move:
    if move.stage is not stage:
        wanted = {Stage.ASKED: "asked for", Stage.APPROVED: "approved"}[stage]
        raise Conflict(f"This move is {move.stage.value}; only one that is {wanted} can be taken further here.")
    if now >= move.ends_at:
        raise Conflict(f"This request ended on {move.ends_at:%Y-%m-%d}; ask for the move anew.")
    return move
