"""The receipt of people who were moved: whom the other site took is erased here, and nobody else.

What is to be done is recorded before the first person is erased. Cut short, the same receipt goes on where it was.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from doorward.adapters.moving.content import tag_of
from doorward.adapters.moving.receipt import LARGEST, MovingReceipt, checked_receipt, decode_moving_receipt
from doorward.adapters.stores.face.bulk_erasure import BATCH
from doorward.adapters.stores.face.people_reading import PeopleReader
from doorward.errors import KeyRemnant, ReceiptInvalid, UnderLegalHold, WrongUse
from doorward.kernel.audit import Actor, AuditEntry
from doorward.kernel.ids import PersonId
from doorward.people.moving import Move, Stage, to_be_answered
from doorward.wiring.face.erasing import hand_out
from doorward.wiring.face.moves import Moves
from doorward.wiring.face.moving_out import Kept, tag_secret
from doorward.wiring.face.site import Site

_REASONS = {
    "consent_missing": "The other site found no consent in force that covers what was sent.",
    "conflict": "Somebody else there holds a number of theirs.",
    "already_enrolled": "Their face is enrolled there as somebody else.",
}

_HELD = "Passages of theirs are under a legal hold here; erase them when it has ended."


@dataclass(slots=True)
class MovedReport:
    """``erased``: in this run. ``remnants``: of the key of one of them something may be left, see `people erase`.

    ``kept``: who was sent and stays: not taken, or under a legal hold here. ``ledger_handed_out`` as after any erasure.
    """

    move: Move
    erased: int = 0
    remnants: list[PersonId] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)
    ledger_handed_out: bool = True


Told = Callable[[int, int], None]
"""How many of how many of those who were sent are seen to."""


def answer_move(
    site: Site, actor: Actor, receipt_file: Path, on_progress: Told = lambda _done, _all: None
) -> MovedReport:
    """Erase whom the receipt in the file says that the other site took.

    ``ReceiptInvalid`` when it was altered, is another site's, or names others than were sent; ``NotFound`` when no
    such move is known here, ``Conflict`` when it waits for no receipt. Then nobody is erased.
    """
    return _Answering(site, actor, receipt_file).run(on_progress)


class _Answering:
    def __init__(self, site: Site, actor: Actor, receipt_file: Path) -> None:
        self._site = site
        self._actor = actor
        self._moves = Moves(site)
        self._receipt = read_moving_receipt(receipt_file)
        move = self._moves.get(self._receipt.move)
        checked_receipt(self._receipt, site.settings.site, move.to.site, move.to.identity)
        secret = tag_secret(site, move.id)
        sent = [person for _, people in self._moves.sent(move.id) for person in people]
        self._sent = {tag_of(secret, person): person for person in sent}
        self._move = move

    def run(self, on_progress: Told) -> MovedReport:
        report = MovedReport(self._begun())
        taken = [self._sent[tag] for tag in self._receipt.taken]
        for begin in range(0, len(taken), BATCH):
            self._erase(taken[begin : begin + BATCH], report)
            on_progress(min(begin + BATCH, len(taken)), len(taken))
        report.kept += [self._kept(tag) for tag in self._sent.keys() - set(self._receipt.taken)]
        report.ledger_handed_out = hand_out(self._site)
        report.move = self._ended(len(taken) - sum(one.code == UnderLegalHold.code for one in report.kept))
        return report

    def _begun(self) -> Move:
        """The receipt is held against everybody who was sent, then what it asks for is recorded."""
        move = to_be_answered(self._move, self._receipt.digest)
        if not {*self._receipt.taken, *self._receipt.refused} <= self._sent.keys():
            raise ReceiptInvalid("This receipt names people who were not sent in that move; nobody is erased.")
        if move.stage is not self._move.stage:
            taken = [self._sent[tag] for tag in self._receipt.taken]
            here, withdrew = self._state_of(taken)
            gone = tuple(person for person in taken if person not in here)
            move = replace(move, taken=len(taken), gone_before=gone, withdrew=withdrew)
            self._record(f"receipt from {move.to.name}: {len(taken)} of {move.sent} people taken, to be erased here")
            self._moves.step(self._move, move)
        self._move = move
        return move

    def _erase(self, people: Sequence[PersonId], report: MovedReport) -> None:
        """Whoever of them is still here: an earlier run, or another hand, may have erased some."""
        stores = self._site.stores
        held = self._site.legal_holds.held_among(people)
        report.kept += [Kept(person, UnderLegalHold.code, _HELD) for person in held]
        here = sorted(stores.people.here_among(people) - held.keys())
        now = stores.vault.clock.now()
        stores.trail.record_all([AuditEntry(self._actor, "person erased", None, now) for _ in here])
        try:
            stores.people.erase_many(here)
        except KeyRemnant:
            report.remnants += here
        report.erased += len(here)

    def _ended(self, erased: int) -> Move:
        ended = replace(self._move, stage=Stage.DONE, ended_at=self._site.stores.vault.clock.now())
        self._record(f"move to {ended.to.name} at its end: {erased} people erased here")
        self._moves.end(self._move, ended)
        return ended

    def _kept(self, tag: str) -> Kept:
        code = self._receipt.refused.get(tag, "conflict")
        return Kept(self._sent[tag], code, _REASONS.get(code, "The other site did not take them."))

    def _state_of(self, people: Sequence[PersonId]) -> tuple[frozenset[PersonId], tuple[PersonId, ...]]:
        """Who is still here, and whose consent was withdrawn since the file was written."""
        stores, written = self._site.stores, self._move.written_at
        reader = PeopleReader(stores.data, stores.vault)
        here: set[PersonId] = set()
        withdrew: list[PersonId] = []
        for begin in range(0, len(people), BATCH):
            batch = people[begin : begin + BATCH]
            here |= stores.people.here_among(batch)
            for person, read in reader.read(batch).items():
                withdrawn = [one.withdrawn_at for one in (read.consents if read else ()) if one.withdrawn_at]
                if written and any(moment > written for moment in withdrawn):
                    withdrew.append(person)
        return frozenset(here), tuple(withdrew)

    def _record(self, action: str) -> None:
        trail = self._site.stores.trail
        trail.record(AuditEntry(self._actor, action, None, self._site.stores.vault.clock.now()))


def read_moving_receipt(path: Path) -> MovingReceipt:
    """What the file at ``path`` says; ``WrongUse`` when it cannot be read, ``ReceiptInvalid`` when it is none."""
    try:
        with path.open("rb") as file:
            octets = file.read(LARGEST + 1)
    except OSError:
        raise WrongUse(f"The receipt {path} cannot be read; check its name and rights.") from None
    if len(octets) > LARGEST:
        raise WrongUse(f"The receipt {path} is too large; name the file that the other site's import wrote.")
    return decode_moving_receipt(octets)
