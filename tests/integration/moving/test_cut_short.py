"""Writing, taking in and erasing cut short: nobody is lost or comes twice, and nobody is erased without a receipt.

Each act is killed, or its disk fails, at calls to the system spread over all that it makes; ``whole_sweep`` takes
every one of them.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from doorward.bench.faults_supervision import Call, Fault, Point
from doorward.errors import DoorwardError
from doorward.kernel.audit import Actor
from doorward.kernel.ids import MoveId, PersonId
from doorward.people.moving import Stage
from doorward.wiring.doctor.finding import Severity
from doorward.wiring.doctor.sealed import check_sealed
from doorward.wiring.face import moved, moving_out
from doorward.wiring.face.moved import answer_move
from doorward.wiring.face.moves import Moves
from doorward.wiring.face.moving_in import import_moved
from doorward.wiring.face.moving_out import write_move
from doorward.wiring.face.site import Site, open_site
from doorward.wiring.face.site_cards import KnownSites, own_card
from known_people import face
from supervised_acts import supervised
from throwaway_sites import PASSPHRASE
from two_sites import known, named_site

NAMES = tuple(f"Person {number}" for number in range(5))
ACTOR = Actor("operator", "test")
NEVER = Point(Fault.ONCE, (Call.WRITE,), 1 << 60)
EVERY_CALL = (Call.WRITE, Call.SYNC, Call.NAME)
FAULTS = {
    "killed": (Fault.KILL, EVERY_CALL),
    "a full disk": (Fault.FOR_GOOD, (Call.WRITE,)),
    "a failing sync": (Fault.ONCE, (Call.SYNC,)),
}


class Ground:
    """Two sites in a folder, and a move between them that two signatories agreed to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def laid_out(self) -> "Ground":
        for name in ("old", "new"):
            named_site(self.folder, name)
        with self.old() as old, self.new() as new:
            people = [known(old, name, photo=b"photo", badge_number=f"B{name}") for name in NAMES]
            known(new, "Another", badge_number=f"B{NAMES[-1]}")
            card = own_card(new)
            KnownSites(old).to_seal_for(ACTOR, card, card.fingerprint)
            KnownSites(new).introduced(ACTOR, own_card(old), own_card(old).fingerprint)
            moves = Moves(old)
            asked = moves.ask(ACTOR, people, card, "purpose", "basis", "Ada")
            moves.approve(asked.id, card.fingerprint, "Grace")
        return self

    def old(self) -> Site:
        return open_site(self.folder / "old", lambda: PASSPHRASE)

    def new(self) -> Site:
        return open_site(self.folder / "new", lambda: PASSPHRASE)

    def copied(self, to: Path) -> "Ground":
        shutil.rmtree(to, ignore_errors=True)
        shutil.copytree(self.folder, to)
        return Ground(to)

    def write(self) -> None:
        with self.old() as site:
            (move,) = Moves(site).all()
            write_move(site, ACTOR, MoveId(move.id), self.folder / "people.moving")

    def take_in(self) -> None:
        with self.new() as site:
            import_moved(site, ACTOR, self.folder / "people.moving", self.folder / "receipt")

    def answer(self) -> None:
        with self.old() as site:
            answer_move(site, ACTOR, self.folder / "receipt")


ACTS: dict[str, Callable[[Ground], None]] = {"write": Ground.write, "take in": Ground.take_in, "answer": Ground.answer}


def whole_people(site: Site) -> dict[str, PersonId]:
    """By name, those of whom everything is there; nothing that the deep check calls critical."""
    assert [one for one in check_sealed(site, lambda _done, _all: None) if one.severity is Severity.CRITICAL] == []
    assert site.stores.auditing.verify().problems == ()
    found = {}
    for person in site.stores.people.all():
        assert person.display_name not in found, "nobody comes twice"
        assert len(site.stores.consents.of(person.id)) == 1
        (reference,) = site.stores.enrolments.of(person.id)
        assert np.array_equal(reference.template.vector, face(sum(person.display_name.encode())).vector)
        found[person.display_name] = person.id
    return found


