"""Moments as people write them, and the hours that they are in."""

from datetime import UTC, date, datetime

from doorward.errors import WrongUse


def whole_hour(moment: datetime) -> datetime:
    """The beginning of the hour that ``moment`` is in."""
    return moment.replace(minute=0, second=0, microsecond=0)


def parse_moment(text: str) -> datetime:
    """A day, which begins at midnight in UTC, or a moment that says how far from UTC it is; ``WrongUse`` otherwise."""
    try:
        if len(text) == len("YYYY-MM-DD"):
            return datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC)
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise ValueError
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise WrongUse(
            "When something begins or ends is a day written YYYY-MM-DD, or a moment with its distance from UTC, such "
            "as 2026-12-01T06:00+01:00."
        ) from None
