"""``PaceStore`` in memory."""


class FakePaceStore:
    def __init__(self) -> None:
        self._held: dict[str, tuple[str, int]] = {}

    def count(self, checkpoint: str, minute: str) -> int:
        known, count = self._held.get(checkpoint, (minute, 0))
        count = count + 1 if known == minute else 1
        self._held[checkpoint] = (minute, count)
        return count
