"""What a process that was cut short had told: acts begun, and acts acknowledged."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from doorward.kernel.ids import PersonId
from doorward.wiring.face.opening import KEYS

GROUP = "north"
"""Into which people are put."""


@dataclass(slots=True)
class Told:
    """Over every round on one site. ``numbers``: who was enrolled, and the number that decides name and template.

    ``versions``: the newest version that was acknowledged of a key, by kind and owner. ``backup``: the newest pair of
    backups, of data and keys, since it was last taken from here. ``begun_numbers``: whose adding was begun only.
    ``permitted``: who was put into ``GROUP``. ``paired``: who was stated to be whose lookalike.
    """

    acknowledged: int = 0
    numbers: dict[PersonId, int] = field(default_factory=dict)
    begun_numbers: set[int] = field(default_factory=set)
    withdrawing: set[PersonId] = field(default_factory=set)
    withdrawn: set[PersonId] = field(default_factory=set)
    permitted: set[PersonId] = field(default_factory=set)
    paired: set[frozenset[PersonId]] = field(default_factory=set)
    erasing: set[PersonId] = field(default_factory=set)
    erased: set[PersonId] = field(default_factory=set)
    versions: dict[tuple[str, str], int] = field(default_factory=dict)
    backup: tuple[Path, Path] | None = None

    def hear(self, words: Sequence[object]) -> None:
        """One line of the process: ``begin`` or ``done``, the act, and what it is about."""
        match words:
            case ["begin", "add", int(number)]:
                self.begun_numbers.add(number)
            case ["begin", "withdraw", str(person)]:
                self.withdrawing.add(PersonId(person))
            case ["begin", "erase", str(person)]:
                self.erasing.add(PersonId(person))
            case ["done", *act]:
                self.acknowledged += 1
                self._acknowledge(act)

    def _acknowledge(self, act: Sequence[object]) -> None:
        match act:
            case ["add", int(number), str(person)]:
                self.numbers[PersonId(person)] = number
                self.begun_numbers.discard(number)
            case ["withdraw", str(person)]:
                self.withdrawn.add(PersonId(person))
            case ["permit", str(person)]:
                self.permitted.add(PersonId(person))
            case ["pair", str(one), str(other)]:
                self.paired.add(frozenset({PersonId(one), PersonId(other)}))
            case ["erase", str(person)]:
                self.erased.add(PersonId(person))
            case ["rotate", str(kind), str(owner), int(version)]:
                self.versions[kind, owner] = version
            case ["backup", str(data), str(keys)]:
                self.backup = Path(data), Path(keys)


def key_version(folder: Path, kind: str, owner: str) -> int:
    """The newest version of a key, as keys.db has it; 0 when there is none."""
    with closing(sqlite3.connect(folder / KEYS, timeout=10)) as keys:
        found = keys.execute("SELECT max(version) FROM keys WHERE kind = ? AND owner = ?", (kind, owner)).fetchone()
    return int(found[0] or 0)


def unfinished_renewals(folder: Path) -> int:
    """How many keys of people are neither in use nor gone. Opening a site leaves none."""
    with closing(sqlite3.connect(folder / KEYS, timeout=10)) as keys:
        found = keys.execute("SELECT count(*) FROM keys WHERE kind = 'person' AND state <> 'active'").fetchone()
    return int(found[0])
