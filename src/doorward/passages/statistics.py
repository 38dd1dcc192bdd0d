"""How many passages there were, by checkpoint and time: of no person, and never so few that they would be one."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from doorward.errors import WrongUse
from doorward.kernel.ids import CheckpointId
from doorward.kernel.moments import whole_hour
from doorward.passages.passage import RETENTION_HOURS

FEWEST = 10
"""Fewer passages of one cell are not told, none included. It is higher than the five or so of official statistics
(threshold rules in Hundepool et al., *Statistical Disclosure Control*, 2012, section 5.2), for passages are not people:
one person may pass a door several times an hour.
"""

STEP = 10
"""Told counts are multiples of it, the nearest one."""

KEPT = timedelta(days=92)
"""How long hourly counts are kept."""

SETTLED = timedelta(hours=RETENTION_HOURS)
"""After an hour's end its count is told: by then it changes no more, so that looking twice tells no single passage."""

LONGEST = timedelta(days=31)
"""Of what is asked for at once."""

HourlyCounts = Mapping[tuple[datetime, CheckpointId], int]
"""Passages by the hour's beginning and checkpoint."""


class Period(StrEnum):
    HOUR = "hour"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Cell:
    """Of one checkpoint and one hour or day, which begins at ``begins``; ``passages`` is a multiple of ``STEP``."""

    begins: datetime
    checkpoint: CheckpointId
    passages: int


@dataclass(frozen=True, slots=True)
class Statistics:
    """From ``begin`` (included) to ``end`` (not). What has no cell had fewer than ``FEWEST`` passages, or none."""

    begin: datetime
    end: datetime
    period: Period
    cells: Sequence[Cell]


def checked_span(
    begin: datetime | None, end: datetime | None, period: Period, now: datetime
) -> tuple[datetime, datetime]:
    """Whole periods that are settled; the last week if not given. ``WrongUse`` when there are none, or too many."""
    settled = _begin_of(now - SETTLED, period)
    end = min(_begin_of(end, period), settled) if end else settled
    begin = _begin_of(begin, period) if begin else end - timedelta(days=7)
    if not begin < end:
        raise WrongUse("Counts are told a day after their hour or day has ended; ask for an earlier time.")
    if end - begin > LONGEST:
        raise WrongUse(f"Ask for at most {LONGEST.days} days at once.")
    return begin, end


def told(counts: HourlyCounts, period: Period) -> Sequence[Cell]:
    """The cells that may be told, by time and checkpoint."""
    sums: Counter[tuple[datetime, CheckpointId]] = Counter()
    for (hour, checkpoint), count in counts.items():
        sums[_begin_of(hour, period), checkpoint] += count
    return [
        Cell(begins, checkpoint, (count + STEP // 2) // STEP * STEP)
        for (begins, checkpoint), count in sorted(sums.items())
        if count >= FEWEST
    ]


def _begin_of(moment: datetime, period: Period) -> datetime:
    hour = whole_hour(moment)
    return hour.replace(hour=0) if period is Period.DAY else hour
