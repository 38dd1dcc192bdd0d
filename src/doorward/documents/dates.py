"""Dates of six digits, and the century that they leave out."""

import re
from collections.abc import Collection, Iterable
from datetime import date

_YEAR = re.compile(r"(?<!\d)(?:18|19|20)\d\d(?!\d)")
LONGEST_VALIDITY = 50
"""Years ahead of today that an expiry may lie: cards for the elderly are valid for decades."""


def birth_date(digits: str, today: date, printed_years: Collection[int] = ()) -> date | None:
    """The latest such day that is not ahead of ``today``.

    Whoever is over a hundred is taken for a child, unless the page prints the earlier year and not the later one.
    None where the zone leaves the month or the day open, or where there is no such day.
    """
    later = _latest(digits, today)
    earlier = _a_century_before(later) if later else None
    if later and earlier and earlier.year in printed_years and later.year not in printed_years:
        return earlier
    return later


def expiry_date(digits: str, today: date) -> date | None:
    """The latest such day at most ``LONGEST_VALIDITY`` years ahead of ``today``; None where there is no such day."""
    return _latest(digits, today.replace(year=today.year + LONGEST_VALIDITY, day=min(today.day, 28)))


def printed_years(texts: Iterable[str]) -> frozenset[int]:
    """The years of four digits that stand in ``texts``."""
    return frozenset(int(year) for text in texts for year in _YEAR.findall(text))


def is_a_day(digits: str) -> bool:
    """Whether the month and the day exist in some year."""
    return _day(2000 + int(digits[:2]), digits) is not None or _day(1900 + int(digits[:2]), digits) is not None


def _latest(digits: str, until: date) -> date | None:
    if not digits.isdecimal():
        return None
    for century in range(until.year // 100 * 100, 1800, -100):
        day = _day(century + int(digits[:2]), digits)
        if day is not None and day <= until:
            return day
    return None


def _day(year: int, digits: str) -> date | None:
    try:
        return date(year, int(digits[2:4]), int(digits[4:6]))
    except ValueError:
        return None


def _a_century_before(day: date) -> date | None:
    try:
        return day.replace(year=day.year - 100)
    except ValueError:
        return None
