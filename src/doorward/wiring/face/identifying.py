"""From a captured face to whom it is at a checkpoint: by itself, or by a second factor where it does not decide."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from doorward.errors import EvidenceMissing
from doorward.face.decision import Decision, Outcome, Reason
from doorward.face.quality import QualityReport
from doorward.face.template import Template
from doorward.face.thresholds import DEFAULT_VERIFICATION_FMR
from doorward.identify.identification import Group, Identifier
from doorward.identify.membership import Memberships
from doorward.kernel.audit import Actor
from doorward.kernel.ids import PersonId
from doorward.passages.checkpoint import Checkpoint
from doorward.people.enrolment import CapturedFrom
from doorward.verify.attempts import Attempts, Counted, Subject
from doorward.verify.second_factor import Factor, SecondFactors
from doorward.verify.verification import Verifier
from doorward.wiring.face.verifying import Follow, held_back


@dataclass(frozen=True, slots=True, eq=False)
class Identification:
    """The parts of a site that an identification needs. ``follow``: told of everybody who was accepted.

    ``group_of``: among whom a checkpoint searches, and how often that may be wrong. ``ticks``: seconds of a clock that
    only goes on.
    """

    memberships: Memberships
    identifier: Identifier
    factors: SecondFactors
    attempts: Attempts
    verifier: Verifier
    group_of: Callable[[Checkpoint], Group]
    follow: Follow = lambda _actor, _person, _templates, _from: None
    ticks: Callable[[], float] = time.monotonic
    pause: Callable[[float], None] = time.sleep

    def decide(
        self,
        actor: Actor,
        door: Checkpoint,
        probes: Sequence[Template],
        quality: QualityReport,
        factor: Factor | None = None,
        *,
        with_pad: bool = False,
        device: str | None = None,
        is_waiting: Callable[[], bool] = lambda: True,
        captured_from: CapturedFrom = CapturedFrom.FILE,
    ) -> Decision:
        """The search, after the pace was kept and presentation attacks were judged. ``probes``: templates of one face,
        that of the model in use first.

        A ``factor`` that is shown has to be that of one whom the face resembles, needed or not. A wrong one is a
        failed attempt of theirs, and of ``device``; beside a stranger's face it is not looked at. Where more may pass
        than a search was evaluated for there is none: the face is compared with that of the badge's holder alone.
        ``is_waiting``: whether somebody still waits for the answer.
        """
        group = self.group_of(door)

        def is_member(person: PersonId) -> bool:
            return self.memberships.is_member(person, door.group)

        def may_pass(person: PersonId) -> bool:
            return self.identifier.may_be_named(person, is_member)

        begun = self.ticks()
        try:
            found = self.identifier.search(group, probes, is_member, is_waiting)
        except EvidenceMissing:
            among, fmr = self.factors.holder(factor), DEFAULT_VERIFICATION_FMR
            if factor is None or among is None:
                return Decision(Outcome.REFUSED, Reason.BADGE_REQUIRED, quality=quality)
        else:
            if factor is None or not found.candidates:
                decision = self.identifier.decide(actor, group, found, quality, is_member)
                return self._followed(actor, decision, probes, captured_from)
            among, fmr = found.people, min(DEFAULT_VERIFICATION_FMR, found.threshold.fmr)
        decision = self._by_factor(actor, door, probes, quality, factor, among, fmr, may_pass, with_pad, device)
        if not decision.is_accepted:
            return held_back(decision, begun, self.ticks, self.pause)
        return self._followed(actor, decision, probes, captured_from)

    def _followed(
        self, actor: Actor, decision: Decision, probes: Sequence[Template], captured_from: CapturedFrom
    ) -> Decision:
        if decision.person is not None:
            self.follow(actor, decision.person, probes, captured_from)
        return decision

    def _by_factor(
        self,
        actor: Actor,
        door: Checkpoint,
        probes: Sequence[Template],
        quality: QualityReport,
        factor: Factor,
        among: frozenset[PersonId],
        fmr: float,
        may_pass: Callable[[PersonId], bool],
        with_pad: bool,
        device: str | None,
    ) -> Decision:
        probe, former = probes[0], probes[1] if len(probes) > 1 else None
        origins = [one.origin for one in probes]
        claim = self.factors.claim(factor, among, origins, door.name, may_pass)
        of_device = () if device is None else (Subject(Counted.DEVICE, device),)
        attempt = self.attempts.begin((*claim.subjects, *of_device), with_pad=with_pad)
        if not attempt.verdict.allowed:
            return self.verifier.turn_away(actor, claim, attempt.verdict, quality)
        decision = self.verifier.decide(actor, claim, probe, quality, fmr, former)
        if decision.person is not None and not may_pass(decision.person):
            # Writing the log may have waited for the very withdrawal that this must not come after.
            return Decision(Outcome.REFUSED, claim.told, None, decision.threshold, quality)
        if decision.person is not None:
            self.attempts.succeeded(attempt, (Subject(Counted.PERSON, decision.person), *of_device))
        return decision
