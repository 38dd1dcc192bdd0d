"""Statistics of a site's passages; each look is an entry of the log, about nobody."""

from datetime import UTC, datetime

from doorward.kernel.audit import Actor, AuditEntry
from doorward.passages.statistics import Period, Statistics, checked_span, told
from doorward.wiring.face.opening import Stores


def passage_statistics(
    stores: Stores, actor: Actor, begin: datetime | None, end: datetime | None, period: Period
) -> Statistics:
    """Of whole periods of UTC that are settled; ``WrongUse`` as in ``checked_span``."""
    now = stores.vault.clock.now()
    begin, end = checked_span(begin and begin.astimezone(UTC), end and end.astimezone(UTC), period, now)
    stores.trail.record(AuditEntry(actor, "statistics of passages read", None, now))
    return Statistics(begin, end, period, told(stores.passages.hourly(begin, end), period))
