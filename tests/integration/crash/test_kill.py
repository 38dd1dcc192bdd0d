"""A process that keeps people is killed at random times: what it acknowledged holds, and nothing is half done."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from doorward.errors import PersonUnknown
from doorward.kernel.ids import PersonId
from doorward.people.person import Identifier
from doorward.wiring.face.opening import DATA, KEYS, Stores
from known_people import person
from throwaway_sites import PASSPHRASE, opened_stores, throwaway_site

WORKER = Path(__file__).with_name("worker.py")
KILLS = 15


@dataclass
class Told:
    """What the killed processes said: ids by number, and the numbers of acts begun and acknowledged."""

    added: dict[int, PersonId] = field(default_factory=dict)
    acts: dict[str, set[int]] = field(default_factory=lambda: {word: set() for word in WORDS})

    def hear(self, lines: list[str]) -> None:
        for line in lines:
            word, number, *who = line.split()
            if word == "added":
                self.added[int(number)] = PersonId(who[0])
            self.acts[word].add(int(number))


WORDS = ("add", "added", "withdraw", "withdrawn", "erase", "erased")


def run_until_killed(nursery: subprocess.Popen[str], first: int, lines: int, after: float) -> list[str]:
    """What a worker told that was killed ``after`` seconds from its line of that number, however slow the machine."""
    print(first, file=nursery.stdin, flush=True)
    _, child = nursery.stdout.readline().split()
    told = [nursery.stdout.readline() for _ in range(lines)]
    time.sleep(after)
    os.kill(int(child), signal.SIGKILL)
    while (line := nursery.stdout.readline()) != "ended\n":
        assert line, "the worker failed by itself"
        told.append(line)
    return told


def check(folder: Path, told: Told) -> None:
    with closing(opened_stores(folder)) as stores:
        for number, who in told.added.items():
            if number in told.acts["erased"]:
                assert_gone(stores, who, number)
            elif number not in told.acts["erase"]:
                assert_whole(stores, who, number, told)
        assert stores.people.count() == len(list(stores.people.all()))
        for number in told.acts["add"] - told.acts["added"]:
            free_again(stores, number)
    for file in (DATA, KEYS):
        with closing(sqlite3.connect(folder / file)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    with closing(sqlite3.connect(folder / DATA)) as connection:
        assert connection.execute("SELECT count(*) FROM erasures WHERE done = 0").fetchone() == (0,)
    with closing(sqlite3.connect(folder / KEYS)) as connection:
        assert connection.execute("SELECT count(*) FROM keys WHERE state <> 'active'").fetchone() == (0,)


def assert_whole(stores: Stores, who: PersonId, number: int, told: Told) -> None:
    assert stores.people.get(who).display_name == f"Person {number}"
    assert stores.people.find(Identifier.BADGE, f"B{number}") == who
    (consent,), enrolled = stores.consents.of(who), stores.enrolments.of(who)
    if number in told.acts["withdrawn"]:
        assert consent.withdrawn_at is not None
    elif number not in told.acts["withdraw"]:
        assert consent.withdrawn_at is None
    assert len(enrolled) == (consent.withdrawn_at is None)
    for held in enrolled:
        vector = np.random.default_rng(number).normal(size=128)
        assert np.array_equal(held.template.vector, (vector / np.linalg.norm(vector)).astype(np.float32))
    assert stores.trail.about(who)


def assert_gone(stores: Stores, who: PersonId, number: int) -> None:
    with pytest.raises(PersonUnknown):
        stores.people.get(who)
    assert not stores.vault.knows(who)
    assert not stores.consents.of(who)
    assert not stores.enrolments.of(who)
    assert stores.people.find(Identifier.BADGE, f"B{number}") is None


def free_again(stores: Stores, number: int) -> None:
    """Somebody whose adding was not acknowledged is here or not; if not, their number is nobody's."""
    held = stores.people.find(Identifier.BADGE, f"B{number}")
    if held is not None:
        stores.people.erase(held)
    again = person("Again", badge_number=f"B{number}")
    stores.people.add(again)
    stores.people.erase(again.id)


def test_what_was_acknowledged_survives_and_nothing_is_half_done(tmp_path: Path) -> None:
    folder = throwaway_site(tmp_path)
    told, chance = Told(), random.Random(2)
    command = [sys.executable, str(WORKER), str(folder), PASSPHRASE]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as nursery:
        for kill in range(KILLS):
            told.hear(run_until_killed(nursery, 1_000 * kill, chance.randint(1, 12), chance.uniform(0, 0.05)))
            check(folder, told)
        nursery.stdin.close()
    assert len(told.added) > KILLS
    assert told.acts["erased"]
    assert told.acts["withdrawn"]
