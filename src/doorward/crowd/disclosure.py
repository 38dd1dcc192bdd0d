"""What may be published of a crowd, and what it spends.

Counts in which each track has at most two contributions get noise from the two-sided geometric law at scale 2 over
epsilon: differentially private for one track (Ghosh, Roughgarden and Sundararajan, SIAM Journal on Computing 41,
2012). A cell, one metric of one scene over one span, is drawn once and stays so. A track that counts in two quarters
spends half of each one's epsilon, so that a day has spent what its dearest quarter has.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from doorward.crowd.contributions import MOST_CONTRIBUTIONS, Metric, Tallied
from doorward.crowd.intervals import QUARTER_SECONDS, IntervalAggregate
from doorward.crowd.ports import GeometricNoise
from doorward.crowd.releases import THOUSANDTHS, NoisedCount, Release
from doorward.errors import BudgetSpent, WrongUse

DAY_BUDGET = 1 * THOUSANDTHS
"""Thousandths of epsilon, of a scene's metric and day; the totals of whole days have as much of their own."""

SETTLED = timedelta(minutes=1)
"""So long after its end an interval may still be written."""

MOST_DAYS = 366


class Span(StrEnum):
    """How long the intervals are that are published."""

    QUARTER = "quarter"
    HOUR = "hour"
    DAY = "day"

    @property
    def seconds(self) -> int:
        return {Span.QUARTER: QUARTER_SECONDS, Span.HOUR: 3600, Span.DAY: 86_400}[self]


@dataclass(frozen=True, slots=True)
class Request:
    """The intervals of ``span`` from ``start`` to ``end``, in UTC, at ``epsilon`` thousandths each."""

    scene: str
    start: datetime
    end: datetime
    span: Span
    epsilon: int

    def starts(self) -> Iterator[datetime]:
        time = self.start
        while time < self.end:
            yield time
            time += timedelta(seconds=self.span.seconds)


def checked_request(scene: str, start: datetime, end: datetime, span: Span, epsilon: float, now: datetime) -> Request:
    """Times in UTC. ``WrongUse`` for what lies ahead, is not whole, or asks for an epsilon that nobody has."""
    thousandths = round(epsilon * THOUSANDTHS) if 0 < epsilon < 10 else 0
    if not 1 <= thousandths <= DAY_BUDGET:
        raise WrongUse("Epsilon has to be above 0 and at most 1, in steps of 0.001; less is more private.")
    for time in (start, end):
        since_midnight = timedelta(hours=time.hour, minutes=time.minute, seconds=time.second)
        if time.microsecond or since_midnight.total_seconds() % span.seconds:
            raise WrongUse(f"A {span.value} to publish begins and ends on a full {span.value} in UTC; round the times.")
    if start >= end:
        raise WrongUse("The interval to publish ends before it begins; give --from before --to.")
    if end - start > timedelta(days=MOST_DAYS):
        raise WrongUse(f"At most {MOST_DAYS} days are published at once; give a shorter interval.")
    if end + SETTLED > now:
        raise WrongUse(
            "The interval to publish lies in the future or ended less than a minute ago; "
            "publish what is over, because a value that is published once stays."
        )
    return Request(scene, start, end, span, thousandths)


def new_releases(
    request: Request,
    metric: Metric,
    quarters: Sequence[IntervalAggregate],
    earlier: Sequence[Release],
    noise: GeometricNoise,
) -> tuple[Release, ...]:
    """The cells that are not among ``earlier`` releases of the metric and were seen, drawn.

    ``BudgetSpent`` when one of them would spend more than there is; nothing is drawn then.
    """
    drawn = {release.start for release in earlier if release.seconds == request.span.seconds}
    cells = _cells(request, metric, quarters)
    new = {start: cell for start, cell in cells.items() if start not in drawn}
    if request.span is not Span.DAY:
        spent = spent_by_quarter(earlier)
        for start in new:
            for quarter in _quarters_of(start, request.span.seconds):
                if spent[quarter] + request.epsilon > DAY_BUDGET:
                    left = (DAY_BUDGET - spent[quarter]) / THOUSANDTHS
                    raise BudgetSpent(
                        f"The budget of {metric.value} for {quarter:%Y-%m-%d %H:%M} is spent: {left:g} of epsilon 1 "
                        "is left; publish again what was published, or another interval."
                    )
    scale = scale_of(request.epsilon)
    return tuple(
        Release(
            request.scene,
            metric,
            start,
            request.span.seconds,
            request.epsilon,
            coverage,
            tuple(map(NoisedCount, counts, noise.noised(list(counts.values()), scale))),
        )
        for start, (coverage, counts) in new.items()
    )


def scale_of(epsilon: int) -> float:
    """Of the noise for ``epsilon`` thousandths; its standard deviation is about 1.4 times as large."""
    return MOST_CONTRIBUTIONS * THOUSANDTHS / epsilon


def spent_by_quarter(releases: Iterable[Release]) -> defaultdict[datetime, int]:
    """Thousandths of epsilon by the beginning of each quarter of an hour, the totals of days aside."""
    spent: defaultdict[datetime, int] = defaultdict(int)
    for release in releases:
        if release.seconds != Span.DAY.seconds:
            for quarter in _quarters_of(release.start, release.seconds):
                spent[quarter] += release.epsilon
    return spent


def _quarters_of(start: datetime, seconds: int) -> Iterator[datetime]:
    for offset in range(0, seconds, QUARTER_SECONDS):
        yield start + timedelta(seconds=offset)


def _cells(
    request: Request, metric: Metric, quarters: Sequence[IntervalAggregate]
) -> dict[datetime, tuple[float, dict[Tallied, int]]]:
    """Coverage and exact bounded counts by the beginning of each cell that was seen at all, in order of time."""
    cells: dict[datetime, tuple[float, dict[Tallied, int]]] = {}
    for start in request.starts():
        end = start + timedelta(seconds=request.span.seconds)
        inside = [quarter for quarter in quarters if start <= quarter.start < end and quarter.bounded]
        counts: defaultdict[Tallied, int] = defaultdict(int)
        for quarter in inside:
            for count in quarter.bounded:
                if count.of.metric is metric:
                    counts[count.of] += count.number
        if counts:
            seen = sum(quarter.coverage * quarter.seconds for quarter in inside)
            cells[start] = min(1.0, seen / request.span.seconds), dict(counts)
    return cells
