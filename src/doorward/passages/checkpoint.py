"""Checkpoints: doors that people present themselves at."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Protocol

from doorward.errors import PersonUnknown, WrongUse
from doorward.face.pad import PadMethod, told_methods
from doorward.face.presentation import Act
from doorward.face.thresholds import checked_fpir
from doorward.kernel.audit import Actor, AuditEntry, AuditTrail
from doorward.kernel.clock import Clock, Randomness
from doorward.kernel.ids import CheckpointId, PassageId, PersonId
from doorward.passages.passage import RETENTION_HOURS, Counter, Passage, PassageStore
from doorward.passages.statistics import KEPT as COUNTS_KEPT
from doorward.people.consent import Purpose, purposes_in_force
from doorward.people.person import EVERYONE
from doorward.people.ports import ConsentStore

LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """``group``: who may pass; ``act``: what a person does before they are recognised; ``attack_checks``: those against
    presentation attacks that are asked for here, besides the site's. ``fpir``: the share of strangers that a search
    here may name wrongly; None: the site's.
    """

    id: CheckpointId
    name: str
    group: str = EVERYONE
    act: Act = Act.TILT
    attack_checks: frozenset[PadMethod] = frozenset()
    fpir: float | None = None


class CheckpointStore(Protocol):
    def add(self, checkpoint: Checkpoint) -> None:
        """``Conflict`` when the name is taken."""
        ...

    def change(self, checkpoint: Checkpoint) -> None:
        """Put ``checkpoint`` in the place of the one with its id; ``CheckpointUnknown`` when there is none."""
        ...

    def named(self, name: str) -> Checkpoint:
        """``CheckpointUnknown`` when there is none."""
        ...

    def all(self) -> tuple[Checkpoint, ...]:
        """By name."""
        ...


class Doorkeeper:
    """Keeps the checkpoints, counts everybody, and records the passages of those who agreed to it."""

    def __init__(
        self,
        checkpoints: CheckpointStore,
        passages: PassageStore,
        consents: ConsentStore,
        trail: AuditTrail,
        clock: Clock,
        randomness: Randomness,
    ) -> None:
        self._checkpoints = checkpoints
        self._passages = passages
        self._consents = consents
        self._trail = trail
        self._clock = clock
        self._randomness = randomness

    def add(
        self,
        name: str,
        group: str = EVERYONE,
        act: Act = Act.TILT,
        attack_checks: frozenset[PadMethod] = frozenset(),
        fpir: float | None = None,
    ) -> Checkpoint:
        """A new checkpoint; ``WrongUse`` for an unusable name or rate, ``Conflict`` for a taken name."""
        name = name.strip()
        if not name or len(name) > LONGEST_NAME or not name.isprintable():
            raise WrongUse(f"A checkpoint's name has 1 to {LONGEST_NAME} printable characters.")
        checkpoint = Checkpoint(CheckpointId(self._randomness.uuid()), name, group, act, attack_checks, _checked(fpir))
        self._checkpoints.add(checkpoint)
        return checkpoint

    def ask_for(self, actor: Actor, name: str, attack_checks: frozenset[PadMethod]) -> Checkpoint:
        """Ask for exactly ``attack_checks`` at a checkpoint, besides the site's; the change is recorded."""
        changed = replace(self.named(name), attack_checks=attack_checks)
        told = ", ".join(told_methods(attack_checks)) or "none"
        action = f"presentation attack detection at {changed.name}: {told}"
        self._trail.record(AuditEntry(actor, action, None, self._clock.now()))
        self._checkpoints.change(changed)
        return changed

    def search_at(self, actor: Actor, name: str, fpir: float | None) -> Checkpoint:
        """Let searches at a checkpoint name ``fpir`` of the strangers wrongly, or as many as the site's; recorded."""
        changed = replace(self.named(name), fpir=_checked(fpir))
        told = "the site's" if fpir is None else f"{fpir:g}"
        action = f"false-positive identification rate at {changed.name}: {told}"
        self._trail.record(AuditEntry(actor, action, None, self._clock.now()))
        self._checkpoints.change(changed)
        return changed

    def named(self, name: str) -> Checkpoint:
        return self._checkpoints.named(name)

    def all(self) -> tuple[Checkpoint, ...]:
        return self._checkpoints.all()

    def names(self) -> dict[CheckpointId, str]:
        return {checkpoint.id: checkpoint.name for checkpoint in self.all()}

    def let_through(self, checkpoint: Checkpoint, person: PersonId) -> Passage | None:
        """Count, and record a passage if the person consented to that; ``None`` when they did not, or were erased."""
        now = self._clock.now()
        self._passages.tally(checkpoint.id, Counter.ACCEPTED)
        if Purpose.PASSAGES not in purposes_in_force(self._consents.of(person), now):
            return None
        passage = Passage(PassageId(self._randomness.uuid()), person, checkpoint.id, now)
        try:
            self._passages.add(passage)
        except PersonUnknown:
            return None
        return passage

    def turn_away(self, checkpoint: Checkpoint) -> None:
        """A refusal leaves a counter and nothing else."""
        self._passages.tally(checkpoint.id, Counter.REFUSED)

    def tallies(self, checkpoint: Checkpoint) -> dict[Counter, int]:
        return dict(self._passages.tallies(checkpoint.id))

    def passages_of(self, actor: Actor, person: PersonId, hours: int = RETENTION_HOURS) -> tuple[Passage, ...]:
        """One person's passages of the last ``hours``; the look is recorded. ``WrongUse`` without a purpose."""
        if not actor.purpose.strip():
            raise WrongUse("Say why you look; the person can see it.")
        now = self._clock.now()
        self._trail.record(AuditEntry(actor, f"passages of the last {hours} h read", person, now))
        since = now - timedelta(hours=hours)
        return tuple(one for one in self._passages.of(person) if one.at >= since)

    def forget_old(self, hours: int = RETENTION_HOURS) -> None:
        self._passages.drop_before(self._clock.now() - timedelta(hours=hours))
        self._passages.drop_hourly_before(self._clock.now() - COUNTS_KEPT)


def _checked(fpir: float | None) -> float | None:
    return None if fpir is None else checked_fpir(fpir)
