"""What a site asks for against presentation attacks, and the evaluation it adopted: granted rows."""

from collections.abc import Iterable
from dataclasses import asdict

from doorward.adapters.stores.face.grant_store import GrantStore
from doorward.face.pad import PadMethod, PadRates, told_methods
from doorward.kernel.audit import Actor, AuditEntry, AuditTrail
from doorward.kernel.clock import Clock

_KIND, _REQUIRED, _RATES = "setting", "presentation attack detection", "presentation attack evaluation"
_AT_ENROLMENT = "presentation attack detection at enrolment"


class PadPolicies:
    """Who writes the database without the key neither weakens what is asked for nor claims an evaluation."""

    def __init__(self, grants: GrantStore, trail: AuditTrail, clock: Clock) -> None:
        self._grants = grants
        self._trail = trail
        self._clock = clock

    def required(self) -> frozenset[PadMethod]:
        """What every verification and identification of the site asks for."""
        return self._held(_REQUIRED)

    def at_enrolment(self) -> frozenset[PadMethod]:
        """What every enrolment and confirmation before a camera asks for."""
        return self._held(_AT_ENROLMENT)

    def require(self, actor: Actor, methods: Iterable[PadMethod]) -> frozenset[PadMethod]:
        """Ask for exactly ``methods`` from now on; none of them asks for nothing."""
        return self._put(actor, _REQUIRED, methods)

    def require_at_enrolment(self, actor: Actor, methods: Iterable[PadMethod]) -> frozenset[PadMethod]:
        """The same when somebody is enrolled or confirmed before a camera."""
        return self._put(actor, _AT_ENROLMENT, methods)

    def rates(self) -> PadRates | None:
        """The evaluation adopted last."""
        held = self._grants.get(_KIND, _RATES)
        return PadRates(**held) if held else None

    def adopt(self, actor: Actor, rates: PadRates) -> PadRates:
        """Let answers tell ``rates`` while their model and threshold are in use."""
        action = f"presentation attack evaluation adopted: APCER {rates.apcer:.4f}, n={rates.attacks}"
        self._trail.record(AuditEntry(actor, action, None, self._clock.now()))
        self._grants.put(_KIND, _RATES, asdict(rates))
        return rates

    def _held(self, name: str) -> frozenset[PadMethod]:
        held = self._grants.get(_KIND, name)
        return frozenset(PadMethod(method) for method in held["required"]) if held else frozenset()

    def _put(self, actor: Actor, name: str, methods: Iterable[PadMethod]) -> frozenset[PadMethod]:
        told = told_methods(methods)
        where = " at enrolment" if name == _AT_ENROLMENT else ""
        action = f"presentation attack detection required{where}: {', '.join(told) or 'none'}"
        self._trail.record(AuditEntry(actor, action, None, self._clock.now()))
        self._grants.put(_KIND, name, {"required": told})
        return self._held(name)
