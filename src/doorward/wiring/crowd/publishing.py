"""Publishing: exact counts in, noise drawn once, the ledger durable before anything is given out."""

from dataclasses import dataclass
from datetime import datetime

from doorward.adapters.crowd.opendp_noise import OpenDpNoise
from doorward.adapters.stores.crowd.interval_store import SqlIntervalStore
from doorward.adapters.stores.crowd.release_ledger import releases_beside
from doorward.adapters.system import SystemClock
from doorward.crowd.contributions import Metric
from doorward.crowd.disclosure import Request, Span, checked_request, new_releases
from doorward.crowd.intervals import QUARTER_SECONDS
from doorward.crowd.ports import GeometricNoise, IntervalStore, ReleaseLedger
from doorward.crowd.releases import Release
from doorward.errors import NotFound

MOST_QUARTERS = 2_000_000


@dataclass(frozen=True, slots=True)
class Publication:
    """What ``request`` gives: every release of its span in its time, oldest first, those of earlier requests too."""

    request: Request
    releases: tuple[Release, ...]


def publish(
    store: SqlIntervalStore, scene: str, start: datetime, end: datetime, span: Span, epsilon: float
) -> Publication:
    """Draw what was not published yet, write it down, and give all; ``BudgetSpent`` changes nothing."""
    request = checked_request(scene, start, end, span, epsilon, SystemClock().now())
    if scene not in store.scenes():
        raise NotFound(f"No intervals are stored for {scene!r}; count some with `doorward crowd run {scene} …`.")
    return publish_from(store, releases_beside(store), OpenDpNoise(), request)


def publish_from(store: IntervalStore, ledger: ReleaseLedger, noise: GeometricNoise, request: Request) -> Publication:
    """As ``publish``, from these."""
    scene, start, end = request.scene, request.start, request.end
    quarters = store.read(scene, start, end, MOST_QUARTERS, QUARTER_SECONDS)
    published: list[Release] = []
    with ledger.alone():
        for metric in Metric:
            earlier = ledger.read(scene, metric, start, end)
            new = new_releases(request, metric, quarters, earlier, noise)
            ledger.add(new)
            published += [release for release in (*earlier, *new) if release.seconds == request.span.seconds]
    return Publication(request, tuple(sorted(published, key=lambda release: (release.start, release.metric))))
