"""Each act cut short at each write, sync and change of a name that it asks the system for, one after another."""

import random
import shutil
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import deepcopy
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from doorward.bench.faults import Ground, Nursery, Result, nursery
from doorward.bench.faults_acts import BY_NAME, Acts
from doorward.bench.faults_check import Faults, check
from doorward.bench.faults_supervision import Call, Fault, Point
from doorward.bench.faults_told import Told
from doorward.bench.faults_worker import RESTORE
from doorward.errors import DoorwardError
from doorward.wiring.face.restoring import BackupSet, restore
from doorward.wiring.face.site import open_site
from doorward.wiring.serving import site_transport

_PEOPLE = 3
_FIRST = 100
"""The number of whoever an act adds."""

NOWHERE = Point(Fault.ONCE, (Call.WRITE,), 1 << 60)
"""An act that is told to be cut short here is done to its end."""

_FAULTS = (
    (Fault.ONCE, (Call.WRITE,)),
    (Fault.FOR_GOOD, (Call.WRITE,)),
    (Fault.ONCE, (Call.SYNC,)),
    (Fault.FOR_GOOD, (Call.SYNC,)),
    (Fault.KILL, (Call.WRITE, Call.SYNC, Call.NAME)),
)


class Stage:
    """A site with a few people that is put back as it was before each act."""

    def __init__(self, folder: Path, children: Nursery, seed: int) -> None:
        self._children = children
        self._seed = seed
        self._place, self._kept = folder / "ground", folder / "kept"
        self._place.mkdir()
        self._ground = Ground.laid_out(self._place)
        self._again = self._place / "again"
        self._told = Told()
        with open_site(self._ground.site, lambda: "") as site:
            acts = Acts(site, self._ground.backups, self._ground.recipient, 0, self._chance(), self._hear)
            for _ in range(_PEOPLE):
                acts.enrol()
            acts.pass_by()
            acts.back_up()
        self._told.acknowledged, self._told.backup = 0, None
        self._place.rename(self._kept)

    def points(self) -> Iterator[tuple[str, Point]]:
        """Every point of every act."""
        for act in (*BY_NAME, RESTORE):
            self.put_back()
            *_, (_, _, counts) = self.cut_short(act, NOWHERE)
            for fault, calls in _FAULTS:
                for number in range(sum(counts[call] for call in calls)):
                    yield act, Point(fault, calls, number + 1)

    def examine(self, act: str, told_lines: Iterable[Sequence[Any]]) -> tuple[Told, Faults]:
        """The site after an act that was cut short, and the act repeated. ``told_lines``: from ``cut_short``."""
        told, faults = deepcopy(self._told), Faults()
        *lines, ended = told_lines
        for line in lines:
            told.hear(line)
        if ended[1] not in (0, signal.SIGKILL):
            faults.half_done.add("It ended with an error that is not one of Doorward's own.")
        if ended[1] == 0 and not any(line[0] in ("refused", "done") for line in lines):
            faults.lost.add("It ended, and told nothing.")
        if act == RESTORE:
            self._examine_restored(told, faults)
        else:
            check(self._ground.site, told, self._ground.identity, faults)
            faults.half_done.update(self._unserved())
            self._repeat(act, told, faults)
        left = [place.name for place in self._place.rglob("*") if place.name.startswith(".") or ".new" in place.name]
        faults.half_done.update(f"{name} was left behind." for name in left)
        return told, faults

    def _examine_restored(self, told: Told, faults: Faults) -> None:
        if told.acknowledged and not self._again.exists():
            faults.lost.add("It was restored, and is not there.")
        found = {kind: next(self._ground.backups.glob(f"doorward-{kind}-*")) for kind in ("data", "keys")}
        try:
            if not self._again.exists():
                restore(BackupSet(found["data"], found["keys"], self._ground.identity), self._again, lambda: "")
        except DoorwardError as error:
            faults.half_done.add(f"It cannot be restored again: {error.message}")
        else:
            check(self._again, told, self._ground.identity, faults)

    def _unserved(self) -> Iterator[str]:
        try:
            with open_site(self._ground.site, lambda: "") as site:
                site_transport(site)
        except DoorwardError as error:
            yield f"It cannot be served: {error.message}"

    def _repeat(self, act: str, told: Told, faults: Faults) -> None:
        try:
            with open_site(self._ground.site, lambda: "") as site:
                chance = self._chance()
                acts = Acts(site, self._ground.backups, self._ground.recipient, _FIRST + 1, chance, lambda *_: None)
                BY_NAME[act](acts)
                if "back up" in act:
                    acts.back_up_keys()
        except DoorwardError as error:
            faults.half_done.add(f"It cannot be repeated: {error.message}")
        if "back up" in act:
            faults.half_done.update(self._backups_that_do_not_restore())

    def _backups_that_do_not_restore(self) -> Iterator[str]:
        data, keys = (sorted(self._ground.backups.glob(f"doorward-{kind}-*")) for kind in ("data", "keys"))
        for pair in (*((one, keys[-1]) for one in data), *((data[0], one) for one in keys)):
            try:
                restore(BackupSet(*pair, self._ground.identity), self._again, lambda: "")
            except DoorwardError as error:
                yield f"A backup that is there does not restore: {error.message}"
            shutil.rmtree(self._again, ignore_errors=True)

    def cut_short(self, act: str, point: Point) -> Iterator[Sequence[Any]]:
        """The lines of a process that does the act on the site as it is, as ``Nursery`` gives them."""
        ground, is_restore = self._ground, act == RESTORE
        return self._children.act_cut_short(
            {
                "act": act,
                "site": str(self._again if is_restore else ground.site),
                "backups": str(ground.backups),
                "recipient": str(ground.identity) if is_restore else ground.recipient,
                "first": _FIRST,
                "seed": self._seed,
            },
            point,
        )

    def put_back(self) -> None:
        """Have the site as it was before every act."""
        shutil.rmtree(self._place, ignore_errors=True)
        shutil.copytree(self._kept, self._place)

    def _hear(self, *words: object) -> None:
        self._told.hear(words)

    def _chance(self) -> random.Random:
        return random.Random(self._seed)  # noqa: S311 - it chooses people and keeps no secret


def run(
    rounds: int | None, seed: int, on_progress: Callable[[int, int], None], on_fault: Callable[[str], None]
) -> Result:
    """``rounds`` of all the points, chosen by ``seed``, or every one of them."""
    chance = random.Random(seed)  # noqa: S311 - it chooses points and keeps no secret
    acknowledged, lost, half_done, log_ok = 0, 0, 0, True
    with TemporaryDirectory(prefix="doorward-bench-") as name, nursery() as children:
        stage = Stage(Path(name), children, seed)
        points = list(stage.points())
        if rounds is not None and rounds < len(points):
            points = [points[index] for index in sorted(chance.sample(range(len(points)), rounds))]
        for done, (act, point) in enumerate(points, 1):
            stage.put_back()
            told, faults = stage.examine(act, stage.cut_short(act, point))
            for sentence in sorted(faults.lost | faults.half_done):
                on_fault(f"{act}, {point.fault} at {'/'.join(point.calls)} {point.number}: {sentence}")
            acknowledged, log_ok = acknowledged + told.acknowledged, log_ok and faults.log_ok
            lost, half_done = lost + len(faults.lost), half_done + len(faults.half_done)
            on_progress(done, len(points))
    return Result(len(points), acknowledged, lost, half_done, log_ok)
