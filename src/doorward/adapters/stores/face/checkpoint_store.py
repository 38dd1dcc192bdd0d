"""Checkpoints as granted rows: who may pass where is not for a database writer to say."""

from collections.abc import Mapping
from typing import Any

from doorward.adapters.stores.face.grant_store import GrantStore
from doorward.errors import CheckpointUnknown, Conflict
from doorward.face.pad import PadMethod, told_methods
from doorward.face.presentation import Act
from doorward.kernel.ids import CheckpointId
from doorward.passages.checkpoint import Checkpoint

_KIND = "checkpoint"


class SqliteCheckpointStore:
    """``CheckpointStore`` over data.db."""

    def __init__(self, grants: GrantStore) -> None:
        self._grants = grants

    def add(self, checkpoint: Checkpoint) -> None:
        if any(known.name.casefold() == checkpoint.name.casefold() for known in self.all()):
            raise Conflict("A checkpoint of that name exists already; choose another name.")
        self._put(checkpoint)

    def change(self, checkpoint: Checkpoint) -> None:
        if checkpoint.id not in {known.id for known in self.all()}:
            raise CheckpointUnknown("There is no such checkpoint; `doorward checkpoint list` shows them.")
        self._put(checkpoint)

    def named(self, name: str) -> Checkpoint:
        for checkpoint in self.all():
            if checkpoint.name.casefold() == name.strip().casefold():
                return checkpoint
        raise CheckpointUnknown("There is no checkpoint of that name; `doorward checkpoint list` shows them.")

    def all(self) -> tuple[Checkpoint, ...]:
        found = (
            Checkpoint(
                CheckpointId(row_id), held["name"], held["group"], Act(held["act"]), _checks(held), held.get("fpir")
            )
            for row_id, held in self._grants.all(_KIND)
        )
        return tuple(sorted(found, key=lambda checkpoint: checkpoint.name.casefold()))

    def _put(self, checkpoint: Checkpoint) -> None:
        self._grants.put(
            _KIND,
            checkpoint.id,
            {
                "name": checkpoint.name,
                "group": checkpoint.group,
                "act": checkpoint.act.value,
                "attack_checks": told_methods(checkpoint.attack_checks),
                **({} if checkpoint.fpir is None else {"fpir": checkpoint.fpir}),
            },
        )


def _checks(held: Mapping[str, Any]) -> frozenset[PadMethod]:
    """Rows written before there were such checks ask for none."""
    return frozenset(PadMethod(name) for name in held.get("attack_checks", ()))
