"""Taking in people who were moved here: each with their consents, every reference pending, exactly once.

A frame's people are stored in one transaction with what became of them; after a crash the next run goes on behind it.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Connection

from doorward.adapters.backup.files import write_whole
from doorward.adapters.moving.content import MoveHeader, decode_end, decode_header, decode_people, tag_of
from doorward.adapters.moving.frames import Frame, FrameKind, MovingReader
from doorward.adapters.moving.receipt import encode_moving_receipt
from doorward.adapters.stores.face.bulk import BulkStore
from doorward.adapters.stores.face.row_log import NewcomersLog
from doorward.errors import Conflict, ExportUnusable, Forbidden, NotFound, WrongKey, WrongUse
from doorward.kernel.audit import Actor, AuditEntry
from doorward.kernel.ids import PersonId
from doorward.people.person import EVERYONE
from doorward.people.person_records import PersonRecords
from doorward.wiring.face.arrival_judging import ArrivalJudge
from doorward.wiring.face.arrivals import Arrival, Arrivals, FrameOutcome
from doorward.wiring.face.site import Site
from doorward.wiring.face.site_cards import KnownSites

_TRIES = 5
_ALTERED = "This file of people holds more or fewer than it says; take nothing more from it, and tell the other site."


@dataclass(frozen=True, slots=True)
class NotTaken:
    """Somebody stays where they were. ``person``: their id there; ``code`` and ``reason`` hold nothing else of them."""

    person: PersonId
    code: str
    reason: str


@dataclass(slots=True)
class ArrivalReport:
    """``refused``: of this run; ``all_refused`` counts those of earlier runs too.

    ``pending``: references that wait for their person, of this run; ``other_models``: those among them that another
    model made than the one in use, by that model. ``groups``: how many came with a membership of each.
    """

    name: str
    taken: int = 0
    already_in: int = 0
    pending: int = 0
    all_refused: int = 0
    refused: list[NotTaken] = field(default_factory=list)
    groups: Counter[str] = field(default_factory=Counter)
    other_models: Counter[str] = field(default_factory=Counter)

    @property
    def people(self) -> int:
        return self.taken + self.already_in + self.all_refused


AskFingerprint = Callable[[str], str | None]
"""Given the name that the other site goes by: the fingerprint that somebody typed, or ``None``."""
Told = Callable[[int, ArrivalReport], None]
"""Bytes of the file that are done, and the report so far."""


def import_moved(
    site: Site,
    actor: Actor,
    path: Path,
    receipt: Path,
    ask: AskFingerprint = lambda _name: None,
    on_progress: Told = lambda _end, _report: None,
) -> ArrivalReport:
    """Take in the people of the file at ``path``, and write what was taken to ``receipt`` once it is all of them.

    ``WrongKey`` when it is sealed for another site, ``ExportUnusable`` when it is damaged, cut short or altered,
    ``NotFound`` or ``CardInvalid`` when the site that wrote it is not known here, or is another than it was.
    """
    with MovingReader(path) as file:
        file.check()
        header = _header(site, actor, file, ask)
        report = _Taking(site, actor, header, file).run(path, on_progress)
    octets = encode_moving_receipt(Arrivals(site).receipt(header.move))
    write_whole(receipt, lambda opened: opened.write(octets), replace=True)
    return report


def _header(site: Site, actor: Actor, file: MovingReader, ask: AskFingerprint) -> MoveHeader:
    frame, sealed = next(file.frames())
    opened = site.stores.vault.moving().open(sealed, frame.context(file.move))
    if opened is None:
        raise WrongKey(
            "This file is sealed for another site, or for a key that this site has given up; let the other site seal "
            "it for this one's newest card."
        )
    header = decode_header(opened, frame, file.move, site.stores.vault.moving().public_keys())
    known = KnownSites(site)
    try:
        known.recognised(header.card)
    except NotFound:
        fingerprint = ask(header.card.name)
        if fingerprint is None:
            raise
        known.introduced(actor, header.card, fingerprint)
    if header.to != site.settings.site:
        raise ExportUnusable("This file names another site than this one as the place where people are to arrive.")
    return header


@dataclass(slots=True)
class _Judged:
    """A frame's people before they are stored."""

    newcomers: list[PersonRecords] = field(default_factory=list)
    outcome: FrameOutcome = field(default_factory=FrameOutcome)
    refused: list[NotTaken] = field(default_factory=list)


