"""Moves of people to other sites, from the request to the end: granted rows, so that who writes the database asks none.

Who is in a move stands in rows of their own, by id: first who was asked for, then, frame by frame, who was sent.
"""

from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import count
from typing import Any

from sqlalchemy import Connection

from doorward.adapters.moving.card import SiteCard, compared
from doorward.adapters.stores.face.grant_store import GrantStore, Held
from doorward.adapters.stores.face.row_log import RowChanges
from doorward.errors import Conflict, NotFound, PersonUnknown
from doorward.kernel.audit import Actor, AuditEntry
from doorward.kernel.ids import MoveId, PersonId, SiteId
from doorward.people.moving import Destination, Move, Stage, approved, cancelled, checked_request
from doorward.wiring.face.site import Site

_KIND = "move"
_ASKED_FOR = "move asked for"
_SENT = "move sent"
_TAKEN_FURTHER = "Another process took that move further at this moment; look at it again."
_A_ROW = 1_000
"""People in a row."""


class Moves:
    """What was asked, agreed to, sent and answered. Whose signature it is was found out before."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._grants: GrantStore = site.stores.grants

    def all(self) -> Sequence[Move]:
        """Newest first; ``Tampered`` when a row was not written by this site."""
        return sorted((_move(name, row) for name, row in self._grants.all(_KIND)), key=lambda one: one.asked_at)[::-1]

    def get(self, move: MoveId) -> Move:
        row = self._grants.get(_KIND, move)
        if row is None:
            raise NotFound("There is no such move here; `doorward people move list` shows them.")
        return _move(move, row)

    def ask(
        self, actor: Actor, people: Sequence[PersonId], card: SiteCard, purpose: str, legal_basis: str, by: str
    ) -> Move:
        """Ask, as the signatory ``by``, for ``people`` to be moved to the site of ``card``; nothing is written yet.

        ``PersonUnknown`` when one of them is not here, ``Conflict`` when one is in a move that is not at its end,
        ``UnderLegalHold`` when passages of one are held.
        """
        wanted = sorted(set(people))  # ids are random: in this order they tell nothing
        to = Destination(card.site, card.name, card.recipient, card.identity, card.fingerprint)
        now = self._site.stores.vault.clock.now()
        move_id = MoveId(self._site.stores.randomness.uuid())
        move = checked_request(Move(move_id, to, len(wanted), purpose, legal_basis, by, now))
        if set(wanted) - set(self._site.stores.people.ids()):
            raise PersonUnknown("Somebody among those is not known here; `doorward people list` shows who is.")
        if not set(wanted).isdisjoint(self.being_moved()):
            raise Conflict("Somebody among those is being moved already; see `doorward people move list`.")
        self._site.legal_holds.check_none_held(wanted)
        self.forget_ended()
        for number, begin in enumerate(range(0, len(wanted), _A_ROW)):
            self._grants.put(_ASKED_FOR, _part(move.id, number), {"people": wanted[begin : begin + _A_ROW]})
        self._record(Actor(f"signatory {by}", purpose), f"move of {move.people} people to {to.name} asked for")
        self.put(move)
        return move

    def approve(self, move: MoveId, fingerprint: str, by: str) -> Move:
        """Agree to a move as the signatory ``by``, who compared the other site's ``fingerprint`` too.

        ``CardInvalid`` when it is another site's, ``Forbidden`` or ``Conflict`` when ``by`` or the time is not right.
        """
        asked, now = self.get(move), self._site.stores.vault.clock.now()
        compared(asked.to.fingerprint, fingerprint)
        agreed = approved(asked, by, now)
        told = f"move of {asked.people} people to {asked.to.name}, asked for by {asked.asked_by}, approved"
        self._record(Actor(f"signatory {by}", asked.purpose), told)
        self.step(asked, agreed)
        return agreed

    def cancel(self, actor: Actor, move: MoveId) -> Move:
        """End a move without erasing anybody; who was in it is named here no more."""
        held = self.get(move)
        ended = cancelled(held, self._site.stores.vault.clock.now())
        self._record(actor, f"move of {held.people} people to {held.to.name} cancelled")
        self.end(held, ended)
        return ended

    def step(self, before: Move, after: Move) -> None:
        """Put ``after`` in the place of ``before``; ``Conflict`` when another process was quicker."""

        def change(held: Held) -> Held:
            if held[0] is None or _move(before.id, held[0]) != before:
                raise Conflict(_TAKEN_FURTHER)
            return [_row(after)]

        self._grants.change(_KIND, [before.id], change)

    def end(self, before: Move, after: Move) -> None:
        """``step`` to a move's end; who was in it is named here no more, from the same moment on."""

        def change(held: Mapping[str, Any] | None) -> Mapping[str, Any]:
            if held is None or _move(before.id, held) != before:
                raise Conflict(_TAKEN_FURTHER)
            return _row(after)

        self._grants.end(_KIND, before.id, change, (_ASKED_FOR, _SENT))

    def put(self, move: Move) -> None:
        self._grants.put(_KIND, move.id, _row(move))

    def asked_for(self, move: MoveId) -> Iterator[PersonId]:
        """Who is to be moved, by id."""
        for number in count():
            row = self._grants.get(_ASKED_FOR, _part(move, number))
            if row is None:
                return
            yield from (PersonId(one) for one in row["people"])

    def sent(self, move: MoveId) -> Iterator[tuple[int, Sequence[PersonId]]]:
        """Numbers of frames, and who was sent in each and is not erased yet."""
        prefix = f"{move}:"
        for name, row in self._grants.all(_SENT):
            if name.startswith(prefix):
                yield int(name.removeprefix(prefix)), [PersonId(one) for one in row["people"]]

    def sending(
        self, connection: Connection, changed: RowChanges, move: MoveId, frame: int, people: Sequence[PersonId]
    ) -> None:
        """Who is about to be sent in a frame, in the caller's transaction, which enters ``changed`` in the log."""
        self._grants.put_within(connection, changed, _SENT, _part(move, frame), {"people": people})

    def forget_sent(self, move: MoveId, frame: int) -> None:
        self._grants.remove(_SENT, _part(move, frame))

    def forget_asked_for(self, move: MoveId) -> None:
        for number in count():
            if not self._grants.remove(_ASKED_FOR, _part(move, number)):
                return

    def forget_ended(self) -> None:
        """Name nobody here who was in a move that is at its end, or in a request that was cut short."""
        named = {move.id for move in self.all() if move.stage not in (Stage.DONE, Stage.CANCELLED)}
        for kind in (_ASKED_FOR, _SENT):
            for name in [name for name, _ in self._grants.all(kind)]:
                if name.partition(":")[0] not in named:
                    self._grants.remove(kind, name)

    def being_moved(self, but: MoveId | None = None) -> frozenset[PersonId]:
        """Whoever is in a move that is not at its end, the move ``but`` left out."""
        now = self._site.stores.vault.clock.now()
        running = {move.id for move in self.all() if move.is_running(now)} - {but}
        found: set[PersonId] = set()
        for kind in (_ASKED_FOR, _SENT):
            for name, row in self._grants.all(kind):
                if name.partition(":")[0] in running:
                    found.update(PersonId(one) for one in row["people"])
        return frozenset(found)

    def _record(self, actor: Actor, action: str) -> None:
        trail = self._site.stores.trail
        trail.record(AuditEntry(actor, action, None, self._site.stores.vault.clock.now()))


