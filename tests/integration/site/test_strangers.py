"""Ten thousand strangers before a door: they leave counters and nothing else."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Engine, event

from doorward.face.decision import Decision, Reason
from doorward.face.quality import QualityReport
from doorward.face.template import Template
from doorward.identify.identification import MOST_A_MINUTE
from doorward.passages.checkpoint import Checkpoint
from doorward.passages.passage import Counter
from doorward.people.consent import Purpose
from doorward.people.enrolment import CapturedFrom
from doorward.people.person import Details
from doorward.wiring.face.opening import DATA, KEYS
from doorward.wiring.face.site import Site, open_site
from known_people import NOON, OFFICER, ORIGIN, face
from throwaway_sites import PASSPHRASE, throwaway_site

STRANGERS = 10_000
COUNTERS = ("tallies", "paces")


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with open_site(throwaway_site(tmp_path), lambda: PASSPHRASE) as opened:
        without_sync(opened.stores.data)
        opened.profiles.identify(b"assessment", "DPIA", "notice", NOON)
        for seed in range(3):
            known = opened.register.add(OFFICER, f"Person {seed}", Details())
            opened.register.consent(OFFICER, known.id, "Entry", "1", list(Purpose), "signed")
            opened.enroller.enrol(OFFICER, known.id, face(seed), CapturedFrom.LIVE)
        yield opened


def without_sync(engine: Engine) -> None:
    """This test asks what is written, not whether it is durable: waiting for the disk would take most of its time."""
    engine.dispose()
    event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))


def page_counts(folder: Path) -> list[int]:
    counts = []
    for file in (DATA, KEYS):
        with closing(sqlite3.connect(folder / file)) as connection:
            counts += connection.execute("PRAGMA page_count").fetchone()
    return counts


def refused_vectors(enrolled: np.ndarray) -> np.ndarray:
    """Random unit vectors below every threshold; a few in 10,000 would pass by chance, as the false-match rate says."""
    drawn = np.random.default_rng(0).normal(size=(STRANGERS + 1_000, enrolled.shape[1])).astype(np.float32)
    drawn /= np.linalg.norm(drawn, axis=1, keepdims=True)
    return drawn[(drawn @ enrolled.T).max(axis=1) < 0.25][:STRANGERS]


def decided(site: Site, door: Checkpoint, template: Template) -> Decision:
    quality = QualityReport((), 200, 0.5, 1, 0, 0, 0, 1, 120, 50, 5)
    return site.identification.decide(site.actor, door, (template,), quality)


def tables(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    held = {}
    for file in (DATA, KEYS):
        with closing(sqlite3.connect(folder / file)) as connection:
            for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall():
                held[f"{file}:{name}"] = sorted(connection.execute(f"SELECT * FROM {name}").fetchall())
    return held


def test_strangers_leave_counters_and_nothing_else(site: Site) -> None:
    door = site.doorkeeper.add("North")
    known = decided(site, door, face(1))
    assert known.is_accepted
    site.doorkeeper.turn_away(door)
    site.identifier.admit(door.id)
    before = tables(site.folder)
    files = sorted(path.relative_to(site.folder) for path in site.folder.rglob("*"))
    pages = page_counts(site.folder)

    for _ in range(MOST_A_MINUTE - 1):
        site.identifier.admit(door.id)
    strangers = refused_vectors(np.stack([face(seed).vector for seed in range(3)]))
    reasons = set()
    for vector in strangers:
        decision = decided(site, door, Template(vector, ORIGIN))
        reasons.add((decision.reason, decision.person))
        site.doorkeeper.turn_away(door)

    assert reasons == {(Reason.NOBODY, None)}
    assert site.doorkeeper.tallies(door)[Counter.REFUSED] == STRANGERS + 1
    after = tables(site.folder)
    assert {name for name in after if after[name] != before[name]} == {f"{DATA}:{name}" for name in COUNTERS}
    assert {name: len(after[f"{DATA}:{name}"]) for name in COUNTERS} == {"tallies": 1, "paces": 1}
    site.close()
    assert page_counts(site.folder) == pages
    left = {path.relative_to(site.folder) for path in site.folder.rglob("*")}
    assert {path for path in left - set(files) if not path.name.endswith(("-wal", "-shm"))} == set()
    probes = {vector.tobytes()[:32] for vector in strangers}
    everything = b"".join(path.read_bytes() for path in site.folder.rglob("*") if path.is_file())
    assert not [probe for probe in list(probes)[:500] if probe in everything]
