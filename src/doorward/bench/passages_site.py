"""A site whose people agreed to be recorded, its devices, and what its store does once the passages are there."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from statistics import median
from time import perf_counter
from typing import Any
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Engine

from doorward.adapters.devices.identity import DeviceIdentity
from doorward.adapters.stores.database import closing_pool, writing
from doorward.adapters.stores.face.bulk import BulkStore, Newcomer
from doorward.adapters.stores.face.records import passage_record
from doorward.adapters.stores.face.row_log import NewcomersLog
from doorward.adapters.stores.postgresql import connected
from doorward.bench.passages_devices import SimulatedDevice
from doorward.bench.unsealed import open_clear
from doorward.kernel.ids import CheckpointId, ConsentId, DeviceId, PassageId, PersonId
from doorward.passages.device import Device
from doorward.passages.passage import Passage
from doorward.people.consent import Consent, Purpose
from doorward.people.membership import lasting
from doorward.people.person import EVERYONE, Details, Person
from doorward.wiring.face.site import Site, open_site

_ROUNDS = 6
_TOGETHER = 1_000
_LOOKS = 25
_ADD = "INSERT INTO passages (id, epoch, tag, record) VALUES (?, ?, ?, ?)"


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


def measured_afterwards(folder: Path, people: list[PersonId], beside: Path) -> tuple[int, dict[str, Any]]:
    """How many passages the stopped server's site holds, and how long its store takes for what is asked of it."""
    with open_site(folder, lambda: "") as site:
        stored = site.stores.passages.count()
        find = _find_ms(site, people)
        ratio = _unsealed_ratio(site, people, *_clear(site, beside))
        begun = perf_counter()
        site.stores.passages.drop_before(datetime.now(UTC) + timedelta(hours=1))
        drop = perf_counter() - begun
    return stored, {"find_person_ms": find, "drop_epoch_s": round(drop, 3), "unsealed_ratio": ratio}


def bytes_on_disk(folder: Path, store: str | None) -> int:
    """Of the site's files, and of its database in PostgreSQL: tables and indexes, not the server's log."""
    files = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    if store is None:
        return files
    engine = connected(store)
    with closing_pool(engine), engine.connect() as connection:
        return files + int(connection.exec_driver_sql("SELECT pg_database_size(current_database())").scalar_one())


def _find_ms(site: Site, people: list[PersonId]) -> float:
    times = []
    for person in Random(1).sample(people, min(_LOOKS, len(people))):  # noqa: S311 - whom to look for is no secret
        begun = perf_counter()
        site.stores.passages.of(person)
        times.append((perf_counter() - begun) * 1e3)
    return round(median(times), 2)


def _clear(site: Site, beside: Path) -> tuple[Engine, str]:
    """Where the same rows go in the clear, on the same kind of database, and the statement that writes them."""
    if site.settings.store is None:
        return open_clear(beside), _ADD
    engine = connected(site.settings.store)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE passages_in_the_clear (LIKE passages INCLUDING INDEXES)")
    return engine, _ADD.replace("INTO passages", "INTO passages_in_the_clear")


def _unsealed_ratio(site: Site, people: list[PersonId], clear: Engine, statement: str) -> float:
    """How many times as long sealed as the same rows in the clear take, in turns."""
    random, sealed, unsealed = Random(2), 0.0, 0.0  # noqa: S311 - as above
    for _ in range(_ROUNDS):
        now = datetime.now(UTC)
        batch = [
            Passage(PassageId(str(uuid4())), random.choice(people), CheckpointId(str(uuid4())), now)
            for _ in range(_TOGETHER)
        ]
        begun = perf_counter()
        site.stores.passages.add_many(batch)
        sealed += perf_counter() - begun
        begun = perf_counter()
        with writing(clear) as connection:
            rows = [
                (one.id, f"{one.at:%Y-%m-%dT%H}", f"{one.person}{one.id}".encode(), passage_record(one))
                for one in batch
            ]
            connection.exec_driver_sql(statement, rows)
        unsealed += perf_counter() - begun
    clear.dispose()
    return round(sealed / unsealed, 2)
