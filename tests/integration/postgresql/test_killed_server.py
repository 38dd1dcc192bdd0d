"""PostgreSQL killed while devices deliver: what was acknowledged is stored, and nothing twice."""

import os
import signal
import time
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from threading import Event, Thread
from uuid import uuid4

import psutil
import pytest

from doorward.errors import StorageError
from doorward.kernel.ids import DeviceId
from doorward.passages.delivery import Delivery
from doorward.passages.message_order import Mark, Standing
from doorward.wiring.face.migrating import migrate_site
from known_people import passage, person
from postgresql_server import started_server
from throwaway_sites import opened_stores, throwaway_site

KILLS = 3


def delivery(device: DeviceId, counter: int, of: str, now: datetime) -> Delivery:
    mark = Mark(counter, sha256(str(counter).encode()).digest())
    return Delivery(device, mark, now, (passage(of, at=now), passage(of, at=now)), {})


def kill_all_but_who_starts_them_anew(postmaster: int) -> None:
    """Every process that holds anything in memory: PostgreSQL then recovers from its log, as after a power cut."""
    for process in psutil.Process(postmaster).children():
        with suppress(psutil.NoSuchProcess):
            process.send_signal(signal.SIGKILL)


@pytest.mark.skipif("DOORWARD_TEST_POSTGRESQL" in os.environ, reason="kills the server, and that one is not ours")
def test_what_was_acknowledged_is_stored_once_though_the_server_was_killed(tmp_path: Path) -> None:
    folder = throwaway_site(tmp_path)
    host, postmaster = started_server()
    migrate_site(folder, f"postgresql://postgres@/postgres?host={host}")
    stores = opened_stores(folder)
    ada = person()
    stores.people.add(ada)
    sent: list[Delivery] = []
    acknowledged: set[str] = set()
    ended = Event()

    def deliver() -> None:
        device = DeviceId(str(uuid4()))
        for counter in range(1, 10_000):
            if ended.is_set():
                return
            one = delivery(device, counter, ada.id, datetime.now(UTC))
            sent.append(one)
            while True:  # as a device does: the same message again until it is acknowledged
                with suppress(StorageError):
                    taken = stores.deliveries.take([one], one.sent_at)[0]
                    assert taken.standing in (Standing.NEW, Standing.REPEATED)
                    acknowledged.update(each.id for each in one.passages)
                    break
                time.sleep(0.02)

    devices = [Thread(target=deliver) for _ in range(3)]
    for device in devices:
        device.start()
    for _ in range(KILLS):
        before = len(acknowledged)
        while len(acknowledged) < before + 20:
            time.sleep(0.01)
        kill_all_but_who_starts_them_anew(postmaster)
    ended.set()
    for device in devices:
        device.join()
    stored = [one.id for one in stores.passages.of(ada.id)]
    assert len(stored) == len(set(stored)) == stores.passages.count()
    assert acknowledged == set(stored)
    assert {each.id for one in sent for each in one.passages} == set(stored)
    stores.close()
