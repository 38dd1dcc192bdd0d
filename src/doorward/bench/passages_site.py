"""A site whose people agreed to be recorded, its devices, and what its store does once the passages are there."""

from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from doorward.adapters.devices.identity import DeviceIdentity
from doorward.adapters.stores.database import closing_pool
from doorward.adapters.stores.face.bulk import BulkStore, Newcomer
from doorward.adapters.stores.face.row_log import NewcomersLog
from doorward.adapters.stores.postgresql import connected
from doorward.bench.passages_devices import SimulatedDevice
from doorward.kernel.ids import CheckpointId, ConsentId, DeviceId, PersonId
from doorward.passages.device import Device
from doorward.people.consent import Consent, Purpose
from doorward.people.membership import lasting
from doorward.people.person import EVERYONE, Details, Person
from doorward.wiring.face.site import Site


def people_who_pass(site: Site, count: int) -> list[PersonId]:
    """New people, each with a consent to be recorded."""
    vault, now = site.stores.vault, datetime.now(UTC)
    people = [PersonId(str(uuid4())) for _ in range(count)]

    def newcomer(number: int, person: PersonId) -> Newcomer:
        purposes = frozenset({Purpose.VERIFY, Purpose.PASSAGES})
        consent = Consent(ConsentId(str(uuid4())), person, "Notice", "1", purposes, now, "signed")
        return Newcomer(Person(person, f"Person {number}", Details(), lasting({EVERYONE}), now), consent, None)

    store = BulkStore(site.stores.data, vault, NewcomersLog(vault))
    store.add(newcomer(number, person) for number, person in enumerate(people))
    return people


def joined_devices(site: Site, count: int) -> list[SimulatedDevice]:
    """Devices with keys of their own, each for a checkpoint of its own."""
    key, joined = site.stores.vault.device_bodies().public_key(), datetime.now(UTC)
    made = []
    for number in range(count):
        door, own = CheckpointId(str(uuid4())), Ed25519PrivateKey.generate()
        public = own.public_key().public_bytes_raw()
        device = Device(DeviceId(str(uuid4())), f"Camera {number}", public, frozenset({door}), joined)
        site.stores.devices.add(device)
        identity = DeviceIdentity(device.id, device.name, site.stores.vault.site, "", b"", key, {"Door": door})
        made.append(SimulatedDevice(identity, own, door))
    return made


def bytes_on_disk(folder: Path, store: str | None) -> int:
    """Of the site's files, and of its database in PostgreSQL: tables and indexes, not the server's log."""
    files = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    if store is None:
        return files
    engine = connected(store)
    with closing_pool(engine), engine.connect() as connection:
        return files + int(connection.exec_driver_sql("SELECT pg_database_size(current_database())").scalar_one())
