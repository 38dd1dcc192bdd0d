"""Claims at a checkpoint: badge numbers as a reader types them, one a line."""

from collections import deque
from collections.abc import Iterable
from threading import Thread


class Claims:
    """Badge numbers that wait for their holder's face. Lines are read in the background, as a reader sends them."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._waiting: deque[str] = deque(maxlen=100)
        self._reader = Thread(target=self._read, args=(lines,), daemon=True)
        self._reader.start()

    @property
    def waiting(self) -> bool:
        return bool(self._waiting)

    def take(self) -> str | None:
        """The oldest badge number shown and not yet used; ``None`` when nobody showed one."""
        return self._waiting.popleft() if self._waiting else None

    def clear(self) -> None:
        """Forget what waits: it was shown for somebody who has gone."""
        self._waiting.clear()

    def _read(self, lines: Iterable[str]) -> None:
        for line in lines:
            if badge := line.strip():
                self._waiting.append(badge)
