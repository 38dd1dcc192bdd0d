"""Real walks, tracked by hand: the truth that counting is held against."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from doorward.crowd.geometry import Points
from doorward.crowd.presence import Moment
from doorward.errors import WrongUse

MOST_POSITIONS = 5_000_000
MOST_MOMENTS = 1_000_000
FARTHEST = 1e5
"""Metres. Whoever walks further has coordinates of a map, not of a scene."""

JOIN_SECONDS = 2.0
JOIN_METRES = 0.8
"""A walk that begins so soon after another ended, so near to where that was going, is the same person's."""


@dataclass(frozen=True, slots=True, eq=False)
class Walk:
    """One person: ``seconds`` (n, ascending) and ``places`` (n x 2 metres), n at least 1."""

    seconds: NDArray[np.float64]
    places: Points


Walks = Mapping[str, Walk]


def parse_walks(text: str, frames_a_second: float) -> Walks:
    """The walks in lines of ``frame id x y``, by id; what follows on a line is left alone.

    ``WrongUse`` for what is no such list.
    """
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    if not lines:
        raise WrongUse("The trajectories hold no position; give a file of lines: frame id x y, in metres.")
    if len(lines) > MOST_POSITIONS:
        raise WrongUse(f"The trajectories have more than {MOST_POSITIONS:,} lines; give fewer.")
    try:
        table = np.loadtxt(lines, usecols=(0, 1, 2, 3), ndmin=2, dtype=np.float64)
    except (ValueError, IndexError):
        raise WrongUse("The trajectories are not lines of four numbers, frame id x y, in metres.") from None
    if not np.isfinite(table).all() or np.abs(table[:, 2:]).max() > FARTHEST:
        raise WrongUse("The trajectories have a position that is no place in metres; correct it.")
    return {f"{person:g}": _walk(table[table[:, 1] == person], frames_a_second) for person in np.unique(table[:, 1])}


def _walk(rows: NDArray[np.float64], frames_a_second: float) -> Walk:
    rows = rows[np.argsort(rows[:, 0], kind="stable")]
    if (np.diff(rows[:, 0]) == 0).any():
        raise WrongUse(f"The trajectories have the person {rows[0, 1]:g} twice in one frame; leave one of them out.")
    return Walk(rows[:, 0] / frames_a_second, rows[:, 2:])


def joined(walks: Walks) -> Walks:
    """The walks, with those made one that continue another whom the person tracking had lost.

    Such a walk begins within ``JOIN_SECONDS`` of the other's end, nearest to where that was going.
    """
    parts = dict(walks)
    for later in sorted(walks, key=lambda person: walks[person].seconds[0]):
        start = parts[later]
        gap, person = min(((_gap(walk, start), person) for person, walk in parts.items()), default=(np.inf, later))
        if gap < JOIN_METRES:
            before = parts.pop(person)
            parts[later] = Walk(
                np.concatenate([before.seconds, start.seconds]), np.concatenate([before.places, start.places])
            )
    return parts


def _gap(walk: Walk, later: Walk) -> float:
    """Metres from where ``walk`` was going to where ``later`` begins; infinite when that is no continuation."""
    passed = later.seconds[0] - walk.seconds[-1]
    if not 0 < passed <= JOIN_SECONDS:
        return float(np.inf)
    going = np.zeros(2)
    if len(walk.seconds) > 1:
        going = (walk.places[-1] - walk.places[-2]) / (walk.seconds[-1] - walk.seconds[-2])
    return float(np.linalg.norm(walk.places[-1] + going * passed - later.places[0]))


def moments_of(walks: Walks, rate: float) -> Sequence[Moment]:
    """Where everybody was, ``rate`` times a second, from the first moment with anybody to the last.

    Positions between two that were tracked lie on a straight line. ``WrongUse`` when those would be too many moments.
    """
    ticks = {person: _ticks(walk, rate) for person, walk in walks.items()}
    present = [span for span in ticks.values() if len(span)]
    if not present:
        raise WrongUse("Nobody in the trajectories is there long enough to be seen; raise --rate.")
    first, last = min(span[0] for span in present), max(span[-1] for span in present)
    if last - first >= MOST_MOMENTS:
        raise WrongUse("The trajectories last too long for that rate; lower --rate or check --fps.")
    people: list[list[str]] = [[] for _ in range(first, last + 1)]
    places: list[list[NDArray[np.float64]]] = [[] for _ in people]
    for person, walk in walks.items():
        seconds = np.asarray(ticks[person]) / rate
        track = np.column_stack([np.interp(seconds, walk.seconds, walk.places[:, axis]) for axis in (0, 1)])
        for tick, place in zip(ticks[person], track, strict=True):
            people[tick - first].append(person)
            places[tick - first].append(place)
    return [
        Moment((first + index) / rate, tuple(ids), np.asarray(here, dtype=np.float64).reshape(-1, 2))
        for index, (ids, here) in enumerate(zip(people, places, strict=True))
    ]


def _ticks(walk: Walk, rate: float) -> range:
    return range(int(np.ceil(walk.seconds[0] * rate - 1e-6)), int(np.floor(walk.seconds[-1] * rate + 1e-6)) + 1)