class _Taking:
    def __init__(self, site: Site, actor: Actor, header: MoveHeader, file: MovingReader) -> None:
        self._site = site
        self._actor = actor
        self._header = header
        self._file = file
        self._arrivals = Arrivals(site)
        self._judge = ArrivalJudge(site, header.card.name)
        self._report = ArrivalReport(header.card.name)

    def run(self, path: Path, on_progress: Told) -> ArrivalReport:
        arrival = self._arrivals.begin(self._header, str(path.expanduser().absolute()))
        if arrival.closed_at is None:
            self._site.stores.trail.record(self._entry(f"import of people moved from {arrival.name} begun", None))
        for frame, sealed in self._file.frames():
            if frame.kind is FrameKind.PEOPLE:
                self._take(arrival, frame, sealed)
                on_progress(self._file.done, self._report)
            elif frame.kind is FrameKind.END and arrival.closed_at is None:
                self._close(frame, sealed)
        return self._report

    def _take(self, arrival: Arrival, frame: Frame, sealed: bytes) -> None:
        known = self._arrivals.outcome(arrival.move, frame.number)
        if known is not None:
            self._report.already_in += len(known.taken)
            self._report.all_refused += len(known.refused)
            return
        if arrival.closed_at is not None:
            raise ExportUnusable(_ALTERED)
        people = decode_people(self._opened(frame, sealed), frame, self._header)
        for _ in range(_TRIES):
            judged = self._judged(people)
            try:
                self._store(frame, judged)
            except Conflict:  # somebody came in between by another hand: judge again
                continue
            self._count(judged)
            return
        raise Conflict("Other processes add people at the same time; run this again when they are done.")

    def _judged(self, people: Sequence[PersonRecords]) -> _Judged:
        judged, among = _Judged(), self._judge.among(people)
        for one in people:
            tag = tag_of(self._header.secret, one.person.id)
            try:
                judged.newcomers.append(self._judge.judged(one, among))
            except (WrongUse, Forbidden, Conflict) as error:
                judged.outcome.refused[tag] = error.code
                judged.refused.append(NotTaken(one.person.id, error.code, error.message))
            else:
                judged.outcome.taken.append(tag)
        return judged

    def _store(self, frame: Frame, judged: _Judged) -> None:
        stores, move, outcome = self._site.stores, self._header.move, judged.outcome
        if not judged.newcomers:
            self._arrivals.store(move, frame.number, outcome)
            return

        def record(connection: Connection, people: Sequence[PersonId]) -> None:
            action = f"moved here from {self._header.card.name}"
            stores.trail.record_many(connection, [self._entry(action, person) for person in people])
            self._arrivals.store_within(connection, move, frame.number, outcome)

        BulkStore(stores.data, stores.vault, NewcomersLog(stores.vault), record).add(judged.newcomers)

    def _count(self, judged: _Judged) -> None:
        report = self._report
        report.taken += len(judged.newcomers)
        report.refused += judged.refused
        report.all_refused += len(judged.refused)
        for one in judged.newcomers:
            report.groups.update({held.group for held in one.person.memberships} - {EVERYONE})
            for reference in one.enrolments:
                report.pending += 1
                if not self._judge.is_of_model_in_use(reference.template):
                    report.other_models[reference.template.origin.model] += 1

    def _close(self, frame: Frame, sealed: bytes) -> None:
        total = self._arrivals.total(self._header.move)
        if decode_end(self._opened(frame, sealed), frame, self._header) != len(total.taken) + len(total.refused):
            raise ExportUnusable(_ALTERED)
        self._site.stores.trail.record(
            self._entry(f"people moved from {self._header.card.name}: {len(total.taken)} taken in", None)
        )
        self._arrivals.close(self._header.move)

    def _opened(self, frame: Frame, sealed: bytes) -> bytes:
        opened = self._site.stores.vault.moving().open(sealed, frame.context(self._header.move))
        if opened is None:
            raise ExportUnusable("A part of this file does not open: it was altered; get it again from the other site.")
        return opened

    def _entry(self, action: str, about: PersonId | None) -> AuditEntry:
        return AuditEntry(self._actor, action, about, self._site.stores.vault.clock.now())
