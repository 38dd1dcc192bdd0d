"""Presentations before a device's camera: the device sent a template or a picture, the site decides and lets through.

Nothing of what was sent is kept: a stranger leaves a counter, somebody enrolled what any other decision leaves.
"""

from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

from doorward.adapters.devices.presentation_body import PresentationBody, decoded
from doorward.adapters.face.embedder_card import EmbedderCard
from doorward.adapters.images import decode_photo
from doorward.errors import Conflict, Forbidden, LimitExceeded, PhotoError
from doorward.face.capture import ONE_CLOSE_FRONTAL
from doorward.face.decision import Decision, Outcome, Reason, refusal_of_photo
from doorward.face.pad import told_methods
from doorward.face.quality import QualityReport
from doorward.kernel.audit import Actor
from doorward.passages.checkpoint import Checkpoint
from doorward.passages.delivery import Delivery
from doorward.people.enrolment import CapturedFrom
from doorward.wiring.face.attack_guard import Seen
from doorward.wiring.face.checkpoint_run import as_permitted
from doorward.wiring.face.claims import shown_by
from doorward.wiring.face.deciding_alone import carried_for
from doorward.wiring.face.device_messages import opened
from doorward.wiring.face.devices import SigningDevice
from doorward.wiring.face.signed_deliveries import message_of
from doorward.wiring.face.site import Site


@dataclass(frozen=True, slots=True)
class DeviceSettings:
    """What a device needs to know to watch for presentations; nothing of it is secret.

    ``embedders``: names of the model in use and, while it is asked for, of the one before, as their cards are called.
    ``same_face``: least comparison score within one session, for the movements that are asked of a person.
    """

    embedders: tuple[str, ...]
    models: tuple[str, ...]
    same_face: float
    doors: tuple[Checkpoint, ...]

    def to_json(self, site: Site) -> dict[str, object]:
        return {
            "embedders": list(self.embedders),
            "models": list(self.models),
            "same_face": self.same_face,
            "checkpoints": [
                {
                    "id": door.id,
                    "name": door.name,
                    "act": door.act.value,
                    "attack_checks": told_methods(site.attack_guard.required(door.attack_checks)),
                }
                for door in self.doors
            ],
        }


def settings_for(site: Site, signer: SigningDevice) -> DeviceSettings:
    """For the checkpoints that the device acts for."""
    cards = _embedders(site)
    doors = tuple(door for door in site.doorkeeper.all() if door.id in signer.device.checkpoints)
    return DeviceSettings(
        tuple(one.card.name for one in cards),
        tuple(one.model for one in cards),
        site.attack_guard.same_face(cards[0].model),
        doors,
    )


def _embedders(site: Site) -> list[EmbedderCard]:
    """The one in use and, while it is asked for, the one before."""
    former = site.succession.card if site.succession.is_needed() else None
    return [site.embedder] if former is None else [site.embedder, former]


def carried_of(site: Site, signer: SigningDevice, told: DeviceSettings, receiver: bytes) -> str | None:
    """What lets the device decide alone, sealed to ``receiver``, in hexadecimal; ``None`` where it may not."""
    if not receiver or not site.deciding_alone.may(signer.device.id):
        return None
    parts = (site.stores, site.memberships, site.thresholds.in_use, told.models[0], told.doors)
    return carried_for(*parts, signer.device.id, receiver).hex()


def presentation_of(site: Site, signer: SigningDevice, octets: bytes) -> tuple[PresentationBody, Delivery]:
    """What was presented, and its place in the device's order.

    ``RequestInvalid`` or ``Forbidden``; ``Conflict`` when the device made the templates with another model.
    """
    body = decoded(opened(site, signer, octets))
    made_by = tuple(one.origin.model for one in body.templates)
    if made_by and made_by != tuple(one.model for one in _embedders(site))[: len(made_by)]:
        raise Conflict("The device makes templates with another model than the site; present yourself again.")
    return body, message_of(signer, {body.checkpoint})


def decide_presented(
    site: Site, signer: SigningDevice, body: PresentationBody, alone: AbstractContextManager[object]
) -> Decision:
    """The decision, after which the person has passed or was turned away. ``alone`` is held while that is written."""
    door = next((one for one in site.doorkeeper.all() if one.id == body.checkpoint), None)
    if door is None:
        raise Forbidden("That checkpoint is no more; invite the device anew, with all that it acts for.")
    decision = _decided(site, signer, door, body)
    with alone:
        if decision.person is None:
            site.doorkeeper.turn_away(door)
        else:
            site.doorkeeper.let_through(door, decision.person)
    site.live.decided(door.name, accepted=decision.person is not None)
    return decision


def _decided(site: Site, signer: SigningDevice, door: Checkpoint, body: PresentationBody) -> Decision:
    if body.claim is None:
        site.profiles.current().require_identification()
        try:
            site.identifier.admit(door.id)
        except LimitExceeded:
            return Decision(Outcome.REFUSED, Reason.TOO_MANY_ATTEMPTS)
    try:
        seen, quality = _seen(site, body)
    except PhotoError as error:
        return refusal_of_photo(error)
    actor = Actor(signer.called, f"passage at {door.name}")
    checks = site.attack_guard.required(door.attack_checks)
    # A template's word is the device's alone: nobody's reference is replaced by it.
    source = CapturedFrom.LIVE if body.picture is not None else CapturedFrom.FILE
    if body.claim is not None:
        shown = shown_by(body.claim)
        decision = site.verification.decide(
            actor, shown, seen, quality, checks, device=actor.name, captured_from=source
        )
        return as_permitted(site, door, decision, shown)
    judged = site.attack_guard.judge(checks, seen, actor, is_search=True)
    if isinstance(judged, Decision):
        return judged
    decision = site.identification.decide(
        actor,
        door,
        seen.templates,
        quality,
        body.factor,
        with_pad=bool(checks),
        device=actor.name,
        captured_from=source,
    )
    return replace(decision, pad=judged)


def _seen(site: Site, body: PresentationBody) -> tuple[Seen, QualityReport]:
    if body.picture is not None:
        image = decode_photo(body.picture)
        taken = site.captured(image, ONE_CLOSE_FRONTAL)
        return replace(Seen.of(image, taken), told=body.pad), taken.quality
    if body.quality is None:
        raise Conflict("The device measured no quality; update it.")
    template, former = body.templates[0], body.templates[1] if len(body.templates) > 1 else None
    return Seen(None, None, template, former, body.pad), body.quality
