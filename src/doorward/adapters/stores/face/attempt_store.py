"""Failures in a row, as granted rows under blind tags: a row tells how many and when, and not of whom."""

import hmac
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from doorward.adapters.stores.face.grant_store import GrantStore, Held
from doorward.vault.vault import Vault
from doorward.verify.attempts import Streak, Subject

_KIND = "attempts"
_USE = "tags of attempts"


class SqlAttemptStore:
    """``AttemptStore`` over data.db. A row put back or deleted is found in the audit log, as every granted row is."""

    def __init__(self, grants: GrantStore, vault: Vault) -> None:
        self._grants = grants
        self._vault = vault

    def count(
        self, subjects: Sequence[Subject], now: datetime, may: Callable[[Sequence[Streak]], bool]
    ) -> Sequence[Streak]:
        standing: list[Streak] = []

        def counted(held: Held) -> Held | None:
            standing[:] = map(_streak, held)
            if not may(standing):
                return None
            standing[:] = [streak.longer(now) for streak in standing]
            return [_row(streak) for streak in standing]

        self._grants.change(_KIND, self._tags(subjects), counted)
        return standing

    def succeeded(self, subjects: Sequence[Subject], counted: Sequence[Streak]) -> None:
        def ended(held: Held) -> Held:
            return [_row(_streak(row).less(mine)) for row, mine in zip(held, counted, strict=True)]

        self._grants.change(_KIND, self._tags(subjects), ended)

    def streaks(self, subjects: Sequence[Subject]) -> Sequence[Streak]:
        held = dict(self._grants.all(_KIND))
        return [_streak(held.get(tag)) for tag in self._tags(subjects)]

    def lift(self, subjects: Sequence[Subject]) -> bool:
        return sum([self._grants.remove(_KIND, tag) for tag in self._tags(subjects)]) > 0

    def others(self, known: Sequence[Subject]) -> int:
        return len(self._others(known))

    def lift_others(self, known: Sequence[Subject]) -> int:
        return sum([self._grants.remove(_KIND, tag) for tag in self._others(known)])

    def _others(self, known: Sequence[Subject]) -> list[str]:
        own = set(self._tags(known))
        return [tag for tag, _ in self._grants.all(_KIND) if tag not in own]

    def _tags(self, subjects: Sequence[Subject]) -> list[str]:
        secret = self._vault.secret_for(_USE)
        return [hmac.digest(secret, f"{one.kind}\0{one.name}".encode(), "sha256").hex() for one in subjects]


def _streak(held: Mapping[str, Any] | None) -> Streak:
    return Streak(held["failures"], datetime.fromisoformat(held["last"])) if held else Streak()


def _row(streak: Streak) -> Mapping[str, Any] | None:
    if streak.last is None:
        return None
    return {"failures": streak.failures, "last": streak.last.isoformat()}
