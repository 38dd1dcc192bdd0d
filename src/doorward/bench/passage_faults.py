"""Faults while devices deliver passages to a served site, and both held against each other after each."""

import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from doorward.bench.camera_faults import CameraTally
from doorward.bench.camera_faults import run as run_camera
from doorward.bench.faulty_network import FaultyNetwork, Trouble
from doorward.bench.passage_faults_processes import PATIENCE_S, DeviceProcess, ServerProcess, free_port
from doorward.bench.passages_site import people_who_pass
from doorward.bench.throwaway_postgresql import ThrowawayPostgresql, require_postgresql, throwaway_postgresql
from doorward.errors import InternalError
from doorward.kernel.ids import PersonId
from doorward.passages.passage import Counter
from doorward.wiring.face.api import create
from doorward.wiring.face.device_alarms import Alarm
from doorward.wiring.face.joined_device import join_site
from doorward.wiring.face.site import Site, open_site
from doorward.wiring.serving import certificate_fingerprint

ROUNDS = 50
"""Of each fault, unless more or fewer are asked for."""

DEVICES = 3
_PEOPLE = 8
_UNDER_LOAD = 3
"""Messages of every device that the site takes before a fault comes."""

_LONGEST_PAUSE_S = 0.1
_TROUBLED_S = 0.3
SMALL_DISK = 256 << 20
"""Bytes. Such a one is filled."""

_ROOMS = (1, 40_000, 80_000)
"""Bytes that a file may have where the disk is larger."""

_LONGEST_WAIT_S = 120.0
_PAUSE_S = 0.005
_LOCALHOST = "https://127.0.0.1"


class Fault(StrEnum):
    SERVER = "server"
    DEVICE = "device"
    POSTGRESQL = "postgresql"
    NETWORK = "network"
    FULL_DISK = "full_disk"
    CLOCK = "clock"
    CAMERA = "camera"


@dataclass(slots=True)
class Tally:
    """Of one fault: ``failures`` is how often a device got no answer, a refusal, or no room on its disk. ``sent``
    passages were durable on a device. ``lost``: of them, not stored. ``doubled``: stored more than once. ``strange``:
    stored, and never sent. ``miscounted``: refusals that were counted too often, or not. ``alarms``: those that the
    fault does not explain. ``log_ok``: the audit log verified after each round.
    """

    rounds: int = 0
    failures: int = 0
    sent: int = 0
    stored: int = 0
    lost: int = 0
    doubled: int = 0
    strange: int = 0
    miscounted: int = 0
    alarms: int = 0
    log_ok: bool = True

    @property
    def ok(self) -> bool:
        return self.log_ok and not (self.lost or self.doubled or self.strange or self.miscounted or self.alarms)


@dataclass(frozen=True, slots=True)
class Result:
    """``faults``: by name."""

    faults: dict[str, Tally | CameraTally] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return all(tally.ok for tally in self.faults.values())

    def to_json(self) -> dict[str, Any]:
        return {name: asdict(tally) for name, tally in self.faults.items()}


