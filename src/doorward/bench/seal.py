"""What sealing costs: import, loading, rotation and erasure, beside the same work in the clear, in turns."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from uuid import uuid4

import numpy as np

from doorward.adapters.galleries.face.compact import CompactGallery
from doorward.adapters.galleries.face.rolls import SnapshotRolls
from doorward.adapters.galleries.face.search_calls import GALLERY
from doorward.adapters.galleries.face.snapshot import snapshot_place
from doorward.adapters.stores.face.bulk import BATCH, BulkStore, Newcomer
from doorward.adapters.stores.face.roll_reading import RollReader
from doorward.adapters.stores.face.row_log import NewcomersLog
from doorward.bench.unsealed import NoLog, NoVault, erase_clear, open_clear, read_clear, write_clear
from doorward.errors import InternalError
from doorward.face.template import Template, TemplateOrigin
from doorward.face.thresholds import SFACE_LFW
from doorward.identify.ports import Roll
from doorward.kernel.ids import ConsentId, PersonId, TemplateId
from doorward.people.consent import Consent, Purpose
from doorward.people.enrolment import CapturedFrom, Enrolment
from doorward.people.membership import lasting
from doorward.people.person import EVERYONE, Details, Person
from doorward.wiring.face.api import create
from doorward.wiring.face.site import Site

DIMENSION = 128
_ROUNDS = 3
_REWRAPPED = 10_000
_ORIGIN = TemplateOrigin("sface", "openvino", "f32")


@dataclass(frozen=True, slots=True)
class Figures:
    """People a second, seconds and milliseconds; ``None``: there is no such work."""

    import_per_s: float
    load_rows_s: float
    load_snapshot_s: float
    rotate_s: float | None
    erase_ms: float


@dataclass(frozen=True, slots=True)
class Result:
    """Both in one run, over the same people."""

    people: int
    sealed: Figures
    unsealed: Figures

    @property
    def ratio(self) -> float:
        """How many times longer than in the clear: the worse of import and snapshot."""
        ours, clear = self.sealed, self.unsealed
        return max(clear.import_per_s / ours.import_per_s, ours.load_snapshot_s / clear.load_snapshot_s)

    @property
    def rows_ratio(self) -> float:
        return self.sealed.load_rows_s / self.unsealed.load_rows_s

    def to_json(self) -> dict[str, object]:
        return {
            "people": self.people,
            **_told(self.sealed),
            "unsealed": _told(self.unsealed),
            "ratio": round(self.ratio, 2),
            "rows_ratio": round(self.rows_ratio, 2),
        }


def run(people: int, on_progress: Callable[[str], None]) -> Result:
    """Measure with so many people, each with a consent and one random unit template, in a site made for it."""
    with TemporaryDirectory(prefix="doorward-bench-") as name:
        folder = Path(name)
        with create(folder / "site", key_file=folder / "site.key") as site:
            return _Bench(site, folder, people, on_progress).run()


class _Bench:
    def __init__(self, site: Site, folder: Path, people: int, on_progress: Callable[[str], None]) -> None:
        self._site = site
        self._stores = site.stores
        self._clear = open_clear(folder)
        self._plain = folder / "clear.snapshot"
        self._people = people
        self._tell = on_progress

    def run(self) -> Result:
        imported = self._import()
        self._tell("loading from rows")
        reader = RollReader(self._stores.data, self._stores.vault)
        clear_reader = RollReader(self._clear, NoVault())
        rows = _in_turns(lambda: _fill(reader.read(_now())), lambda: _fill(clear_reader.read(_now())))
        self._tell("loading from the snapshot")
        gallery = CompactGallery()
        roll = reader.read(_now())
        gallery.fill(roll.references)
        rolls = SnapshotRolls(
            snapshot_place(self._site.folder, GALLERY),
            self._stores.data,
            self._stores.vault,
            self._stores.randomness,
            gallery,
            SFACE_LFW.model,
        )
        rolls.write(roll.revision, roll.deadlines)
        with gallery.written_down() as references:
            write_clear(self._plain, replace(roll, references=references))
        snapshot = _in_turns(lambda: _fill(_opened(rolls)), lambda: _fill(read_clear(self._plain)))
        self._tell("rotating the site key")
        rotated = self._rotate()
        self._tell("erasing")
        erased = self._erase([person for person, *_ in islice(roll.references.everybody(), _ROUNDS * 2)])
        self._clear.dispose()
        return Result(
            self._people,
            Figures(self._people / imported[0], rows[0], snapshot[0], rotated, erased[0] * 1e3),
            Figures(self._people / imported[1], rows[1], snapshot[1], None, erased[1] * 1e3),
        )

    def _import(self) -> tuple[float, float]:
        """Seconds in all, sealed and clear, batch by batch in turns."""
        vault = self._stores.vault
        sealed = BulkStore(self._stores.data, vault, NewcomersLog(vault))
        stores = (sealed, BulkStore(self._clear, NoVault(), NoLog()))
        seconds = [0.0, 0.0]
        source, turn = _newcomers(self._people), 0
        while batch := list(islice(source, BATCH)):
            for which in (turn % 2, 1 - turn % 2):
                seconds[which] += _timed(lambda: stores[which].add(batch))  # noqa: B023 - called at once
            turn += 1
            self._tell(f"importing {min(turn * BATCH, self._people)} of {self._people}")
        return seconds[0], seconds[1]

    def _rotate(self) -> float:
        keys = self._stores.vault.site_keys()

        def rotate() -> None:
            keys.renew()
            while keys.rewrap(_REWRAPPED):
                pass
            keys.retire()

        return _timed(rotate)

    def _erase(self, people: Sequence[PersonId]) -> tuple[float, float]:
        """Median seconds for one person; the first erasure takes the snapshot with it."""
        sealed = [_timed(lambda: self._stores.people.erase(person)) for person in people]  # noqa: B023 - at once
        clear = [_timed(lambda: erase_clear(self._clear, person)) for person in people]  # noqa: B023 - at once
        return median(sealed), median(clear)


def _newcomers(count: int) -> Iterator[Newcomer]:
    generator = np.random.default_rng(0)
    for number in range(count):
        vector = generator.standard_normal(DIMENSION, np.float32)
        person = Person(PersonId(str(uuid4())), f"Person {number}", Details(), lasting({EVERYONE}), _now())
        purposes = frozenset({Purpose.VERIFY, Purpose.IDENTIFY})
        consent = Consent(ConsentId(str(uuid4())), person.id, "Notice", "1", purposes, _now(), "signed")
        template = Template(vector / np.linalg.norm(vector), _ORIGIN)
        enrolment = Enrolment(TemplateId(str(uuid4())), person.id, template, CapturedFrom.LIVE, _now(), _now())
        yield Newcomer(person, consent, enrolment)


def _opened(rolls: SnapshotRolls) -> Roll:
    roll = rolls.from_snapshot()
    if roll is None:
        raise InternalError("The snapshot that was just written does not open; report this.")
    return roll


def _fill(roll: Roll) -> None:
    """What is loaded counts when it can be searched."""
    CompactGallery().fill(roll.references)


def _in_turns(sealed: Callable[[], None], clear: Callable[[], None]) -> tuple[float, float]:
    """The median seconds of each."""
    rounds = [(_timed(sealed), _timed(clear)) for _ in range(_ROUNDS)]
    return median(one for one, _ in rounds), median(other for _, other in rounds)


def _timed(act: Callable[[], object]) -> float:
    started = perf_counter()
    act()
    return perf_counter() - started


def _told(figures: Figures) -> dict[str, float | None]:
    return {name: None if value is None else float(f"{value:.4g}") for name, value in asdict(figures).items()}


def _now() -> datetime:
    return datetime.now(UTC)
