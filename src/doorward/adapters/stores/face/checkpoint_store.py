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


class SqlCheckpointStore:
    """``CheckpointStore`` over data.db."""

    def __init__(self, grants: GrantStore) -> None:
        self._grants = grants
        self._ids: dict[str, CheckpointId] = {}

    def add(self, checkpoint: Checkpoint) -> None:
        if any(known.name.casefold() == checkpoint.name.casefold() for known in self.all()):
            raise Conflict("A checkpoint of that name exists already; choose another name.")
        self._put(checkpoint)

    def change(self, checkpoint: Checkpoint) -> None:
        if checkpoint.id not in {known.id for known in self.all()}:
            raise CheckpointUnknown("There is no such checkpoint; `doorward checkpoint list` shows them.")
        self._put(checkpoint)

    def named(self, name: str) -> Checkpoint:
        wanted = name.strip().casefold()
        known = self._ids.get(wanted)
        # Asked for at each identification, and to open every row there is would take longer than the search.
        held = self._grants.get(_KIND, known) if known else None
        if known and held and held["name"].casefold() == wanted:
            return _checkpoint(known, held)
        for checkpoint in self.all():
            if checkpoint.name.casefold() == wanted:
                self._ids[wanted] = checkpoint.id
                return checkpoint
        raise CheckpointUnknown("There is no checkpoint of that name; `doorward checkpoint list` shows them.")

    def all(self) -> tuple[Checkpoint, ...]:
        found = (_checkpoint(CheckpointId(row_id), held) for row_id, held in self._grants.all(_KIND))
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


def _checkpoint(known: CheckpointId, held: Mapping[str, Any]) -> Checkpoint:
    return Checkpoint(known, held["name"], held["group"], Act(held["act"]), _checks(held), held.get("fpir"))


def _checks(held: Mapping[str, Any]) -> frozenset[PadMethod]:
    """Rows written before there were such checks ask for none."""
    return frozenset(PadMethod(name) for name in held.get("attack_checks", ()))