class Ground:
    """A throw-away site, served at ``port``, and its devices, which reach it at ``reached_at``."""

    def __init__(self, folder: Path, port: int, reached_at: int, store: str | None, seed: int, devices: int) -> None:
        self.folder = folder / "site"
        with create(self.folder, key_file=folder / "site.key", store=store) as site:
            self.people: Sequence[PersonId] = people_who_pass(site, _PEOPLE)
            codes = list(_invited(site, devices))
        self.server = ServerProcess(self.folder, port)
        self.server.start()
        self.devices = []
        for number, code in enumerate(codes):
            place = folder / f"device {number}"
            join_site(f"{_LOCALHOST}:{reached_at}", code, place)
            self.devices.append(DeviceProcess(place, self.people, seed + 1000 * number))
        for device in self.devices:
            device.start()

    def end(self) -> None:
        for device in self.devices:
            device.kill()
        self.server.kill()

    def under_load(self, chance: Random) -> None:
        """Until each device had some messages taken, and a moment more."""
        wanted = {id(one): one.taken + _UNDER_LOAD for one in self.devices}
        self._until(lambda: all(one.taken >= wanted[id(one)] for one in self.devices))
        time.sleep(chance.uniform(0, _LONGEST_PAUSE_S))

    def restart_server(self) -> None:
        self.server = ServerProcess(self.folder, self.server.port)
        self.server.start()

    def drain(self) -> None:
        """Have every device deliver what waits."""
        for device in self.devices:
            device.tell("drain")
        self._until(lambda: all(one.is_drained for one in self.devices))

    def go_on(self) -> None:
        for device in self.devices:
            device.tell("go")

    def refused(self) -> set[str]:
        return set().union(*(device.refusals for device in self.devices))

    def _until(self, is_so: Callable[[], bool]) -> None:
        ends = time.monotonic() + _LONGEST_WAIT_S
        while True:
            for device in self.devices:
                device.hear()
            if is_so():
                return
            dead = [device for device in self.devices if not device.is_alive()]
            if dead or time.monotonic() > ends:
                why = ", ".join(sorted(self.refused())) or "none"
                raise InternalError(f"A device does not deliver any more; refusals: {why}. Report this.")
            time.sleep(_PAUSE_S)


@dataclass(slots=True)
class Examination:
    """What was found of a ground so far, of which a later fault's figures leave out what came before it."""

    failures: int = 0
    sent: int = 0
    stored: int = 0
    explained: frozenset[str] = frozenset()

    def of(self, ground: Ground, tally: Tally) -> None:
        """Hold the site against what its drained devices sent."""
        begun = [message for device in ground.devices for message in device.begun]
        kept = {one for device in ground.devices for one in device.kept}
        with open_site(ground.folder, lambda: "") as site:
            found = [one.id for person in ground.people for one in site.stores.passages.of(person)]
            stored = set(found)
            # A process that is killed may have kept a message that it did not come to tell of.
            messages = [message for message in begun if message <= stored]
            sent = kept.union(*messages)
            counted = sum(site.doorkeeper.tallies(door)[Counter.REFUSED] for door in site.doorkeeper.all())
            failures = sum(device.failures for device in ground.devices)
            tally.failures += failures - self.failures
            tally.sent += len(sent) - self.sent
            tally.stored += len(stored) - self.stored
            tally.lost = len(sent - stored)
            tally.doubled = max(len(found), site.stores.passages.count()) - len(stored)
            tally.strange = len(stored - sent)
            tally.miscounted = abs(counted - len(messages))
            tally.alarms = len([alarm for alarm in _alarms(site) if alarm not in self.explained])
            tally.log_ok = tally.log_ok and site.stores.auditing.verify().ok
        self.failures, self.sent, self.stored = failures, len(sent), len(stored)


def _alarms(site: Site) -> list[str]:
    return [one.alarm.value for device in site.stores.devices.all() for one in site.devices.alarms.of(device.id)]


def _invited(site: Site, devices: int) -> Iterator[str]:
    shown = certificate_fingerprint(site)
    for number in range(devices):
        door = site.doorkeeper.add(f"Door {number}")
        yield str(site.devices.invite(site.actor, f"Camera {number}", [door], shown)[0])


