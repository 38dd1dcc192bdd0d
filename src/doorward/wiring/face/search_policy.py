"""How many strangers a search may name wrongly: a granted row for the site, from which a checkpoint may differ."""

from doorward.adapters.stores.face.grant_store import GrantStore
from doorward.face.thresholds import DEFAULT_FPIR, checked_fpir
from doorward.identify.identification import Group
from doorward.kernel.audit import Actor, AuditEntry, AuditTrail
from doorward.kernel.clock import Clock
from doorward.passages.checkpoint import Checkpoint

_KIND, _NAME = "setting", "false-positive identification rate"


class SearchPolicy:
    """Who writes the database without the key lets no search name more."""

    def __init__(self, grants: GrantStore, trail: AuditTrail, clock: Clock) -> None:
        self._grants = grants
        self._trail = trail
        self._clock = clock

    def fpir(self) -> float:
        """The site's false-positive identification rate (FPIR)."""
        held = self._grants.get(_KIND, _NAME)
        return float(held["fpir"]) if held else DEFAULT_FPIR

    def allow(self, actor: Actor, fpir: float) -> float:
        """Let searches name ``fpir`` of the strangers wrongly from now on; ``WrongUse`` for what is no such rate."""
        checked_fpir(fpir)
        action = f"false-positive identification rate of the site: {fpir:g}"
        self._trail.record(AuditEntry(actor, action, None, self._clock.now()))
        self._grants.put(_KIND, _NAME, {"fpir": fpir})
        return fpir

    def fpir_at(self, door: Checkpoint) -> float:
        return self.fpir() if door.fpir is None else door.fpir

    def group(self, door: Checkpoint) -> Group:
        """Among whom a search at the checkpoint is, and how often it may be wrong."""
        return Group(door.name, door.group, self.fpir_at(door))
