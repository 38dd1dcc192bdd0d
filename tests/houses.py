"""The stores of a site, real or in memory, behind the same names, so that one test serves both."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from uuid import uuid4

import pytest

from doorward.adapters.credentials.sealer import VaultCredentialSealer
from doorward.adapters.galleries.face.exhaustive import ExhaustiveGallery
from doorward.adapters.stores.face.pin_store import SqlPinStore
from doorward.face.decision import Decision
from doorward.face.template import Template
from doorward.face.thresholds import DEFAULT_VERIFICATION_FMR, SFACE_LFW, ThresholdsOf, threshold_set_for
from doorward.identify.identification import Identifier
from doorward.identify.neighbours import Neighbours
from doorward.identify.ports import Gallery, PaceStore
from doorward.identify.roster import Roster
from doorward.kernel.audit import AuditTrail
from doorward.kernel.ids import SiteId
from doorward.passages.checkpoint import CheckpointStore, Doorkeeper
from doorward.passages.delivery import DeliveryStore
from doorward.passages.device import DeviceStore
from doorward.passages.legal_hold import HoldStore
from doorward.passages.passage import PassageStore
from doorward.people.consent import Purpose
from doorward.people.credential_desk import CredentialDesk
from doorward.people.enroller import Enroller
from doorward.people.enrolment import CapturedFrom
from doorward.people.person import Details, Person
from doorward.people.ports import (
    Changes,
    ConsentStore,
    CredentialStore,
    EnrolmentStore,
    LookalikeStore,
    PersonStore,
    PinStore,
)
from doorward.people.register import Register
from doorward.vault.credentials import CredentialKeys
from doorward.vault.keyring import Keyring
from doorward.vault.passphrase import CHEAPEST
from doorward.verify.attempts import Attempts, AttemptStore
from doorward.verify.claim import Shown
from doorward.verify.claims import Claims
from doorward.verify.second_factor import SecondFactors
from doorward.verify.verification import Verifier
from doorward.wiring.face.neighbours import NoSearch
from fakes.attempt_store import FakeAttemptStore
from fakes.audit_trail import FakeAuditTrail
from fakes.changes import FakeChanges
from fakes.checkpoint_store import FakeCheckpointStore
from fakes.clock import FakeClock, FakeRandomness
from fakes.consent_store import FakeConsentStore
from fakes.credential_store import FakeCredentialStore
from fakes.delivery_store import FakeDeliveryStore
from fakes.device_store import FakeDeviceStore
from fakes.enrolment_store import FakeEnrolmentStore
from fakes.gallery import FakeGallery
from fakes.hold_store import FakeHoldStore
from fakes.key_provider import FakeKeyProvider
from fakes.key_store import FakeKeyStore
from fakes.lookalike_store import FakeLookalikeStore
from fakes.memory import Memory
from fakes.pace_store import FakePaceStore
from fakes.passage_store import FakePassageStore
from fakes.person_store import FakePersonStore
from fakes.pin_store import FakePinStore
from fakes.searches import FakeSearches
from known_people import OFFICER
from postgresql_server import throwaway_postgresql_site
from throwaway_sites import opened_stores, throwaway_site


@dataclass
class House:
    """Stores and the jobs over them. ``trail`` may be replaced before the jobs are made."""

    people: PersonStore
    consents: ConsentStore
    enrolments: EnrolmentStore
    changes: Changes
    passages: PassageStore
    checkpoints: CheckpointStore
    pace: PaceStore
    trail: AuditTrail
    gallery: Gallery
    credentials: CredentialStore
    attempt_store: AttemptStore
    devices: DeviceStore
    deliveries: DeliveryStore
    lookalikes: LookalikeStore
    pins: PinStore
    holds: HoldStore
    clock: FakeClock = field(default_factory=FakeClock)
    randomness: FakeRandomness = field(default_factory=FakeRandomness)
    folder: Path | None = None
    thresholds: ThresholdsOf = threshold_set_for

    @property
    def register(self) -> Register:
        stores = (self.people, self.consents, self.enrolments, self.lookalikes, self.pins)
        return Register(*stores, self.trail, self.clock, self.randomness, self.credentials)

    @cached_property
    def desk(self) -> CredentialDesk:
        keys, site = FakeKeyStore(), SiteId(str(uuid4()))
        keyring = Keyring.found(site, keys, FakeKeyProvider(), self.clock, self.randomness)
        sealer = VaultCredentialSealer(CredentialKeys(site, keyring, self.randomness))
        stores = (self.people, self.consents, self.enrolments, self.credentials)
        return CredentialDesk(*stores, sealer, self.trail, self.clock, self.randomness)

    @property
    def claims(self) -> Claims:
        return Claims(self.people, self.consents, self.enrolments, self.desk, self.clock, self.randomness)

    @property
    def attempts(self) -> Attempts:
        return Attempts(self.attempt_store, self.clock)

    @property
    def verifier(self) -> Verifier:
        return Verifier(self.trail, self.clock, self.thresholds)

    def decided(self, shown: Shown, probe: Template, fmr: float = DEFAULT_VERIFICATION_FMR) -> Decision:
        """What a claim comes to before ``probe``, without counting the attempt."""
        return self.verifier.decide(OFFICER, self.claims.of(shown, probe.origin), probe, fmr=fmr)

    @property
    def roster(self) -> Roster:
        return Roster(self.gallery, self.people, self.consents, self.enrolments, self.changes, self.clock)

    @property
    def identifier(self) -> Identifier:
        stores = (self.lookalikes, self.consents, self.enrolments, self.pace)
        return Identifier(FakeSearches(self.gallery), *stores, self.trail, self.clock)

    @property
    def second_factors(self) -> SecondFactors:
        return SecondFactors(self.people, self.enrolments, self.pins)

    @property
    def doorkeeper(self) -> Doorkeeper:
        return Doorkeeper(self.checkpoints, self.passages, self.consents, self.trail, self.clock, self.randomness)

    def enroller(self, *, identify_profile: bool = False) -> Enroller:
        searches = FakeSearches(self.gallery, self.roster.refresh, SFACE_LFW.model)
        neighbours = Neighbours(searches, self.thresholds) if identify_profile else NoSearch()
        stores = (self.people, self.consents, self.enrolments)
        return Enroller(*stores, neighbours, self.lookalikes, self.trail, self.clock, self.randomness, self.thresholds)

    def known(
        self,
        name: str,
        template: Template | None = None,
        purposes: tuple[Purpose, ...] = (Purpose.VERIFY, Purpose.IDENTIFY, Purpose.PASSAGES),
        captured_from: CapturedFrom = CapturedFrom.LIVE,
        **details: object,
    ) -> Person:
        """Somebody added, who consented to ``purposes`` and is enrolled with ``template`` if one is given."""
        known = self.register.add(OFFICER, name, Details(**details))
        if purposes:
            self.register.consent(OFFICER, known.id, "Entry", "1", purposes, "signed")
        if template is not None:
            self.enroller().enrol(OFFICER, known.id, template, captured_from)
        return known


def real_house(folder: Path) -> tuple[House, object]:
    stores = opened_stores(folder)
    house = House(
        stores.people,
        stores.consents,
        stores.enrolments,
        stores.changes,
        stores.passages,
        stores.checkpoints,
        stores.pace,
        stores.trail,
        ExhaustiveGallery(),
        stores.credentials,
        stores.attempts,
        stores.devices,
        stores.deliveries,
        stores.lookalikes,
        SqlPinStore(stores.data, stores.vault, CHEAPEST),
        stores.holds,
        folder=folder,
    )
    return house, stores


def house_in_memory() -> House:
    memory = Memory()
    passages = FakePassageStore(memory)
    return House(
        FakePersonStore(memory),
        FakeConsentStore(memory),
        FakeEnrolmentStore(memory),
        FakeChanges(memory),
        passages,
        FakeCheckpointStore(),
        FakePaceStore(),
        FakeAuditTrail(memory),
        FakeGallery(),
        FakeCredentialStore(memory),
        FakeAttemptStore(),
        FakeDeviceStore(),
        FakeDeliveryStore(passages),
        FakeLookalikeStore(memory),
        FakePinStore(memory),
        FakeHoldStore(memory),
    )


@contextmanager
def real_site(kind: str, folder: Path) -> Iterator[Path]:
    """A fresh site in ``folder`` with its data in SQLite, or in PostgreSQL."""
    if kind == "postgresql":
        with throwaway_postgresql_site(folder) as site:
            yield site
    else:
        yield throwaway_site(folder)


@contextmanager
def house_of(kind: str, folder: Path) -> Iterator[House]:
    """One with the stores on SQLite or PostgreSQL, or with the fakes."""
    if kind == "memory":
        yield house_in_memory()
        return
    with real_site(kind, folder) as site:
        made, stores = real_house(site)
        yield made
        stores.close()


@pytest.fixture(params=["sqlite", "memory"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    """Every test that asks for a house runs once with the real stores and once with the fakes."""
    with house_of(request.param, tmp_path) as made:
        yield made


@pytest.fixture(params=["sqlite", "postgresql", "memory"])
def house_on_each_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    """The same on PostgreSQL too."""
    with house_of(request.param, tmp_path) as made:
        yield made
