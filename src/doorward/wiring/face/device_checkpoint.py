"""A checkpoint on a joined device: it watches, judges and makes the template; the site decides and answers.

Nothing of whoever presented themselves outlives the answer here.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any
from uuid import uuid4

from doorward.adapters.devices.carried_reader import reader_from
from doorward.adapters.devices.close_picture import close_picture
from doorward.adapters.devices.presentation_body import PresentationBody
from doorward.adapters.system import SystemClock, SystemRandomness
from doorward.adapters.video.decoding import DECODING, Decoding
from doorward.adapters.video.watched import NO_GAPS, Gaps, open_watched
from doorward.errors import SiteRefused, SiteUnreachable, WrongUse
from doorward.face.challenge_book import ChallengeBook
from doorward.face.decision import Reason
from doorward.face.pad import DevicePad, PadMethod
from doorward.face.ports import FaceEmbedder, PresentationAttackDetector
from doorward.face.presentation import Act, Sighting
from doorward.face.template import Template
from doorward.kernel.ids import CheckpointId
from doorward.kernel.image import Frame
from doorward.settings.embedders import embedder_card
from doorward.vault.carried_reading import RunKey
from doorward.verify.second_factor import Factor
from doorward.wiring.face.attack_guard import unmoved
from doorward.wiring.face.awaited_factor import ASK_FOR_FACTOR, AwaitedFactor
from doorward.wiring.face.challenging import Moved
from doorward.wiring.face.claims import CheckpointClaims
from doorward.wiring.face.device_alone import Alone
from doorward.wiring.face.joined_device import JoinedDevice
from doorward.wiring.face.models import FaceModels, load_face_models
from doorward.wiring.face.opening import MODELS
from doorward.wiring.face.pad_models import BONA_FIDE_SCORE, load_pad_detector
from doorward.wiring.face.presenting import Watch, hint_of, presented

ASK_EVERY, TRY_EVERY = 600.0, 30.0
"""Seconds after which the site is asked again what it asks for, when it answered and when it did not."""


class Sends(StrEnum):
    """What leaves the device of a presentation."""

    TEMPLATE = "template"
    PICTURE = "picture"


@dataclass(frozen=True, slots=True)
class Answer:
    """What was decided of one presentation. ``event``: the decision's random id; None where the site decided nothing.

    ``retry_after``: whole seconds after which too many attempts may be followed by another.
    """

    is_accepted: bool
    reason: str
    sentence: str
    event: str | None = None
    retry_after: int | None = None


@dataclass(frozen=True, slots=True)
class DeviceEvent:
    """What a frame brought: an answer, or only a hint."""

    seconds: float
    answer: Answer | None
    hint: str | None


@dataclass(slots=True, eq=False)
class DeviceChallenger:
    """Asks for movements on the device. ``least``: what the site told as ``same_face``."""

    least: float
    book: ChallengeBook = field(default_factory=lambda: ChallengeBook(SystemClock(), SystemRandomness()))

    def same_face(self, model: str) -> float:
        return self.least


class DeviceEyes:
    """The models of a device and what its site asks of one checkpoint, told anew whenever the site says so.

    ``SiteUnreachable``, ``SiteRefused``; ``ModelMissing``, ``NotFound`` or ``WrongUse`` when the site's models are not
    in the device's folder ``models/``, nor in an installed package.
    """

    def __init__(self, device: JoinedDevice, checkpoint: CheckpointId) -> None:
        self._device = device
        self._checkpoint = checkpoint
        self._run = RunKey()
        self._asked: Mapping[str, Any] = {}
        self._next = 0.0
        self.alone = Alone(device)
        self.times_asked = 0
        """How often the site asked for something else."""
        self.ask()

    def ask(self) -> None:
        told = self._device.ask_settings(self._run.public)
        self._next = time.monotonic() + ASK_EVERY
        sealed, identity = told["carried"], self._device.identity
        self.alone.reader = reader_from(self._run, identity.site, identity.device, bytes.fromhex(sealed or ""))
        self.alone.site_answered()
        asked = {**told, "carried": None}
        if asked != self._asked:
            self._take_up(asked)
            self._asked = asked

    def keep_up(self) -> None:
        """Deliver what waits and ask again, now and then, while nobody stands there.

        ``SiteRefused`` when that is for good. A clock that is off or a disk that is full may pass.
        """
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + TRY_EVERY
        try:
            self._device.deliver()
            self.ask()
        except SiteUnreachable:
            return
        except SiteRefused as refusal:
            if refusal.refused_as in _FOR_GOOD:
                raise

    def ask_soon(self) -> None:
        """The site did not answer, and what waits is to reach it."""
        self._next = min(self._next, time.monotonic() + TRY_EVERY)

    def templates(self, best: Sighting) -> tuple[Template, ...]:
        """Of the face, by each model that the site asks for."""
        return tuple(one.embed([(best.image, best.face)])[0] for one in self.embedders)

    def attack_score(self, best: Sighting) -> float | None:
        """What the passive detector says of the face; ``None`` where the checkpoint asks for none."""
        return None if self.detector is None else float(self.detector.score(best.image, best.face))

    def _take_up(self, told: Mapping[str, Any]) -> None:
        door = next((one for one in told["checkpoints"] if one["id"] == self._checkpoint), None)
        if door is None:
            raise WrongUse("The site has no such checkpoint for this device; invite it anew, with all it acts for.")
        folder = self._device.folder / MODELS
        cards = [embedder_card(folder, name) for name in told["embedders"]]
        if [card.model for card in cards] != told["models"]:
            raise WrongUse(
                f"The site's embedder {told['embedders'][0]} is another; copy its card and file to {folder}."
            )
        self.models: FaceModels = load_face_models(folder, embedder=cards[0])
        others = [load_face_models(folder, embedder=card).embedder for card in cards[1:]]
        self.embedders: list[FaceEmbedder] = [self.models.embedder, *others]
        self.act = Act(door["act"])
        self.checks = frozenset(PadMethod(one) for one in door["attack_checks"])
        self.challenger = DeviceChallenger(float(told["same_face"]))
        self.detector: PresentationAttackDetector | None = None
        if PadMethod.PASSIVE in self.checks:
            self.detector = load_pad_detector(folder, {})
        self.times_asked += 1


def run_on_device(
    device: JoinedDevice,
    name: str,
    source: str,
    claims: CheckpointClaims | None = None,
    presentations: int | None = None,
    sends: Sends = Sends.TEMPLATE,
    gaps: Gaps = NO_GAPS,
    decoding: Decoding = DECODING,
    factor: AwaitedFactor[Answer] | None = None,
) -> Iterator[DeviceEvent]:
    """Have the site decide once a presentation, until the source ends or so many ``presentations`` were answered.

    ``factor``: where a face does not decide alone, it is presented once more with the badge or PIN that comes then.
    ``WrongUse`` when the device does not act for the checkpoint ``name``.
    """
    checkpoint = device.identity.checkpoint(name)
    eyes = DeviceEyes(device, checkpoint)
    answered, seconds = 0, 0.0
    with open_watched(source, gaps, decoding=decoding) as frames:
        for seen in _watched(iter(frames), eyes, claims, device.identity.device):
            seconds = seen.seconds
            is_presented = seen.is_over and (claims is None or claims.waiting)
            for answer in _answers(device, eyes, checkpoint, seen, claims, factor, sends):
                yield DeviceEvent(seconds, answer, None)
                answered += 1
                if answered == presentations:
                    return
            if not is_presented:
                is_awaited = factor is not None and factor.is_awaited
                yield DeviceEvent(seconds, None, ASK_FOR_FACTOR if is_awaited else hint_of(seen, claims))
                if not seen.is_there and not is_awaited:
                    eyes.keep_up()
    left = factor.settle(seconds, is_over=True) if factor else None
    if left is not None:
        yield DeviceEvent(seconds, left, None)


def _answers(
    device: JoinedDevice,
    eyes: DeviceEyes,
    checkpoint: CheckpointId,
    seen: Moved,
    claims: CheckpointClaims | None,
    factor: AwaitedFactor[Answer] | None,
    sends: Sends,
) -> Iterator[Answer]:
    """On who was waited for, and on who just presented themselves."""
    before = factor.settle(seen.seconds, is_over=seen.is_over) if factor else None
    if before is not None:
        yield before
    if not seen.is_over or (claims is not None and not claims.waiting):
        return
    by_factor = answering(device, eyes, checkpoint, seen, claims.take() if claims is not None else None, sends)
    now = by_factor(None) if factor is None else factor.decide(by_factor, seen.seconds)
    if now is not None:
        yield now


def _watched(
    frames: Iterator[Frame], eyes: DeviceEyes, claims: CheckpointClaims | None, holder: str
) -> Iterator[Moved]:
    """Begins anew with the next frame when the site asks for something else."""
    is_over = False
    while not is_over:
        asked = eyes.times_asked
        watch = Watch(eyes.models, eyes.challenger, eyes.checks, eyes.act, holder)
        for seen in presented(frames, watch, claims):
            yield seen
            if eyes.times_asked != asked:
                break
        else:
            is_over = True


def answer_to(
    device: JoinedDevice,
    eyes: DeviceEyes,
    checkpoint: CheckpointId,
    seen: Moved,
    claim: str | None,
    sends: Sends,
) -> Answer:
    """The answer to one presentation, by the site or, cut off from it, alone; ``SiteRefused`` when it is for good."""
    return answering(device, eyes, checkpoint, seen, claim, sends)(None)


def answering(
    device: JoinedDevice,
    eyes: DeviceEyes,
    checkpoint: CheckpointId,
    seen: Moved,
    claim: str | None,
    sends: Sends,
) -> Callable[[Factor | None], Answer]:
    """What presents ``seen`` to the site, with a factor or without, as often as it is called."""
    best = seen.sighting
    if best is None:
        return lambda _: _refused(seen.refusal or Reason.CHALLENGE_REQUIRED)
    body = body_of(eyes, checkpoint, best, claim, sends, seen.nonce, device.identity.device)
    if isinstance(body, Reason):
        return lambda _: _refused(body)
    return lambda factor: _presented(device, eyes, best, replace(body, factor=factor))


def _presented(device: JoinedDevice, eyes: DeviceEyes, best: Sighting, body: PresentationBody) -> Answer:
    try:
        answer = _told(device.present(body))
        eyes.alone.site_answered()
        if answer.reason == Reason.CHALLENGE_REQUIRED:
            with suppress(SiteUnreachable):
                eyes.ask()
        return answer
    except SiteUnreachable:
        eyes.ask_soon()
        return _decided_alone(eyes, best, body)
    except SiteRefused as refusal:
        if refusal.refused_as in _FOR_GOOD:
            raise
        if refusal.refused_as == "conflict":  # the site asks for other models or checks by now
            with suppress(SiteUnreachable):
                eyes.ask()
        return Answer(is_accepted=False, reason=refusal.refused_as, sentence=refusal.message)


def _decided_alone(eyes: DeviceEyes, best: Sighting, body: PresentationBody) -> Answer:
    """By the credential that was shown, where the site lets this device decide alone."""
    claim = body.claim
    if claim is None or not eyes.alone.may_decide(claim):
        return _refused(Reason.SITE_UNREACHABLE)
    probes = tuple(body.templates) or eyes.templates(best)
    score = body.pad.score if body.pad.score is not None else eyes.attack_score(best)
    is_attack = score is not None and not score >= BONA_FIDE_SCORE
    reason = eyes.alone.decide(body.checkpoint, claim, probes, is_attack=is_attack)
    if reason is Reason.MATCHED:
        return Answer(is_accepted=True, reason=reason.value, sentence=reason.sentence, event=str(uuid4()))
    return _refused(reason)


_FOR_GOOD = frozenset({"unauthenticated", "device_cloned", "message_replayed", "forbidden", "profile_off"})
"""Refusals that the next presentation would meet too: somebody has to look."""


def body_of(
    eyes: DeviceEyes,
    checkpoint: CheckpointId,
    best: Sighting,
    claim: str | None,
    sends: Sends,
    nonce: str | None = None,
    holder: str = "",
) -> PresentationBody | Reason:
    """What is sent of ``best``, or why the movements ``nonce`` of ``holder`` do not speak for it."""
    templates: tuple[Template, ...] = ()
    if sends is Sends.TEMPLATE or nonce is not None:
        templates = eyes.templates(best)
    done = frozenset[PadMethod]()
    if nonce is not None:
        reason = unmoved(eyes.challenger, nonce, templates[0], holder)
        if reason is not None:
            return reason
        done = frozenset({PadMethod.ACTIVE})
    if sends is Sends.PICTURE:
        return PresentationBody(checkpoint, claim, DevicePad(done), picture=close_picture(best.image, best.face.box))
    pad = DevicePad(done)
    if eyes.detector is not None:
        pad = DevicePad(done | {PadMethod.PASSIVE}, eyes.detector.name, eyes.attack_score(best))
    return PresentationBody(checkpoint, claim, pad, templates, best.quality)


def _refused(reason: Reason) -> Answer:
    return Answer(is_accepted=False, reason=reason.value, sentence=reason.sentence)


def _told(told: Mapping[str, Any]) -> Answer:
    accepted = told["decision"] == "accepted"
    return Answer(accepted, told["reason"], told["sentence"], told["event"], told["retry_after"])
