"""Threshold sets that a site adopted from its own evaluation, and which is in use for each model: granted rows."""

import re
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from doorward.adapters.stores.face.grant_store import GrantStore
from doorward.errors import Conflict, NotFound, WrongUse
from doorward.face.thresholds import THRESHOLD_SETS, Provenance, ThresholdSet, threshold_set_for
from doorward.kernel.audit import Actor, AuditEntry, AuditTrail
from doorward.kernel.clock import Clock
from doorward.kernel.score_tail import Estimate, ScoreTail

_KIND, _SETTING, _IN_USE = "threshold set", "setting", "threshold sets in use"
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


class AdoptedThresholds:
    """Who writes the database without the key lowers no threshold."""

    def __init__(self, grants: GrantStore, trail: AuditTrail, clock: Clock) -> None:
        self._grants = grants
        self._trail = trail
        self._clock = clock

    def all(self) -> tuple[ThresholdSet, ...]:
        """Those that Doorward carries, then those adopted."""
        return (*THRESHOLD_SETS, *(_set(held) for _, held in self._grants.all(_KIND)))

    def in_use(self, model: str) -> ThresholdSet:
        """The set chosen for ``model``, else the one that Doorward carries for it; ``WrongUse`` without either."""
        name = self._chosen().get(model)
        if name is None:
            return threshold_set_for(model)
        return threshold_set_for(model, (one for one in self.all() if one.name == name))

    def require_free(self, name: str) -> None:
        """``WrongUse`` for what cannot be a name, ``Conflict`` for one that a set has already."""
        if not _NAME.fullmatch(name):
            raise WrongUse("A threshold set is named with small letters, digits, points and dashes, 64 at most.")
        if any(one.name == name for one in self.all()):
            raise Conflict(f"There is a threshold set {name} already; choose another name.")

    def adopt(self, actor: Actor, measured: ThresholdSet) -> ThresholdSet:
        """Keep ``measured`` and use it for its model from now on."""
        self.require_free(measured.name)
        self._record(actor, f"threshold set {measured.name} adopted for {measured.model}")
        self._grants.put(_KIND, measured.name, asdict(measured))
        return self._use(measured)

    def choose(self, actor: Actor, name: str) -> ThresholdSet:
        """Use the set ``name`` for its model from now on; ``NotFound`` when there is none."""
        chosen = self._named(name)
        self._record(actor, f"threshold set {name} chosen for {chosen.model}")
        return self._use(chosen)

    def remove(self, actor: Actor, name: str) -> None:
        """``NotFound`` when there is none, ``Conflict`` when it is in use or Doorward's own."""
        held = self._named(name)
        if held.provenance is None or self._chosen().get(held.model) == name:
            raise Conflict(f"The threshold set {name} is in use, or Doorward's own; choose another one first.")
        self._record(actor, f"threshold set {name} removed")
        self._grants.remove(_KIND, name)

    def _named(self, name: str) -> ThresholdSet:
        for one in self.all():
            if one.name == name:
                return one
        raise NotFound(f"There is no threshold set {name}; `doorward thresholds list` names those there are.")

    def _chosen(self) -> dict[str, str]:
        held = self._grants.get(_SETTING, _IN_USE)
        return held["by_model"] if held else {}

    def _use(self, chosen: ThresholdSet) -> ThresholdSet:
        self._grants.put(_SETTING, _IN_USE, {"by_model": {**self._chosen(), chosen.model: chosen.name}})
        return chosen

    def _record(self, actor: Actor, action: str) -> None:
        self._trail.record(AuditEntry(actor, action, None, self._clock.now()))


def _set(held: Mapping[str, Any]) -> ThresholdSet:
    """Sets adopted before there were tails have none, and serve as far as their points."""
    tail = held.get("tail")
    return ThresholdSet(
        **{
            **held,
            "points": tuple((float(fmr), float(value)) for fmr, value in held["points"]),
            "provenance": Provenance(**held["provenance"]),
            "tail": tail and ScoreTail(**{**tail, "spread": tuple(tail["spread"])}),
            "misses": tuple((threshold, Estimate(**missed)) for threshold, missed in held.get("misses", ())),
        }
    )
