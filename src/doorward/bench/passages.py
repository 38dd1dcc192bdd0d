"""Passages of many devices taken in: a real server on a real site, and devices that sign, number and seal."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import numpy as np

from doorward.adapters.stores.postgresql import drop_postgresql
from doorward.bench.door import Server, served
from doorward.bench.passages_devices import Fleet, Sent, SimulatedDevice
from doorward.bench.passages_site import bytes_on_disk, joined_devices, measured_afterwards, people_who_pass
from doorward.kernel.ids import PersonId
from doorward.wiring.face.api import create

CASE_PER_SECOND = 77.3
"""6,680,348 passages in 24 hours."""

_WARM_UP_S = 5.0


@dataclass(frozen=True, slots=True)
class Load:
    """``seconds``: at the case's rate, and again at ten times; ``replayed`` passages in batches of ``batch``."""

    devices: int
    people: int
    seconds: float
    replayed: int
    batch: int
    store: str | None = None
    """The URL of an empty PostgreSQL database; ``None``: a file."""


def run(load: Load, tell: Callable[[str], None]) -> dict[str, Any]:
    """What ``doorward bench passages --json`` prints; ``tell`` hears what goes on."""
    with TemporaryDirectory(prefix="doorward-bench-") as place:
        folder = Path(place) / "site"
        with create(folder, key_file=Path(place) / "site.key", store=load.store) as site:
            tell(f"{load.people} people")
            people = people_who_pass(site, load.people)
            tell(f"{load.devices} devices")
            devices = joined_devices(site, load.devices)
        before = bytes_on_disk(folder, load.store)
        figures = _driven(folder, devices, people, load, tell)
        grown = bytes_on_disk(folder, load.store) - before
        tell("looking for one person, dropping an hour, and sealing beside the clear")
        stored, afterwards = measured_afterwards(folder, people, Path(place))
        if load.store is not None:
            drop_postgresql(load.store)
        told = {**figures, "stored": stored, "bytes_per_passage": round(grown / max(stored, 1)), **afterwards}
    return {"devices": load.devices, "people": load.people, "stores": {"postgresql" if load.store else "sqlite": told}}


def _driven(
    folder: Path, devices: list[SimulatedDevice], people: list[PersonId], load: Load, tell: Callable[[str], None]
) -> dict[str, Any]:
    with ExitStack() as stack:
        server = stack.enter_context(served(folder))
        for device in devices:
            device.serve_at(server.address)
        return asyncio.run(_at_each_rate(Fleet(devices, people, server.certificate), server, load, tell))


async def _at_each_rate(fleet: Fleet, server: Server, load: Load, tell: Callable[[str], None]) -> dict[str, Any]:
    warm = await fleet.at_rate(CASE_PER_SECOND, min(_WARM_UP_S, load.seconds))
    tell(f"{CASE_PER_SECOND:g} passages a second")
    case = await _timed(server, fleet.at_rate(CASE_PER_SECOND, load.seconds))
    tell(f"{CASE_PER_SECOND * 10:g} passages a second")
    tenfold = await _timed(server, fleet.at_rate(CASE_PER_SECOND * 10, load.seconds))
    replay = await _timed(
        server, fleet.replay(load.replayed, load.batch, lambda done: tell(f"replayed {done} of {load.replayed}"))
    )
    memory = server.memory_mb()
    await fleet.close()
    parts = [warm, *(one for one, _ in (case, tenfold, replay))]
    return {
        **_told(*case),
        "memory_mb": memory,
        "sent": sum(one.sent for one in parts),
        "acknowledged": sum(one.passages for one in parts),
        "ten_times": _told(*tenfold),
        "replay": {**_told(*replay), "passages": replay[0].passages},
    }


async def _timed(server: Server, sending: Awaitable[Sent]) -> tuple[Sent, tuple[float, float]]:
    """What was sent, the seconds it took, and the server's processor seconds meanwhile."""
    begun, busy = perf_counter(), server.cpu_seconds()
    sent = await sending
    return sent, (perf_counter() - begun, server.cpu_seconds() - busy)


def _told(sent: Sent, took: tuple[float, float]) -> dict[str, Any]:
    seconds, busy = took
    p50, p99 = (round(float(np.quantile(sent.ack_ms, share)), 1) if sent.ack_ms else None for share in (0.5, 0.99))
    return {
        "per_second": round(sent.passages / seconds, 1),
        "ack_p50_ms": p50,
        "ack_p99_ms": p99,
        "cpu": round(busy / (seconds * (os.cpu_count() or 1)), 3),
    }
