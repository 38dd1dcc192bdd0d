"""A publication as CSV and JSON, with its privacy statement."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import sqrt

from doorward.crowd.as_json import time_text
from doorward.crowd.contributions import MOST_CONTRIBUTIONS, Metric
from doorward.crowd.disclosure import DAY_BUDGET, Request, scale_of
from doorward.crowd.releases import LEAST_PUBLISHED, THOUSANDTHS, Release

COLUMNS = ("start", "seconds", "coverage", "epsilon", "metric", "place", "direction", "count")


def privacy_statement(request: Request) -> str:
    """What the noise protects, and what not, in words for whoever reads the figures."""
    epsilon = request.epsilon / THOUSANDTHS
    spread = sqrt(2) * scale_of(request.epsilon)
    return (
        "Every count carries random noise from the two-sided geometric distribution, drawn once, so that the figures "
        "are differentially private for one track: one person seen without a break. A track counts at most "
        f"{MOST_CONTRIBUTIONS} times in all counts of one metric (crossings, visits). Each interval was published "
        f"with the epsilon that it names, asked for here: {epsilon:g} (standard deviation of the noise {spread:.1f}); "
        f"quarters and hours spend at most {DAY_BUDGET / THOUSANDTHS:g} a metric and day together, totals of days as "
        "much of their own. Who comes back is another track: what a person does in a whole day is not bounded, "
        f"because nobody is recognised. Counts below {LEAST_PUBLISHED} after the noise are left out. Coverage is the "
        "share of the time in which the camera was seen; an interval without one is unknown, and not 0."
    )


def publication_object(request: Request, releases: Sequence[Release]) -> dict[str, object]:
    """Names as in docs/json.md."""
    return {
        "scene": request.scene,
        "from": time_text(request.start),
        "to": time_text(request.end),
        "every": request.span.value,
        "epsilon": request.epsilon / THOUSANDTHS,
        "statement": privacy_statement(request),
        "intervals": [_interval(request, start, releases) for start in request.starts()],
    }


def publication_csv(request: Request, releases: Sequence[Release]) -> str:
    """A row a count; the statement in a comment before them."""
    text = _Text([f"# {privacy_statement(request)}\n"])
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(COLUMNS)
    for release in releases:
        before = time_text(release.start), release.seconds, round(release.coverage, 4)
        for count in release.counts:
            value = "" if count.published is None else count.published
            rows.writerow(
                (*before, release.epsilon / THOUSANDTHS, release.metric.value, count.of.place, count.of.way, value)
            )
    return "".join(text.parts)


@dataclass(frozen=True, slots=True)
class _Text:
    """What the CSV writer writes into."""

    parts: list[str]

    def write(self, part: str) -> None:
        self.parts.append(part)


def _interval(request: Request, start: datetime, releases: Sequence[Release]) -> dict[str, object]:
    here = {release.metric: release for release in releases if release.start == start}
    crossings, visits = here.get(Metric.CROSSINGS), here.get(Metric.VISITS)
    lines: dict[str, dict[str, int | None]] = {}
    for count in crossings.counts if crossings else ():
        lines.setdefault(count.of.place, {})[count.of.way] = count.published
    return {
        "start": time_text(start),
        "seconds": request.span.seconds,
        "coverage": round(max((release.coverage for release in here.values()), default=0.0), 4),
        "epsilon": {metric.value: release.epsilon / THOUSANDTHS for metric, release in sorted(here.items())},
        "lines": [{"id": line, **ways} for line, ways in lines.items()],
        "zones": [{"id": count.of.place, "visits": count.published} for count in (visits.counts if visits else ())],
    }
