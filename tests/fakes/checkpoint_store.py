"""``CheckpointStore`` in memory."""

from doorward.errors import CheckpointUnknown, Conflict
from doorward.passages.checkpoint import Checkpoint


class FakeCheckpointStore:
    def __init__(self) -> None:
        self._held: dict[str, Checkpoint] = {}

    def add(self, checkpoint: Checkpoint) -> None:
        if checkpoint.name.casefold() in self._held:
            raise Conflict("A checkpoint of that name exists already.")
        self._held[checkpoint.name.casefold()] = checkpoint

    def change(self, checkpoint: Checkpoint) -> None:
        (known,) = [name for name, held in self._held.items() if held.id == checkpoint.id] or [None]
        if known is None:
            raise CheckpointUnknown("There is no such checkpoint.")
        self._held[known] = checkpoint

    def named(self, name: str) -> Checkpoint:
        try:
            return self._held[name.strip().casefold()]
        except KeyError:
            raise CheckpointUnknown("There is no checkpoint of that name.") from None

    def all(self) -> tuple[Checkpoint, ...]:
        return tuple(held for _, held in sorted(self._held.items()))
