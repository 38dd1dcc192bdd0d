"""Passages of many devices taken in: a real server on a real site, and devices that sign, number and seal."""

import asyncio
import os
from collections.abc import Awaitable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Any

import numpy as np

from doorward.adapters.stores.postgresql import drop_postgresql
from doorward.bench.door import Server, served
from doorward.bench.passages_devices import Fleet, Sent, SimulatedDevice
from doorward.bench.passages_plot import QUANTILES
from doorward.bench.passages_site import bytes_on_disk, joined_devices, people_who_pass
from doorward.bench.passages_stages import stages_us
from doorward.bench.passages_store import Tell, measured
from doorward.kernel.ids import PersonId
from doorward.wiring.face.api import create
from doorward.wiring.face.site import open_site

CASE_PER_SECOND = 77.3
"""6,680,348 passages in 24 hours."""


@dataclass(frozen=True, slots=True)
class Load:
    """``seconds``: at the case's rate, and again at ten times; ``replayed`` passages in batches of ``batch``.

    ``held``: passages when one person's are looked for and an hour is dropped; 0: those that were sent.
    """

    devices: int
    people: int
    seconds: float
    replayed: int
    batch: int
    held: int = 0
    store: str | None = None
    """The URL of an empty PostgreSQL database; ``None``: a file."""
    servers: int = 1
    """That share the site, each with as many of the devices."""


def run(load: Load, tell: Tell) -> dict[str, Any]:
    """What ``doorward bench passages --json`` prints; ``tell`` hears what goes on."""
    with TemporaryDirectory(prefix="doorward-bench-") as place:
        folder = Path(place) / "site"
        with create(folder, key_file=Path(place) / "site.key", store=load.store) as site:
            tell(f"{load.people} people", 0, 0)
            people = people_who_pass(site, load.people)
            tell(f"{load.devices} devices", 0, 0)
            devices = joined_devices(site, load.devices)
        before = bytes_on_disk(folder, load.store)
        figures = _driven(folder, devices, people, load, tell)
        grown = bytes_on_disk(folder, load.store) - before
        with open_site(folder, lambda: "") as site:
            stored = site.stores.passages.count()
            tell("stages", 0, 0)
            stages = stages_us(site, devices[0], people, load.batch)
            afterwards = measured(site, people, load.held, tell)
        if load.store is not None:
            drop_postgresql(load.store)
        told = {
            **figures,
            "stored": stored,
            "bytes_per_passage": round(grown / max(stored, 1)),
            "stages_us": stages,
            **afterwards,
        }
    counts = {"devices": load.devices, "people": load.people, "servers": load.servers}
    return {**counts, "stores": {"postgresql" if load.store else "sqlite": told}}


def _driven(
    folder: Path, devices: list[SimulatedDevice], people: list[PersonId], load: Load, tell: Tell
) -> dict[str, Any]:
    with ExitStack() as stack:
        servers = [stack.enter_context(served(folder)) for _ in range(load.servers)]
        for device, server in zip(devices, cycle(servers), strict=False):
            device.serve_at(server.address)
        return asyncio.run(_at_each_rate(Fleet(devices, people, servers[0].certificate), servers, load, tell))


async def _at_each_rate(fleet: Fleet, servers: Sequence[Server], load: Load, tell: Tell) -> dict[str, Any]:
    warm = await fleet.once_each()
    tell(f"{CASE_PER_SECOND:g} passages a second", 0, 0)
    case = await _timed(servers, fleet.at_rate(CASE_PER_SECOND, load.seconds))
    tell(f"{CASE_PER_SECOND * 10:g} passages a second", 0, 0)
    tenfold = await _timed(servers, fleet.at_rate(CASE_PER_SECOND * 10, load.seconds))
    replay = await _timed(
        servers, fleet.replay(load.replayed, load.batch, lambda done: tell("replaying", done, load.replayed))
    )
    memory = [server.memory_mb() for server in servers]
    await fleet.close()
    parts = [warm, *(one for one, _ in (case, tenfold, replay))]
    return {
        **_told(*case),
        "memory_mb": None if None in memory else sum(one or 0 for one in memory),
        "sent": sum(one.sent for one in parts),
        "acknowledged": sum(one.passages for one in parts),
        "ten_times": _told(*tenfold),
        "replay": {**_told(*replay), "passages": replay[0].passages},
    }


@dataclass(frozen=True, slots=True)
class _Took:
    """Seconds by the wall clock, and of processor time: the servers', and of the devices in this process."""

    seconds: float
    server: float
    devices: float


async def _timed(servers: Sequence[Server], sending: Awaitable[Sent]) -> tuple[Sent, _Took]:
    def busy() -> float:
        return sum(server.cpu_seconds() for server in servers)

    begun, before, own = perf_counter(), busy(), process_time()
    sent = await sending
    return sent, _Took(perf_counter() - begun, busy() - before, process_time() - own)


def _told(sent: Sent, took: _Took) -> dict[str, Any]:
    at = [round(float(one), 1) for one in np.quantile(sent.ack_ms, QUANTILES)] if sent.ack_ms else []
    quantiles = dict(zip(QUANTILES, at, strict=False))
    whole = took.seconds * (os.cpu_count() or 1)
    return {
        "per_second": round(sent.passages / took.seconds, 1),
        "ack_p50_ms": quantiles.get(0.5),
        "ack_p99_ms": quantiles.get(0.99),
        "ack_quantiles_ms": at,
        "cpu": round(took.server / whole, 3),
        "devices_cpu": round(took.devices / whole, 3),
        "refused": sent.refused,
    }
