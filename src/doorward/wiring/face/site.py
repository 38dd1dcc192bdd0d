"""An open site: what the Python API, the command line and the server all use."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

from doorward.adapters.face.embedder_card import EmbedderCard
from doorward.adapters.images import decode_photo, read_photo
from doorward.adapters.process import harden_process
from doorward.adapters.stores.notices import live_channel
from doorward.adapters.stores.turns import SiteTurns
from doorward.errors import PhotoError, Tampered
from doorward.face.capture import ONE_CLOSE_FRONTAL, ONE_PERSON, Capture, CapturePolicy, capture
from doorward.face.decision import Decision, refusal_of_photo
from doorward.face.ports import PresentationAttackDetector
from doorward.face.thresholds import DEFAULT_VERIFICATION_FMR
from doorward.identify.identification import Identifier
from doorward.identify.membership import Memberships
from doorward.identify.neighbours import Neighbours
from doorward.kernel.audit import Actor
from doorward.kernel.ids import PersonId
from doorward.kernel.image import Image
from doorward.passages.checkpoint import Checkpoint, Doorkeeper
from doorward.people.consent import Consent, Purpose
from doorward.people.enroller import Enroller
from doorward.people.person import Details, Person
from doorward.people.pin import PinDesk
from doorward.people.register import Register
from doorward.settings.embedders import embedder_card
from doorward.settings.site import SiteSettings
from doorward.verify.attempts import Attempts
from doorward.verify.by_eye import EyeChecks
from doorward.verify.claim import Number, Shown
from doorward.verify.claims import Claims
from doorward.verify.second_factor import Factor, SecondFactors
from doorward.verify.verification import Verifier
from doorward.wiring.face.adopting import AdoptedThresholds
from doorward.wiring.face.attack_guard import NOTHING, AttackGuard, Methods, Seen
from doorward.wiring.face.credentials import desk_of
from doorward.wiring.face.deciding_alone import DecidingAlone
from doorward.wiring.face.delivering import DeliveryDesk
from doorward.wiring.face.devices import Devices
from doorward.wiring.face.enrolling import EnrollingSite, Photo, person_id
from doorward.wiring.face.identifying import Identification
from doorward.wiring.face.invitations import Invitations
from doorward.wiring.face.keys import finish_certificate
from doorward.wiring.face.legal_holds import LegalHolds
from doorward.wiring.face.live import LiveView
from doorward.wiring.face.models import FaceModels, load_face_models
from doorward.wiring.face.neighbours import NoSearch
from doorward.wiring.face.opening import LIVE, MODELS, AskPassphrase, read_settings
from doorward.wiring.face.pad_models import load_pad_detector
from doorward.wiring.face.pad_policy import PadPolicies
from doorward.wiring.face.presence import PresenceLists
from doorward.wiring.face.profile import Profiles
from doorward.wiring.face.reading_span import ReadingSpan
from doorward.wiring.face.search_policy import SearchPolicy
from doorward.wiring.face.signed_deliveries import SignedDeliveries
from doorward.wiring.face.site_gallery import site_searches
from doorward.wiring.face.succession import Succession
from doorward.wiring.face.unlocking import unlock
from doorward.wiring.face.verifying import Verification


class Site(EnrollingSite):
    """One open site. Close it, or use it in a ``with`` block.

    Methods without an ``actor`` act as ``self.actor``: the operator of this process.
    """

    def __init__(self, folder: Path, settings: SiteSettings, ask: AskPassphrase, actor: Actor | None = None) -> None:
        harden_process()
        self.folder = folder
        self.settings = settings
        self.actor = actor or Actor(f"operator {getpass.getuser()}", "operation")
        self.stores = stores = unlock(folder, settings, ask)
        finish_certificate(folder, stores)
        self.turns = SiteTurns(stores.data, folder)
        clock, randomness = stores.vault.clock, stores.randomness
        self.profiles = Profiles(stores.grants)
        self.search_policy = SearchPolicy(stores.grants, stores.trail, clock)
        self.pad_policies = PadPolicies(stores.grants, stores.trail, clock)
        self.thresholds = AdoptedThresholds(stores.grants, stores.trail, clock)
        in_use = self.thresholds.in_use
        self.attack_guard = AttackGuard(
            self.pad_policies, lambda: self.attack_detector, stores.trail, clock, randomness, in_use
        )
        self.invitations = Invitations(stores.grants, clock, randomness)
        people = (stores.people, stores.consents, stores.enrolments)
        self.legal_holds = LegalHolds(stores)
        self.register = Register(
            *people,
            stores.lookalikes,
            stores.pins,
            stores.trail,
            clock,
            randomness,
            stores.credentials,
            self.legal_holds.check_none_held,
        )
        self.pins = PinDesk(stores.people, stores.pins, stores.trail, clock, randomness)
        self.credentials = desk_of(stores)
        claims = Claims(*people, self.credentials, clock, randomness)
        attempts, verifier = Attempts(stores.attempts, clock), Verifier(stores.trail, clock, in_use)
        self.verification = Verification(
            claims, attempts, self.attack_guard, verifier, self.follow, together=stores.in_one_transaction
        )
        self.eye_checks = EyeChecks(stores.people, stores.trail, clock)
        self.doorkeeper = Doorkeeper(
            stores.checkpoints, stores.passages, stores.consents, stores.trail, clock, randomness
        )
        with suppress(Tampered):  # housekeeping says so, and the doctor which row
            self.legal_holds.keep()
        self.doorkeeper.forget_old()
        self.reading_span = ReadingSpan(stores.grants, stores.trail, clock)
        self.presence_lists = PresenceLists(stores)
        self.live = LiveView(live_channel(stores.data, folder / LIVE), clock, randomness)
        self.devices = Devices(stores, self.live)
        self.deciding_alone = DecidingAlone(stores.grants, stores.trail, clock)
        self.deliveries = DeliveryDesk(stores.deliveries, clock, SignedDeliveries(stores, self.devices.alarms))
        self.succession = Succession(folder, settings, stores, lambda: self.embedder, in_use)
        self.searches = site_searches(folder, stores, self.profiles, lambda: self.embedder, self.succession)
        self.neighbours = Neighbours(self.searches, in_use)
        self.memberships = Memberships(stores.people, clock)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self.searches.close()
        self.deliveries.close()
        self.stores.close()

    @cached_property
    def models(self) -> FaceModels:
        """``WrongUse`` when the embedder that the settings choose has no thresholds: nothing could be decided."""
        self.thresholds.in_use(self.embedder.model)
        return load_face_models(self.folder / MODELS, self.settings.models, embedder=self.embedder)

    @cached_property
    def embedder(self) -> EmbedderCard:
        """What the settings choose; ``NotFound`` or ``WrongUse`` when its card is missing or wrong."""
        return embedder_card(self.folder / MODELS, self.settings.embedder)

    @cached_property
    def attack_detector(self) -> PresentationAttackDetector:
        """The passive detector of presentation attacks; ``ModelMissing`` says how to get its models."""
        return load_pad_detector(self.folder / MODELS, self.settings.models)

    @cached_property
    def identifier(self) -> Identifier:
        stores = self.stores
        return Identifier(
            self.searches,
            stores.lookalikes,
            stores.consents,
            stores.enrolments,
            stores.pace,
            stores.trail,
            stores.vault.clock,
            self.thresholds.in_use,
        )

    @cached_property
    def identification(self) -> Identification:
        stores = self.stores
        factors = SecondFactors(stores.people, stores.enrolments, stores.pins)
        verification = self.verification
        parts = (self.memberships, self.identifier, factors, verification.attempts, verification.verifier)
        return Identification(*parts, self.search_policy.group, follow=self.follow)

    @property
    def enroller(self) -> Enroller:
        stores = self.stores
        neighbours = self.neighbours if self.profiles.current().identifies else NoSearch()
        return Enroller(
            stores.people,
            stores.consents,
            stores.enrolments,
            neighbours,
            stores.lookalikes,
            stores.trail,
            stores.vault.clock,
            stores.randomness,
            self.thresholds.in_use,
        )

    def add_person(
        self, display_name: str, details: Details | None = None, groups: Iterable[str] = (), actor: Actor | None = None
    ) -> Person:
        """A new person, not yet enrolled."""
        return self.register.add(actor or self.actor, display_name, details or Details(), groups)

    def record_consent(
        self,
        person: Person | PersonId,
        notice: str,
        version: str,
        purposes: Iterable[Purpose | str],
        how: str,
        until: datetime | None = None,
        actor: Actor | None = None,
    ) -> Consent:
        """Record that the person agreed now to ``purposes`` (verify, identify, passages, photo)."""
        wanted = [Purpose(purpose) for purpose in purposes]
        return self.register.consent(actor or self.actor, person_id(person), notice, version, wanted, how, until)

    def verify(
        self,
        photo: Photo,
        person: Person | PersonId | None,
        fmr: float = DEFAULT_VERIFICATION_FMR,
        actor: Actor | None = None,
        *,
        attack_checks: Methods = NOTHING,
        movements: str | None = None,
        number: Number | None = None,
        credential: bytes | None = None,
    ) -> Decision:
        """Is the face in ``photo`` that of ``person``? An unknown person is answered like a face that differs.

        ``number``: their badge or document number, and ``credential``: what the code on their card holds, in place of
        ``person``. ``attack_checks``: against presentation attacks, besides what the site asks for. ``movements``: the
        nonce of those that the same face has just made for ``actor``. Failures in a row count against the claim, and
        against ``actor`` where one is given.
        """
        shown = Shown(None if person is None else person_id(person), number, credential)
        decision = self._verified(photo, shown, fmr, actor, attack_checks, movements)
        self.live.decided(None, accepted=decision.is_accepted)
        return decision

    def _verified(
        self, photo: Photo, shown: Shown, fmr: float, actor: Actor | None, attack_checks: Methods, movements: str | None
    ) -> Decision:
        checks = self.attack_guard.required(attack_checks)
        refusal = self.attack_guard.refusal_without_movements(checks, movements)
        if refusal is not None:
            return refusal
        image = _decoded(photo)
        try:
            taken = self.captured(image)
        except PhotoError as error:
            return refusal_of_photo(error)
        return self.verification.decide(
            actor or self.actor,
            shown,
            Seen.of(image, taken),
            taken.quality,
            checks,
            fmr=fmr,
            device=actor.name if actor else None,
            movements=movements,
        )

    def identify(
        self,
        photo: Photo,
        checkpoint: str | Checkpoint,
        actor: Actor | None = None,
        *,
        movements: str | None = None,
        factor: Factor | None = None,
        is_waiting: Callable[[], bool] = lambda: True,
    ) -> Decision:
        """Which person of the checkpoint's group is the one close frontal face in ``photo``, if any?

        ``movements`` as ``verify`` takes it. ``factor``: the badge or PIN that is shown beside the face, which decides
        among those whom it resembles. ``is_waiting``: whether somebody still waits for the answer.
        """
        self.profiles.current().require_identification()
        door = self.doorkeeper.named(checkpoint) if isinstance(checkpoint, str) else checkpoint
        decision = self._identified(photo, door, actor, movements, factor, is_waiting)
        self.live.decided(door.name, accepted=decision.is_accepted)
        return decision

    def _identified(
        self,
        photo: Photo,
        door: Checkpoint,
        actor: Actor | None,
        movements: str | None,
        factor: Factor | None,
        is_waiting: Callable[[], bool],
    ) -> Decision:
        checks = self.attack_guard.required(door.attack_checks)
        refusal = self.attack_guard.refusal_without_movements(checks, movements)
        if refusal is not None:
            return refusal
        image = _decoded(photo)
        self.identifier.admit(door.id)
        try:
            taken = self.captured(image, ONE_CLOSE_FRONTAL)
        except PhotoError as error:
            return refusal_of_photo(error)
        by = actor or self.actor
        seen = Seen.of(image, taken)
        judged = self.attack_guard.judge(checks, seen, by, movements, is_search=True)
        if isinstance(judged, Decision):
            return judged
        device = actor.name if actor else None
        decision = self.identification.decide(
            by, door, seen.templates, taken.quality, factor, with_pad=bool(checks), device=device, is_waiting=is_waiting
        )
        return replace(decision, pad=judged)

    def may_pass(self, person: PersonId, door: Checkpoint) -> bool:
        """Does the person belong to the checkpoint's group now?"""
        return self.memberships.is_member(person, door.group)

    def capture(self, photo: Photo) -> Capture:
        """The one usable face in a photo; ``PhotoError`` says what is wrong with it."""
        return self.captured(_decoded(photo))

    def captured(self, image: Image, policy: CapturePolicy = ONE_PERSON) -> Capture:
        """The same of a decoded photo, by each model that serves."""
        models = self.models
        return capture(image, models.detector, models.embedder, policy, self.succession.former_embedder())


def open_site(folder: Path | str, ask: AskPassphrase, actor: Actor | None = None) -> Site:
    """Open the site in ``folder``; ``ask`` gives the passphrase if the site has one."""
    place = Path(folder).expanduser().resolve()
    return Site(place, read_settings(place), ask, actor)


def _decoded(photo: Photo) -> Image:
    return decode_photo(photo) if isinstance(photo, bytes) else read_photo(Path(photo))
