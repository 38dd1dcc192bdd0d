"""How much, how long and how fast a client may."""

import time
from collections.abc import Callable
from dataclasses import dataclass

MB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes in bytes, times in seconds, rates in requests a second and in one go.

    ``form_bytes`` leaves a photo of 20 MB room for the form around it. ``threads`` work at once, ``waiting``
    more requests wait for one, and ``forms`` photos are taken in at once.
    ``stalled_seconds``: how long nothing of an answer may be taken by whom it is for.
    ``connections``: a thousand devices hold one each, and close it after ``idle_seconds`` without a request.
    """

    json_bytes: int = 64 * 1024
    delivery_bytes: int = 512 * 1024
    form_bytes: int = 20 * MB + 64 * 1024
    header_bytes: int = 16 * 1024
    header_seconds: float = 10.0
    body_seconds: float = 30.0
    request_seconds: float = 30.0
    stalled_seconds: float = 30.0
    token_rate: float = 20.0
    token_burst: int = 40
    failure_rate: float = 0.2
    failure_burst: int = 10
    threads: int = 4
    waiting: int = 32
    forms: int = 16
    connections: int = 2048
    idle_seconds: int = 75


DEFAULT_LIMITS = Limits()

_MOST_BUCKETS = 10_000


class TokenBuckets:
    """One token bucket a key: ``burst`` at once, refilled at ``rate`` a second."""

    def __init__(self, rate: float, burst: int, now: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._burst = burst
        self._now = now
        self._levels: dict[str, tuple[float, float]] = {}

    def wait(self, key: str) -> float:
        """Take one; 0.0, or the seconds until there is one to take, and then none is taken."""
        now = self._now()
        level = self._level(key, now)
        if level < 1.0:
            return (1.0 - level) / self._rate
        if key not in self._levels and len(self._levels) >= _MOST_BUCKETS:
            self._forget(now)
        self._levels[key] = (level - 1.0, now)
        return 0.0

    def _level(self, key: str, now: float) -> float:
        level, since = self._levels.get(key, (float(self._burst), now))
        return min(float(self._burst), level + (now - since) * self._rate)

    def _forget(self, now: float) -> None:
        """Drop the full buckets, which are as good as none; if that frees nothing, all of them."""
        self._levels = {key: held for key, held in self._levels.items() if self._level(key, now) < self._burst}
        if len(self._levels) >= _MOST_BUCKETS:
            self._levels.clear()
