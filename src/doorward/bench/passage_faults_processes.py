"""The processes under test, each of which can be killed at any moment: a served site, and a device that delivers to it.

They are forked from one that has everything imported, so that another is there at once.
"""

import os
import resource
import socket
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

from doorward.adapters.devices.delivery_body import DeliveryBody
from doorward.cli.program import run
from doorward.errors import InternalError, LimitExceeded, SiteRefused, SiteUnreachable, StorageError
from doorward.kernel.ids import PassageId, PersonId
from doorward.passages.passage import Counter, Passage
from doorward.wiring.face.joined_device import JoinedDevice

PATIENCE_S = 2.0
"""Within which the site has to answer a device; the ten seconds of a real one would make a stall long."""

_START_S = 60.0
_PAUSE_S = 0.02
_MOST_PEOPLE = 3
_PASSING = frozenset({"storage_error", "internal_error", "too_fast", "limit_exceeded", "clock_wrong", "gallery_gone"})
"""Refusals that a device waits out."""

_PRELOADED = ("doorward.bench.passage_faults_processes", "doorward.http.app", "doorward.cli.serve")


def _context() -> ForkServerContext:
    context = get_context("forkserver")
    context.set_forkserver_preload(list(_PRELOADED))
    return context


class ServerProcess:
    """`doorward serve` at a port of this machine."""

    def __init__(self, site: Path, port: int) -> None:
        self._site = site
        self.port = port
        self._process = _context().Process(target=_serve, args=(str(site), port), daemon=True)

    def start(self) -> None:
        self._process.start()
        ends = time.monotonic() + _START_S
        while True:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), _START_S):
                return
            if not self._process.is_alive() or time.monotonic() > ends:
                raise InternalError("The server did not start; run `doorward serve` on such a site, which says why.")
            time.sleep(_PAUSE_S)

    def kill(self) -> None:
        self._process.kill()
        self._process.join()

    def let_write(self, octets: int | None) -> None:
        """Let no file grow beyond so many bytes; ``None``: as far as there is room."""
        _let_write(self._process.pid, octets)


class DeviceProcess:
    """A joined device in ``folder`` that lets people pass and delivers, until it is told to drain or is killed.

    ``begun``: the passages of each message that it was about to keep. ``kept``: those that were durable in its outbox.
    ``taken``: how many messages the site acknowledged to it. ``failures``: how often it got no answer, a refusal, or no
    room on its disk; ``refusals``: what the site said no to.
    """

    def __init__(self, folder: Path, people: Sequence[PersonId], seed: int) -> None:
        self._folder = folder
        self._people = people
        self._seed = seed
        self.begun: list[frozenset[str]] = []
        self.kept: set[str] = set()
        self.taken = 0
        self.failures = 0
        self.refusals: set[str] = set()
        self.is_drained = False

    def start(self) -> None:
        context = _context()
        self._near, far = context.Pipe()
        self._seed += 1
        arguments = (str(self._folder), list(self._people), self._seed, far)
        self._process = context.Process(target=_deliver, args=arguments, daemon=True)
        self._process.start()
        far.close()
        self.is_drained = False

    def kill(self) -> None:
        self._process.kill()
        self._process.join()
        self.hear()

    def tell(self, word: str, value: float = 0) -> None:
        """``drain``, ``go``, or ``clock`` with how many seconds the device's is fast."""
        if word == "go":
            self.is_drained = False
        self._near.send((word, value))

    def hear(self) -> None:
        """All that it told since."""
        with suppress(EOFError, OSError):
            while self._near.poll():
                self._take(*self._near.recv())

    def is_alive(self) -> bool:
        return bool(self._process.is_alive())

    def let_write(self, octets: int | None) -> None:
        _let_write(self._process.pid, octets)

    def _take(self, what: str, told: Any) -> None:
        if what == "begun":
            self.begun.append(frozenset(told))
        elif what == "kept":
            self.kept.update(told)
        elif what == "taken":
            self.taken += told
        elif what == "failed":
            self.failures += 1
            self.refusals |= {told} if told else set()
        else:
            self.is_drained = True


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _let_write(process: int | None, octets: int | None) -> None:
    hard = resource.prlimit(process or 0, resource.RLIMIT_FSIZE)[1]
    resource.prlimit(process or 0, resource.RLIMIT_FSIZE, (hard if octets is None else octets, hard))


def _serve(site: str, port: int) -> None:
    with Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
    run(["serve", "--site", site, "--port", str(port), "--json"])


def _deliver(folder: str, people: Sequence[PersonId], seed: int, told: Connection) -> None:
    chance, fast = Random(seed), timedelta()  # noqa: S311 - who walks where is no secret
    with JoinedDevice(Path(folder), lambda: datetime.now(UTC) + fast, PATIENCE_S) as device:
        (door,) = device.identity.checkpoints.values()
        is_draining = False
        while True:
            if told.poll():
                word, value = told.recv()
                if word == "clock":
                    fast = timedelta(seconds=value)
                else:
                    is_draining = word == "drain"
            now = datetime.now(UTC).replace(microsecond=0)
            passages = [
                Passage(PassageId(str(UUID(int=chance.getrandbits(128), version=4))), person, door, now)
                for person in chance.sample(list(people), chance.randint(1, min(_MOST_PEOPLE, len(people))))
            ]
            try:
                if not is_draining:
                    ids = [one.id for one in passages]
                    told.send(("begun", ids))
                    device.keep(DeliveryBody(passages, {(door, Counter.REFUSED): 1}))
                    told.send(("kept", ids))
                told.send(("taken", device.deliver()))
                if is_draining and device.outbox.count() == 0:
                    told.send(("drained", None))
                    is_draining = told.recv()[0] == "drain"
            except SiteRefused as refusal:
                told.send(("failed", refusal.refused_as))
                if refusal.refused_as not in _PASSING:
                    raise
                time.sleep(_PAUSE_S)
            except (SiteUnreachable, StorageError, LimitExceeded):
                told.send(("failed", None))
                time.sleep(_PAUSE_S)