def examine(ground: Ground, act: str, counted: list[str]) -> None:
    """What the cut left is sound, and the act, and those after it, can be done to their ends."""
    with ground.old() as old, ground.new() as new:
        here, there = whole_people(old), whole_people(new)
        if act != "answer":
            assert here.keys() == set(NAMES), "nobody is erased before the receipt is taken"
        assert here.keys() | there.keys() >= set(NAMES), "everybody is in one of the two"
        counted.append(f"{act}: {len(here)} here, {len(there)} there")
    for later in list(ACTS)[list(ACTS).index(act) :]:
        if not was_done(later, ground):
            ACTS[later](ground)
    with ground.old() as old, ground.new() as new:
        assert whole_people(old).keys() == {NAMES[-1]}, "who was refused stays"
        assert whole_people(new).keys() == {*NAMES[:-1], "Another"}
        assert Moves(old).all()[0].stage is Stage.DONE
        assert list(Moves(old).sent(Moves(old).all()[0].id)) == []
    assert list(ground.folder.glob(".*")) == [], "no unfinished file is left"


def was_done(act: str, ground: Ground) -> bool:
    """Whether it was cut after its last write, and refuses to be done again."""
    with ground.old() as site:
        stage = Moves(site).all()[0].stage
    return stage in {"write": (Stage.WRITTEN, Stage.ERASING, Stage.DONE), "answer": (Stage.DONE,)}.get(act, ())


def ground_before(act: str, folder: Path) -> Ground:
    ground = Ground(folder)
    folder.mkdir()
    ground.laid_out()
    for earlier in list(ACTS)[: list(ACTS).index(act)]:
        ACTS[earlier](ground)
    return ground


def points(act: str, kept: Ground, work: Path, fault: str) -> list[Point]:
    status, calls = supervised(lambda: ACTS[act](kept.copied(work)), NEVER)
    assert status == 0
    kind, which = FAULTS[fault]
    return [Point(kind, which, number + 1) for number in range(sum(calls[call] for call in which))]


def cut_at(act: str, kept: Ground, work: Path, point: Point, counted: list[str]) -> None:
    ground = kept.copied(work)

    def done() -> None:
        with suppress(DoorwardError):
            ACTS[act](ground)

    supervised(done, point)
    examine(ground, act, counted)


@pytest.fixture(scope="module", params=ACTS)
def stage(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Ground]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(moving_out, "PEOPLE_A_FRAME", 2)
        patch.setattr(moved, "BATCH", 2)
        yield request.param, ground_before(request.param, tmp_path_factory.mktemp("moving") / "kept")


@pytest.mark.parametrize("fault", FAULTS)
def test_an_act_that_was_cut_short_is_taken_up_and_loses_nobody(
    stage: tuple[str, Ground], tmp_path: Path, fault: str
) -> None:
    act, kept = stage
    all_of_them, counted = points(act, kept, tmp_path / "work", fault), list[str]()
    wanted = 3 if fault == "killed" else 1
    for point in all_of_them[len(all_of_them) // (wanted + 1) :: max(1, len(all_of_them) // wanted)]:
        cut_at(act, kept, tmp_path / "work", point, counted)


def whole_sweep(folder: Path) -> None:
    """Every point of every act, by hand: ``python -c 'from ... import whole_sweep; whole_sweep(Path(...))'``."""
    moving_out.PEOPLE_A_FRAME = moved.BATCH = 2  # type: ignore[misc] # as the tests have it
    for act in ACTS:
        kept = ground_before(act, folder / act.replace(" ", "-"))
        for fault in FAULTS:
            counted: list[str] = []
            for point in points(act, kept, folder / "work", fault):
                try:
                    cut_at(act, kept, folder / "work", point, counted)
                except (AssertionError, DoorwardError) as error:
                    print(act, fault, point.number, type(error).__name__, error, flush=True)
            print(act, fault, len(counted), "points;", sorted(set(counted)), flush=True)
