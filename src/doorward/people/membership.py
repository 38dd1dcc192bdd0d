"""Membership of a group, which lets a person pass some checkpoints, from one moment to another."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Membership:
    """``begins`` is the first moment at which it holds, ``ends`` the first at which it no longer does; None: none."""

    group: str
    begins: datetime | None = None
    ends: datetime | None = None

    def holds_at(self, now: datetime) -> bool:
        return (self.begins is None or self.begins <= now) and (self.ends is None or now < self.ends)


def lasting(groups: Iterable[str]) -> frozenset[Membership]:
    """Memberships that neither begin nor end by themselves."""
    return frozenset(Membership(group) for group in groups)


def groups_at(memberships: Iterable[Membership], now: datetime) -> frozenset[str]:
    """The groups of those that hold."""
    return frozenset(one.group for one in memberships if one.holds_at(now))


def next_turn(memberships: Iterable[Membership], now: datetime) -> datetime | None:
    """The first moment after ``now`` at which one of them begins or ends."""
    turns = [moment for one in memberships for moment in (one.begins, one.ends) if moment is not None and moment > now]
    return min(turns, default=None)


def in_order(memberships: Iterable[Membership]) -> list[Membership]:
    """By the group's name."""
    return sorted(memberships, key=lambda one: one.group)
