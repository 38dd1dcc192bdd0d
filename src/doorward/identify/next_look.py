"""When what somebody may do changes by itself."""

from collections.abc import Iterable
from datetime import datetime

from doorward.people.consent import Consent
from doorward.people.membership import Membership, next_turn


def next_look(consents: Iterable[Consent], memberships: Iterable[Membership], now: datetime) -> datetime | None:
    """The first moment after ``now`` at which a consent in force ends or a membership begins or ends; None: none."""
    ends = [consent.until for consent in consents if consent.until and consent.in_force(now)]
    turn = next_turn(memberships, now)
    return min([*ends, *([turn] if turn else [])], default=None)
