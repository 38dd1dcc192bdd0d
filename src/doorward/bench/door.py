"""From a photo over HTTPS to the decision who it is, with so many people enrolled: a real server on a real site."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import numpy as np

from doorward.adapters.processes import processor_seconds
from doorward.bench.door_changes import followed
from doorward.bench.door_requests import Answered, Camera, Presented, from_many
from doorward.bench.door_site import DoorSite, doors, made_site, opened, tokens
from doorward.errors import InternalError

_A_DOOR = 25
"""Identifications by one checkpoint: fewer than its pace lets through in a minute."""

_A_TOKEN = 20
"""Requests by one token: fewer than it may send in one go."""

_WARM_UP = 3
_DONE = 200


@dataclass(frozen=True, slots=True)
class Photos:
    """``probes``: each with the place of its reference, None when nobody on the photo is enrolled."""

    references: Sequence[bytes]
    probes: Sequence[tuple[int | None, bytes]]


def run(
    photos: Photos,
    people: int,
    group: int | None,
    clients: int,
    place: Path | None,
    tell: Callable[[str], None],
) -> dict[str, Any]:
    """What ``doorward bench door --json`` prints; ``tell`` hears what goes on."""
    with ExitStack() as stack:
        folder = place or Path(stack.enter_context(TemporaryDirectory(prefix="doorward-bench-")))
        made = made_site(folder, people, group, photos.references, lambda done: tell(f"enrolling {done} of {people}"))
        probes = list(photos.probes)
        warm_up = (probes * _WARM_UP)[:_WARM_UP]
        count = len(warm_up) + 2 * len(probes)
        with opened(made) as site:
            secrets, names = tokens(site, -(-count // _A_TOKEN)), doors(site, -(-count // _A_DOOR))
        sent = [octets for _, octets in warm_up + probes * 2]
        presented = [Presented(octets, name) for octets, name in zip(sent, cycle(names), strict=False)]
        tell("starting the server")
        server = stack.enter_context(served(made.folder))
        tell("one by one")
        with _cameras(server, 1, secrets) as (camera,):
            first = [camera.identify(one) for one in presented[: len(warm_up)]]
            before = server.cpu_seconds()
            one_by_one = [camera.identify(one) for one in presented[len(warm_up) : -len(probes)]]
        cpu_ms = (server.cpu_seconds() - before) * 1e3 / len(probes)
        tell(f"from {clients} clients")
        with _cameras(server, clients, secrets) as cameras:
            at_once, seconds = from_many(cameras, presented[-len(probes) :])
        memory = server.memory_mb()
        tell("changes")
        with opened(made) as site:
            changes = followed(site)
    answered = sum(one.status == _DONE for one in at_once)
    return {
        "people": people,
        "group": people if group is None else group,
        "photos": len(probes),
        "clients": clients,
        "enrolled_per_s": made.enrolled_per_s and round(made.enrolled_per_s),
        "start_s": round(server.start_s, 2),
        "first_ms": round(first[0].ms, 1),
        "memory_mb": memory,
        "one_by_one": {**_times(one_by_one), "cpu_ms": round(cpu_ms, 1)},
        "at_once": {**_times(at_once), "per_s": round(answered / seconds, 1)},
        **_rightly(one_by_one, probes, made),
        "changes": changes,
    }


@dataclass(frozen=True, slots=True)
class Server:
    """``start_s``: seconds until it said that it serves."""

    process: int
    address: str
    certificate: Path
    start_s: float

    def cpu_seconds(self) -> float:
        """Processor time of the process so far; 0 where the system does not say."""
        return processor_seconds(self.process)

    def memory_mb(self) -> int | None:
        """Of the process, in memory; None where the system does not say."""
        status = Path(f"/proc/{self.process}/status")
        lines = status.read_text(encoding="ascii").splitlines() if status.exists() else []
        held = [line.split()[1] for line in lines if line.startswith("VmRSS:")]
        return round(int(held[0]) * 1024 / 1e6) if held else None


@contextmanager
def served(site: Path) -> Iterator[Server]:
    command = [sys.executable, "-m", "doorward", "serve", "--site", str(site), "--port", "0", "--json"]
    begun = perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)  # noqa: S603 - our own
    try:
        line = process.stdout.readline() if process.stdout else b""
        if not line:
            raise InternalError("The server did not start; run `doorward serve` on that site, which says why.")
        told = json.loads(line)
        yield Server(process.pid, told["address"], site / "tls" / "site.crt", perf_counter() - begun)
    finally:
        process.terminate()
        process.wait()


@contextmanager
def _cameras(server: Server, count: int, secrets: Sequence[str]) -> Iterator[Sequence[Camera]]:
    """Each connected: the server ends connections that say nothing for long."""
    turns = cycle(secrets)
    with ExitStack() as stack:
        yield [stack.enter_context(Camera(server.address, server.certificate, turns)) for _ in range(count)]


def _times(answered: Sequence[Answered]) -> dict[str, Any]:
    """Of the requests that were decided; ``refused``: how many were not, being too many."""
    times = [one.ms for one in answered if one.status == _DONE]
    p50, p99 = (round(float(np.quantile(times, share)), 1) if times else None for share in (0.5, 0.99))
    return {"p50_ms": p50, "p99_ms": p99, "refused": len(answered) - len(times)}


def _rightly(
    answered: Sequence[Answered], probes: Sequence[tuple[int | None, bytes]], made: DoorSite
) -> dict[str, Any]:
    """Shares of the searches of those enrolled that named them, and of all that named somebody else."""
    who = [made.known[place] if place is not None else None for place, _ in probes]
    named = [one.decision.get("person") for one in answered]
    mated = [(person, found) for person, found in zip(who, named, strict=True) if person is not None]
    wrong = sum(found is not None and found != person for person, found in zip(who, named, strict=True))
    right = sum(found == person for person, found in mated)
    return {
        "named": round(right / len(mated), 4) if mated else None,
        "named_wrongly": round(wrong / len(named), 4) if named else None,
    }


def portraits(photos: Sequence[bytes]) -> Photos:
    """Of photos that show two people in turn: one of them is enrolled with the first, and on every other one."""
    return Photos(photos[:1], [(None if place % 2 else 0, octets) for place, octets in enumerate(photos) if place])


def people_in_turn(references: Sequence[bytes], probes: Sequence[bytes]) -> Photos:
    """``references`` and ``probes`` of the same people: every other one of them is enrolled."""
    return Photos(references[::2], [(None if place % 2 else place // 2, one) for place, one in enumerate(probes)])
