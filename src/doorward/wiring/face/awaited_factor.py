"""Somebody before a checkpoint whose face did not decide alone, and the badge or PIN that is waited for."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from doorward.face.decision import Reason
from doorward.verify.second_factor import Factor
from doorward.wiring.face.claims import Claims

FACTOR_WITHIN = 20.0
"""Seconds of the source in which the badge or PIN is shown."""

ASK_FOR_FACTOR = "Show your badge, or enter your PIN."

_PIN = "pin:"
"""Begins a line of a reader that holds a PIN."""


class Judged(Protocol):
    """A decision, or the answer that a device got."""

    @property
    def reason(self) -> str: ...


J = TypeVar("J", bound=Judged)


@dataclass(frozen=True, slots=True, eq=False)
class _Waiting(Generic[J]):
    """``by_factor``: what the capture of one presentation comes to, with a factor or without."""

    by_factor: Callable[[Factor | None], J]
    refusal: J
    until: float


class AwaitedFactor(Generic[J]):
    """Lines of a reader serve whoever stands there when they come, and nobody after them."""

    def __init__(self, lines: Claims) -> None:
        self._lines = lines
        self._waiting: _Waiting[J] | None = None

    @property
    def is_awaited(self) -> bool:
        return self._waiting is not None

    def decide(self, by_factor: Callable[[Factor | None], J], seconds: float) -> J | None:
        """What the face alone comes to; ``None`` when that is not enough, and ``settle`` will tell."""
        decision = by_factor(None)
        if decision.reason in (Reason.SECOND_FACTOR_REQUIRED, Reason.BADGE_REQUIRED):
            self._waiting = _Waiting(by_factor, decision, seconds + FACTOR_WITHIN)
            return None
        self._lines.clear()
        return decision

    def settle(self, seconds: float, *, is_over: bool) -> J | None:
        """The decision on who was waited for, once a line came, their time is up or they are gone (``is_over``)."""
        waiting, line = self._waiting, self._lines.take() if self._waiting else None
        if waiting is None or (line is None and seconds < waiting.until and not is_over):
            return None
        self._waiting = None
        self._lines.clear()
        return waiting.refusal if line is None else waiting.by_factor(_factor(line))


def _factor(line: str) -> Factor:
    return Factor(pin=line[len(_PIN) :]) if line.lower().startswith(_PIN) else Factor(badge=line)