def _part(move: MoveId, number: int) -> str:
    return f"{move}:{number:07}"


def _row(move: Move) -> dict[str, object]:
    return {
        "to": {
            "site": move.to.site,
            "name": move.to.name,
            "recipient": b64encode(move.to.recipient).decode(),
            "identity": move.to.identity,
            "fingerprint": move.to.fingerprint,
        },
        "people": move.people,
        "purpose": move.purpose,
        "legal_basis": move.legal_basis,
        "asked_by": move.asked_by,
        "asked_at": move.asked_at.isoformat(),
        "stage": move.stage.value,
        "approved_by": move.approved_by,
        "approved_at": move.approved_at and move.approved_at.isoformat(),
        "file": move.file,
        "written_at": move.written_at and move.written_at.isoformat(),
        "sent": move.sent,
        "frames": move.frames,
        "receipt": move.receipt,
        "taken": move.taken,
        "ended_at": move.ended_at and move.ended_at.isoformat(),
        "gone_before": move.gone_before,
        "withdrew": move.withdrew,
    }


def _move(name: str, row: Mapping[str, Any]) -> Move:
    to = row["to"]
    return Move(
        MoveId(name),
        Destination(SiteId(to["site"]), to["name"], b64decode(to["recipient"]), to["identity"], to["fingerprint"]),
        row["people"],
        row["purpose"],
        row["legal_basis"],
        row["asked_by"],
        datetime.fromisoformat(row["asked_at"]),
        Stage(row["stage"]),
        row["approved_by"],
        _moment(row["approved_at"]),
        row["file"],
        _moment(row["written_at"]),
        row["sent"],
        row["frames"],
        row["receipt"],
        row["taken"],
        _moment(row["ended_at"]),
        tuple(map(PersonId, row["gone_before"])),
        tuple(map(PersonId, row["withdrew"])),
    )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
