"""One served site with checkpoints and people whom a device may let pass."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from uuid import uuid4

import pytest

from doorward.adapters.devices.delivery_body import DeliveryBody
from doorward.kernel.ids import CheckpointId, PassageId, PersonId
from doorward.passages.checkpoint import Checkpoint
from doorward.passages.passage import Counter, Passage
from doorward.people.consent import Purpose
from doorward.wiring.face.joined_device import JoinedDevice, join_site
from doorward.wiring.face.site import Site, open_site
from doorward.wiring.serving import certificate_fingerprint
from integration.http.running import PASSPHRASE, Running, run
from throwaway_sites import throwaway_site

_numbers = count()


@dataclass
class Served:
    """A served site, and ways for devices to join it."""

    site: Site
    running: Running
    north: Checkpoint
    south: Checkpoint
    folder: Path
    opened: list[JoinedDevice] = field(default_factory=list)

    def invited(self, name: str | None = None) -> str:
        shown = certificate_fingerprint(self.site)
        name = name or f"device {next(_numbers)}"
        return str(self.site.devices.invite(self.site.actor, name, [self.north], shown)[0])

    def joined(self, name: str | None = None) -> JoinedDevice:
        place = self.folder / f"joined {next(_numbers)}"
        join_site(self.running.address, self.invited(name), place)
        return self.open(place)

    def open(self, place: Path, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> JoinedDevice:
        device = JoinedDevice(place, now)
        self.opened.append(device)
        return device

    def person(self, *purposes: Purpose) -> PersonId:
        known = self.site.add_person("Ada")
        self.site.record_consent(known, "notice", "1", purposes or (Purpose.VERIFY, Purpose.PASSAGES), "signed")
        return known.id

    def body(self, *people: PersonId, checkpoint: CheckpointId | None = None, refused: int = 0) -> DeliveryBody:
        door, now = checkpoint or self.north.id, datetime.now(UTC).replace(microsecond=0)
        passages = [Passage(PassageId(str(uuid4())), person, door, now) for person in people]
        return DeliveryBody(passages, {(door, Counter.REFUSED): refused} if refused else {})


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("devices")
    with open_site(throwaway_site(folder), lambda: PASSPHRASE) as site, run(site) as running:
        north, south = site.doorkeeper.add("North"), site.doorkeeper.add("South")
        served = Served(site, running, north, south, folder)
        yield served
        for device in served.opened:
            device.close()
