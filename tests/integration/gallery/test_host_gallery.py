"""One gallery for a host: who holds it, who searches there, and who takes over. Here each stands for a process."""

import os
import socket
import stat
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import pytest

from doorward.adapters.galleries.face.hold import GalleryHold
from doorward.adapters.galleries.face.search_calls import GALLERY
from doorward.errors import GalleryGone, StorageError
from doorward.identify.ports import Asker
from doorward.identify.searches import GatheredSearches
from doorward.kernel.ids import PersonId, SiteId
from doorward.wiring.face.host_gallery import HostGallery, OwnGallery
from fakes.gallery import FakeGallery
from known_people import ORIGIN, face

NAME = f"{GALLERY}.sock"

SITE = SiteId(str(uuid4()))
ADA = PersonId(str(uuid4()))
GROUP = "everyone"
DOOR = Asker("north")
PATIENCE_S = 10


@dataclass
class Host:
    """The processes of one host, and how often one of them loaded a gallery."""

    folder: Path
    loaded: int = 0
    followed: int = 0
    failure: StorageError | None = None
    processes: list[HostGallery] = field(default_factory=list)

    def process(self, *, lends: bool, model: str = ORIGIN.model, folder: Path | None = None) -> HostGallery:
        made = HostGallery(folder or self.folder, SITE, lambda: model, self.load)
        if lends:
            made.lend()
        self.processes.append(made)
        return made

    def load(self) -> OwnGallery:
        if self.failure is not None:
            raise self.failure
        self.loaded += 1
        gallery = FakeGallery()
        gallery.put(ADA, [face(1)], frozenset({GROUP}))
        return OwnGallery(GatheredSearches(gallery, self.follow))

    def follow(self) -> None:
        self.followed += 1


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    made = Host(tmp_path)
    yield made
    for process in made.processes:
        process.close()


def named(process: HostGallery) -> PersonId:
    return process.search(DOOR, face(1), GROUP, 1)[0].person


def wait_until(is_so: Callable[[], bool]) -> None:
    for _ in range(PATIENCE_S * 100):
        if is_so():
            return
        threading.Event().wait(0.01)
    raise AssertionError("waited in vain")


def test_all_of_a_host_search_in_the_gallery_that_one_of_them_holds(host: Host) -> None:
    server, door, command = host.process(lends=True), host.process(lends=True), host.process(lends=False)
    server.pull_up()
    assert [named(one) for one in (server, door, command)] == [ADA] * 3
    assert [one.count(GROUP) for one in (server, door, command)] == [1] * 3
    assert host.loaded == 1
    held = (host.folder / NAME).stat()
    assert stat.S_ISSOCK(held.st_mode)
    assert stat.S_IMODE(held.st_mode) == 0o600


def test_those_that_begin_at_once_load_one_gallery(host: Host) -> None:
    doors = [host.process(lends=True) for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(named, doors)) == [ADA] * 6
    assert host.loaded == 1


def test_when_the_holder_ends_another_takes_over_and_the_rest_go_on(host: Host) -> None:
    server, door, command = host.process(lends=True), host.process(lends=True), host.process(lends=False)
    assert [named(one) for one in (server, door, command)] == [ADA] * 3
    server.close()
    assert not (host.folder / NAME).exists() or host.loaded == 2
    wait_until(lambda: host.loaded == 2)
    wait_until((host.folder / NAME).exists)
    assert [named(one) for one in (door, command)] == [ADA] * 2
    assert host.loaded == 2


def test_a_search_goes_on_though_nobody_took_over_yet(host: Host) -> None:
    server, command = host.process(lends=True), host.process(lends=False)
    assert [named(one) for one in (server, command)] == [ADA] * 2
    server.close()
    assert named(command) == ADA
    assert host.loaded == 2


def test_without_a_holder_a_command_loads_its_own_and_lends_it_to_nobody(host: Host) -> None:
    first, second = host.process(lends=False), host.process(lends=False)
    assert [named(one) for one in (first, second)] == [ADA] * 2
    assert host.loaded == 2
    assert not (host.folder / NAME).exists()


def test_one_with_another_model_keeps_to_itself(host: Host) -> None:
    server, other = host.process(lends=True), host.process(lends=False, model="another")
    assert [named(one) for one in (server, other)] == [ADA] * 2
    assert host.loaded == 2


def test_the_holder_follows_the_store_though_nobody_searches(host: Host) -> None:
    host.process(lends=True).pull_up()
    before = host.followed
    wait_until(lambda: host.followed > before + 10)


def test_who_cannot_load_holds_nothing(host: Host) -> None:
    server = host.process(lends=True)
    host.failure = StorageError("The disk is gone.")
    with pytest.raises(StorageError):
        named(server)
    host.failure = None
    other = host.process(lends=True)
    assert [named(one) for one in (other, server)] == [ADA] * 2
    assert host.loaded == 1


def test_a_holder_that_answers_nothing_yet_is_told_of(host: Host) -> None:
    hold = GalleryHold.taken(host.folder)
    assert hold is not None
    assert GalleryHold.taken(host.folder) is None
    assert named(host.process(lends=True)) == ADA
    hold.let_go()
    assert host.loaded == 1


def test_a_socket_of_somebody_elses_is_not_asked(host: Host) -> None:
    (host.folder / NAME).write_text("no socket")
    assert named(host.process(lends=False)) == ADA
    assert host.loaded == 1


def test_where_no_socket_can_be_made_it_serves_itself(host: Host) -> None:
    (host.folder / NAME).mkdir()
    server = host.process(lends=True)
    assert named(server) == ADA
    assert named(host.process(lends=False)) == ADA
    assert host.loaded == 2


def test_strange_words_end_the_connection_and_not_the_holder(host: Host) -> None:
    server = host.process(lends=True)
    server.pull_up()
    for words in (
        b"\xff\xff\xff\xff",
        b"\0\0\0\5\x63\0\0\0\0",
        b"\0\0\0\5\2\0\0\0\0",
        b"GET / HTTP/1.1\r\n",
        os.urandom(99),
    ):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(PATIENCE_S)
            connection.connect(str(host.folder / NAME))
            connection.sendall(words)
            connection.shutdown(socket.SHUT_WR)
            with suppress(ConnectionResetError):
                assert connection.recv(1) == b""
    assert named(host.process(lends=False)) == ADA
    assert host.loaded == 1


def test_a_holder_that_ends_while_it_is_asked_twice_is_told(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    server, door = host.process(lends=True), host.process(lends=False)
    assert [named(one) for one in (server, door)] == [ADA] * 2

    def gone(*_: object) -> int:
        raise GalleryGone("It ended.")

    monkeypatch.setattr("doorward.adapters.galleries.face.remote.RemoteSearches.count", gone)
    with pytest.raises(GalleryGone):
        door.count(GROUP)
