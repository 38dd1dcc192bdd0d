"""Several processes on one site: changes raced against searches, and the gallery's holder killed or sealed."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from commands_in_process import run_json
from doorward.people.consent import Purpose
from doorward.people.enrolment import CapturedFrom
from doorward.people.person import EVERYONE
from doorward.wiring.face.site import Site, open_site
from houses import real_site
from known_people import NOON, face
from throwaway_sites import PASSPHRASE

PATIENCE_S = 60
WORKER = Path(__file__).with_name("worker.py")
TESTS = Path(__file__).parents[2]

Search = tuple[float, float, str | None]


@dataclass
class Worker:
    process: "subprocess.Popen[str]"
    found: list[Search] = field(default_factory=list)

    def search(self, seed: int) -> None:
        """Until ``stop``."""
        self.found.clear()
        self._tell(f"{seed}")

    def searched_since(self, moment: float) -> Search:
        """The first search that began after ``moment``, once it has ended."""
        while not self.found or self.found[-1][0] < moment:
            self.found.append(tuple(json.loads(self._line())))
        return next(one for one in self.found if one[0] >= moment)

    def stop(self) -> list[Search]:
        """All that it found."""
        self._tell("")
        while (line := self._line()) != "stopped":
            self.found.append(tuple(json.loads(line)))
        return self.found

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def _tell(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def _line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()


class Workers:
    def __init__(self, folder: Path, passphrase: Path) -> None:
        self._command = [sys.executable, str(WORKER), str(folder), str(passphrase)]
        self._begun: list[Worker] = []

    def begin(self, role: str) -> Worker:
        process = subprocess.Popen(
            [*self._command, role], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment()
        )
        self._begun.append(Worker(process))
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        return self._begun[-1]

    def end(self) -> None:
        for worker in self._begun:
            worker.kill()


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(TESTS)}


@pytest.fixture
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    with real_site(getattr(request, "param", "sqlite"), tmp_path) as folder:
        with open_site(folder, lambda: PASSPHRASE) as site:
            site.profiles.identify(b"signed", "Assessment", "Notice", NOON)
            for seed in range(100, 104):
                enrolled(site, seed)
        yield folder


@pytest.fixture
def passphrase(tmp_path: Path) -> Path:
    file = tmp_path / "passphrase"
    file.write_text(PASSPHRASE + "\n", encoding="utf-8")
    return file


@pytest.fixture
def workers(folder: Path, passphrase: Path) -> Iterator[Workers]:
    made = Workers(folder, passphrase)
    yield made
    made.end()


def enrolled(site: Site, seed: int) -> str:
    person = site.add_person(f"Person {seed}").id
    site.record_consent(person, "notice", "1", [Purpose.IDENTIFY], "on paper")
    site.enroller.enrol(site.actor, person, face(seed), CapturedFrom.LIVE)
    return person


def withdrawn(site: Site, person: str) -> None:
    (given,) = site.stores.consents.of(person)
    site.register.withdraw(site.actor, person, given.id)


def erased(site: Site, person: str) -> None:
    site.register.erase(site.actor, person)


@pytest.mark.parametrize("folder", ["sqlite", "postgresql"], indirect=True)
def test_no_search_begun_after_the_acknowledgement_names_who_went(folder: Path, workers: Workers) -> None:
    """One process holds the gallery, another searches in it, a third enrols and ends, all at once."""
    searchers = [workers.begin("lends"), workers.begin("borrows")]
    with open_site(folder, lambda: PASSPHRASE) as site:
        for end in (withdrawn, erased, withdrawn):
            for one in searchers:
                one.search(seed=7)
                assert one.searched_since(0)[2] is None
            person = enrolled(site, seed=7)
            acknowledged = time.monotonic()
            assert {one.searched_since(acknowledged)[2] for one in searchers} == {person}
            begun = time.monotonic()
            end(site, person)
            gone = time.monotonic()
            for one in searchers:
                one.searched_since(gone)
                found = one.stop()
                assert {who for start, ended, who in found if acknowledged < start and ended < begun} <= {person}
                assert {who for start, _, who in found if start > gone} == {None}


def test_when_the_holder_is_killed_the_others_go_on(workers: Workers) -> None:
    holder, heir, borrower = workers.begin("lends"), workers.begin("lends"), workers.begin("borrows")
    for one in (heir, borrower):
        one.search(seed=101)
        assert one.searched_since(0)[2] is not None
    holder.kill()
    killed = time.monotonic()
    for one in (heir, borrower):
        one.searched_since(killed)
        one.searched_since(time.monotonic())
        assert len({who for _, _, who in one.stop()}) == 1


def test_sealing_ends_the_holder_too(
    folder: Path, passphrase: Path, workers: Workers, capsys: pytest.CaptureFixture[str]
) -> None:
    holder, borrower = workers.begin("lends"), workers.begin("borrows")
    status, sealed = run_json(capsys, "seal", "--site", folder)
    assert status == 0
    assert set(sealed["ended"]) == {holder.process.pid, borrower.process.pid}
    assert holder.process.wait(PATIENCE_S) == -signal.SIGTERM
    with open_site(folder, lambda: PASSPHRASE) as site:
        assert site.searches.count(EVERYONE) == 4
    next_one = workers.begin("lends")
    next_one.search(seed=102)
    assert next_one.searched_since(0)[2] is not None
    assert list((folder / "keys").glob("gallery*.sock"))