class Injection:
    """What each fault does to a ground. ``postgresql`` where the fault is of that."""

    def __init__(
        self, ground: Ground, network: FaultyNetwork, postgresql: ThrowawayPostgresql | None, seed: int
    ) -> None:
        self._ground = ground
        self._network = network
        self._postgresql = postgresql
        self._chance = Random(seed)  # noqa: S311 - it chooses moments and keeps no secret
        self._troubles = list(Trouble)

    def inject(self, fault: Fault) -> None:
        self._ground.under_load(self._chance)
        {
            Fault.SERVER: self._kill_server,
            Fault.DEVICE: self._kill_devices,
            Fault.POSTGRESQL: self._kill_postgresql,
            Fault.NETWORK: self._trouble_network,
            Fault.FULL_DISK: self._fill_disk,
            Fault.CLOCK: self._put_clock_off,
        }[fault]()

    def _kill_server(self) -> None:
        self._ground.server.kill()
        self._ground.restart_server()

    def _kill_devices(self) -> None:
        for device in self._ground.devices:
            device.kill()
            device.start()

    def _kill_postgresql(self) -> None:
        if self._postgresql is not None:
            self._postgresql.kill()
            self._postgresql.start()

    def _trouble_network(self) -> None:
        """Each trouble in turn; a stall for longer than a device waits, every other time."""
        trouble = self._troubles[0]
        self._troubles = [*self._troubles[1:], trouble]
        self._network.begin(trouble)
        time.sleep(_TROUBLED_S if trouble is not Trouble.STALLED or self._chance.random() < 0.5 else PATIENCE_S * 1.5)
        self._network.end()

    def _fill_disk(self) -> None:
        """The disk itself where it is a small one; else no file of the server's, or of the devices', may grow beyond a
        few pages.
        """
        if shutil.disk_usage(self._ground.folder).total <= SMALL_DISK:
            filler = self._ground.folder.with_name("filler")
            with suppress(OSError), filler.open("wb", buffering=0) as file:
                while file.write(bytes(1 << 16)):
                    pass
            time.sleep(_TROUBLED_S)
            filler.unlink()
            return
        room = self._chance.choice(_ROOMS)
        sides: tuple[Sequence[ServerProcess | DeviceProcess], ...] = ((self._ground.server,), self._ground.devices)
        limited = self._chance.choice(sides)
        for one in limited:
            one.let_write(room)
        time.sleep(_TROUBLED_S)
        for one in limited:
            one.let_write(None)

    def _put_clock_off(self) -> None:
        """One device's clock an hour off, and right again."""
        device = self._chance.choice(self._ground.devices)
        device.tell("clock", self._chance.choice([-3600.0, 3600.0]))
        time.sleep(_TROUBLED_S)
        device.tell("clock", 0)


_EXPLAINED = {Fault.CLOCK: frozenset({Alarm.CLOCK_WRONG.value})}


def run(
    faults: Sequence[Fault],
    rounds: int | None,
    seed: int,
    on_progress: Callable[[int, int], None],
    devices: int = DEVICES,
) -> Result:
    """So many ``rounds`` of each fault, on a throw-away site; ``on_progress``: how many of how many.

    ``WrongUse`` where PostgreSQL is to be killed and none can be started.
    """
    if Fault.POSTGRESQL in faults:
        require_postgresql()
    rounds = rounds or ROUNDS
    tallies = {fault.value: Tally() for fault in faults if fault is not Fault.CAMERA}
    result = Result({**tallies})
    total, done = rounds * len(set(faults)), 0
    for is_of_postgresql in (False, True):
        chosen = [
            fault for fault in Fault if fault.value in tallies and (fault is Fault.POSTGRESQL) == is_of_postgresql
        ]
        if not chosen:
            continue
        with _ground(seed, devices, with_postgresql=is_of_postgresql) as (ground, injection):
            examination = Examination()
            for fault in chosen:
                tally = tallies[fault.value]
                examination.explained |= _EXPLAINED.get(fault, frozenset())
                while tally.rounds < rounds:
                    ground.go_on()
                    injection.inject(fault)
                    ground.drain()
                    examination.of(ground, tally)
                    tally.rounds += 1
                    done += 1
                    on_progress(done, total)
    if Fault.CAMERA in faults:
        result.faults[Fault.CAMERA.value] = run_camera(rounds, seed, lambda more: on_progress(done + more, total))
    return result


@contextmanager
def _ground(seed: int, devices: int, *, with_postgresql: bool) -> Iterator[tuple[Ground, Injection]]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="doorward-bench-")))
        postgresql = stack.enter_context(throwaway_postgresql()) if with_postgresql else None
        port = free_port()
        network = stack.enter_context(FaultyNetwork(port, seed))
        store = None if postgresql is None else postgresql.url
        ground = Ground(folder, port, network.port, store, seed, devices)
        stack.callback(ground.end)
        yield ground, Injection(ground, network, postgresql, seed)
