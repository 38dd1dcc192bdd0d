"""Writing the file in which people leave for another site: once two signatories agreed, frame by frame.

Who goes is recorded before their frame is written. Cut short, it goes on behind the last frame that is whole. Nothing
of anybody lies on the disk unsealed, and nobody is erased here.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from doorward.adapters.moving.content import MoveHeader, encode_end, encode_header, encode_people
from doorward.adapters.moving.frames import Frame, FrameKind, MovingReader, MovingWriter
from doorward.adapters.stores.face.people_reading import PeopleReader, PersonRead
from doorward.adapters.stores.face.row_log import writing_rows
from doorward.errors import Conflict, ConsentMissing, ExportUnusable, PersonUnknown, Tampered, WrongUse
from doorward.kernel.audit import Actor, AuditEntry
from doorward.kernel.ids import MoveId, PersonId
from doorward.people.moved_person import leaving
from doorward.people.moving import Move, Stage, to_be_written
from doorward.people.person_records import PersonRecords
from doorward.vault.moving import seal_for
from doorward.wiring.face.backup import signing_keys
from doorward.wiring.face.moves import Moves
from doorward.wiring.face.site import Site
from doorward.wiring.face.site_cards import own_card

PEOPLE_A_FRAME = 100
MOST_PHOTOS = 16 * 2**20
"""Bytes of photos with which a frame ends, however few people are in it."""

_TAG_SECRET = "moving tags"  # noqa: S105 - what the secret is for


@dataclass(frozen=True, slots=True)
class Kept:
    """Who was asked for and stays here; ``code`` and ``reason`` hold nothing of what is known of them."""

    person: PersonId
    code: str
    reason: str


@dataclass(slots=True)
class MoveReport:
    """``size``: bytes of the file."""

    move: Move
    size: int = 0
    kept: list[Kept] = field(default_factory=list)


Told = Callable[[int, int], None]
"""How many of how many people are seen to."""


def write_move(
    site: Site, actor: Actor, move_id: MoveId, path: Path, on_progress: Told = lambda _done, _all: None
) -> MoveReport:
    """Write the file of a move that two signatories agreed to, at ``path``; run again, it goes on where it was cut.

    ``Conflict`` when the move is not approved, its time has passed, or ``path`` is taken; ``StorageError`` when it
    cannot be written.
    """
    moves = Moves(site)
    move = to_be_written(moves.get(move_id), site.stores.vault.clock.now())
    path = path.expanduser().absolute()
    if path.resolve().is_relative_to(site.folder):
        raise WrongUse("The file would lie in the site's own folder; name a place outside of it.")
    if move.file != str(path):
        move = _stepped(moves, move, replace(move, file=str(path)))
    run = _Writing(site, actor, moves, move)
    if not _is_there(path, move):
        run.write(path, on_progress)
    return run.concluded(path)


def tag_secret(site: Site, move: MoveId) -> bytes:
    """What the people of a move are named with in its receipt."""
    return site.stores.vault.secret_for(f"{_TAG_SECRET} {move}")


class _Writing:
    def __init__(self, site: Site, actor: Actor, moves: Moves, move: Move) -> None:
        self._site = site
        self._moves = moves
        self._move = move
        self._signer = signing_keys(site).signer()
        self._reader = PeopleReader(site.stores.data, site.stores.vault)
        self._elsewhere = moves.being_moved(but=move.id)
        self._actor = Actor(actor.name, f"{move.purpose} ({move.legal_basis})")
        self._action = (
            f"sealed to be moved to {move.to.name}, asked for by {move.asked_by}, approved by {move.approved_by}"
        )
        self._report = MoveReport(move)

    def write(self, path: Path, on_progress: Told) -> None:
        people = tuple(self._moves.asked_for(self._move.id))
        with MovingWriter(path, self._move.id) as file:
            self._forget_unwritten(file.last)
            if file.last is None:
                frame = file.next_frame(FrameKind.HEADER, 0)
                self._append(file, frame, encode_header(self._header(), frame, self._signer))
            position = file.last.position if file.last else 0
            while position < len(people):
                taken, position = self._next(people, position)
                frame = file.next_frame(FrameKind.PEOPLE, position)
                self._record(frame, [one.person.id for one in taken])
                self._append(file, frame, encode_people(taken, frame, self._move.id, self._signer))
                on_progress(position, len(people))
            if file.last is None or file.last.kind is not FrameKind.END:
                frame = file.next_frame(FrameKind.END, position)
                self._append(file, frame, encode_end(len(self._sent()), frame, self._move.id, self._signer))
            file.finish()

    def concluded(self, path: Path) -> MoveReport:
        """Say that the file is whole: from here on the move waits for its receipt."""
        sent, codes = self._sent(), {one.person: one for one in self._report.kept}
        with MovingReader(path) as file:
            frames, self._report.size = file.check(), file.size
        asked_for = tuple(self._moves.asked_for(self._move.id))
        self._report.kept = [codes.get(one) or self._kept(one) for one in asked_for if one not in sent]
        now = self._site.stores.vault.clock.now()
        told = f"file of {len(sent)} people for {self._move.to.name} written"
        self._site.stores.trail.record(AuditEntry(self._actor, told, None, now))
        after = replace(self._move, stage=Stage.WRITTEN, written_at=now, sent=len(sent), frames=frames)
        self._report.move = _stepped(self._moves, self._move, after)
        self._moves.forget_asked_for(self._move.id)
        return self._report

    def _next(self, people: Sequence[PersonId], position: int) -> tuple[list[PersonRecords], int]:
        """The next frame's people from ``position`` on, and the position behind them."""
        taken: list[PersonRecords] = []
        photos = 0
        wanted = people[position : position + PEOPLE_A_FRAME]
        read = self._reader.read(wanted)
        for person in wanted:
            position += 1
            judged = self._judged(person, read)
            if isinstance(judged, Kept):
                self._report.kept.append(judged)
                continue
            taken.append(judged)
            photos += sum(map(len, judged.photos.values()))
            if photos >= MOST_PHOTOS:
                break
        return taken, position

    def _judged(self, person: PersonId, read: Mapping[PersonId, PersonRead | None]) -> PersonRecords | Kept:
        if person in self._elsewhere:
            return Kept(person, Conflict.code, "This person is being moved elsewhere already.")
        stores = self._site.stores
        try:
            held = read.get(person) or self._read_alone(person)
            return leaving(
                held.person,
                held.consents,
                held.enrolments,
                lambda reference: stores.enrolments.photo(person, reference) if reference in held.with_photo else None,
                stores.vault.clock.now(),
            )
        except (ConsentMissing, PersonUnknown) as error:
            return Kept(person, error.code, error.message)
        except Tampered as error:
            return Kept(person, error.code, "A record of this person does not open.")

    def _read_alone(self, person: PersonId) -> PersonRead:
        """Who is not here, is damaged, or had their key renewed at this moment."""
        stores = self._site.stores
        known, enrolments = stores.people.get(person), stores.enrolments.of(person)
        return PersonRead(known, stores.consents.of(person), enrolments, frozenset(one.id for one in enrolments))

    def _kept(self, person: PersonId) -> Kept:
        """Why somebody whom an earlier run left out is not in the file."""
        judged = self._judged(person, {})
        return judged if isinstance(judged, Kept) else Kept(person, Conflict.code, "The file was written before.")

    def _record(self, frame: Frame, people: Sequence[PersonId]) -> None:
        stores = self._site.stores
        now = stores.vault.clock.now()
        with writing_rows(stores.data, stores.vault) as (connection, changed):
            stores.trail.record_many(connection, [AuditEntry(self._actor, self._action, one, now) for one in people])
            self._moves.sending(connection, changed, self._move.id, frame.number, people)

    def _append(self, file: MovingWriter, frame: Frame, content: bytes) -> None:
        file.append(frame, seal_for(self._move.to.recipient, content, frame.context(self._move.id)))

    def _forget_unwritten(self, last: Frame | None) -> None:
        written = -1 if last is None else last.number
        for frame, _ in list(self._moves.sent(self._move.id)):
            if frame > written:
                self._moves.forget_sent(self._move.id, frame)

    def _sent(self) -> frozenset[PersonId]:
        return frozenset(person for _, people in self._moves.sent(self._move.id) for person in people)

    def _header(self) -> MoveHeader:
        move = self._move
        return MoveHeader(
            move.id,
            own_card(self._site),
            move.to.site,
            move.to.recipient,
            move.purpose,
            move.legal_basis,
            move.asked_by,
            move.approved_by or "",
            tag_secret(self._site, move.id),
        )


def _stepped(moves: Moves, before: Move, after: Move) -> Move:
    moves.step(before, after)
    return after


def _is_there(path: Path, move: Move) -> bool:
    """Whether an earlier run wrote all of the file, and could not say so."""
    if not path.exists():
        return False
    try:
        with MovingReader(path) as file:
            return file.move == move.id and file.check() > 0
    except (ExportUnusable, WrongUse):
        return False
