"""Time and randomness as ports: the core asks, an adapter answers."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """The current time, aware, in UTC."""
        ...


class Randomness(Protocol):
    def uuid(self) -> str:
        """A fresh UUIDv4 in text form."""
        ...

    def octets(self, length: int) -> bytes:
        """``length`` bytes fit for keys."""
        ...
