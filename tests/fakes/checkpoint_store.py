"""``CheckpointStore`` in memory."""

from doorward.errors import CheckpointUnknown, Conflict
from doorward.kernel.ids import CheckpointId
from doorward.passages.checkpoint import Checkpoint


class FakeCheckpointStore:
    def __init__(self) -> None:
        self._held: dict[CheckpointId, Checkpoint] = {}

    def add(self, checkpoint: Checkpoint) -> None:
        if any(held.name.casefold() == checkpoint.name.casefold() for held in self.all()):
            raise Conflict("A checkpoint of that name exists already.")
        self._held[checkpoint.id] = checkpoint

    def change(self, checkpoint: Checkpoint) -> None:
        if checkpoint.id not in self._held:
            raise CheckpointUnknown("There is no such checkpoint.")
        self._held[checkpoint.id] = checkpoint

    def named(self, name: str) -> Checkpoint:
        for held in self.all():
            if held.name.casefold() == name.strip().casefold():
                return held
        raise CheckpointUnknown("There is no checkpoint of that name.")

    def all(self) -> tuple[Checkpoint, ...]:
        return tuple(sorted(self._held.values(), key=lambda held: held.name.casefold()))
