"""The model process's turns and places, in a thread, with a session that says whose picture it was."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest

from doorward.adapters.crowd.model_process import server
from doorward.adapters.crowd.model_process.client import ModelProcess, SharedSession
from doorward.adapters.crowd.model_process.folder_lock import FolderLock
from doorward.adapters.crowd.model_process.tensors import Floats, SharedTensors, TensorLayout
from doorward.adapters.models.session import Precision, Runtime, RuntimeChoice
from doorward.adapters.unix_socket.door import connected, listening
from doorward.errors import LimitExceeded, ModelRefused

SHAPE = (1, 3)
CHOICE = RuntimeChoice(Runtime.ONNX_RUNTIME, Precision.F32)


class Recording:
    """``ModelSession`` that answers what it was given, and remembers it; a picture of -1 it refuses."""

    choice = CHOICE

    def __init__(self) -> None:
        self.turns: list[float] = []
        self.together = threading.Barrier(1)
        self.begun, self.released = threading.Event(), threading.Event()
        self.released.set()

    def run(self, values: Floats) -> Mapping[str, Floats]:
        self.begun.set()
        self.released.wait(5)
        self.together.wait()
        self.turns.append(float(values[0, 0]))
        if values[0, 0] == -1:
            raise ModelRefused("No.")
        return {"answer": values.copy()}


class Running:
    def __init__(self, folder: Path, threads: int) -> None:
        self.session, self.place = Recording(), folder / "model.socket"
        ready = threading.Event()

        def serve() -> None:
            with FolderLock(folder) as lock, listening(self.place) as listener:
                ready.set()
                layout = TensorLayout(SHAPE, {"answer": SHAPE})
                server.ModelServer(self.session, layout, threads).serve(listener, lock)

        self.thread = threading.Thread(target=serve)
        self.thread.start()
        assert ready.wait(5)

    def camera(self) -> SharedSession:
        return SharedSession("said", ModelProcess(self.place, (), b""), CHOICE, lambda _: None)


@pytest.fixture(params=[1, 2])
def running(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    monkeypatch.setattr(server, "ALONE_SECONDS", 0.05)
    found = Running(tmp_path, request.param)
    yield found
    found.thread.join(5)
    assert not found.thread.is_alive(), "it ends when its last camera has"


def picture(number: float) -> Floats:
    return np.full(SHAPE, number, np.float32)


@pytest.mark.parametrize("running", [1], indirect=True)
def test_cameras_are_answered_in_turn_however_many_pictures_one_has(running: Running) -> None:
    def ask(camera: SharedSession, number: int, times: int) -> None:
        for _ in range(times):
            assert camera.run(picture(number))["answer"][0, 0] == number

    session = running.session
    session.released.clear()
    with running.camera() as greedy, running.camera() as second, running.camera() as third:
        asking = [threading.Thread(target=ask, args=(greedy, 1, 20))]
        asking[0].start()
        assert session.begun.wait(5)
        asking += [threading.Thread(target=ask, args=(camera, n, 1)) for camera, n in ((second, 2), (third, 3))]
        for thread in asking[1:]:
            thread.start()
        time.sleep(0.5)  # both wait by now
        session.released.set()
        for thread in asking:
            thread.join(10)
    assert session.turns[0] == 1
    assert sorted(session.turns[1:3]) == [2, 3], "before who was answered just now"
    assert session.turns[3:] == [1] * 19


@pytest.mark.parametrize("running", [2], indirect=True)
def test_two_cameras_are_looked_at_at_once_where_there_are_two_threads(running: Running) -> None:
    with running.camera() as first, running.camera() as second:
        running.session.together = threading.Barrier(2, timeout=5)
        asking = threading.Thread(target=first.run, args=(picture(1),))
        asking.start()
        assert second.run(picture(2))["answer"][0, 0] == 2
        asking.join(5)
    assert sorted(running.session.turns) == [1, 2]


def test_who_is_refused_may_ask_again(running: Running) -> None:
    with running.camera() as camera:
        with pytest.raises(ModelRefused, match="No"):
            camera.run(picture(-1))
        with pytest.raises(ModelRefused, match="takes"):
            camera.run(np.zeros((2, 3), np.float32))
        assert camera.run(picture(3))["answer"][0, 0] == 3


def test_a_camera_that_is_killed_frees_its_place(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "MOST_CAMERAS", 2)
    program = (
        "import socket, sys, time\ns = socket.socket(socket.AF_UNIX)\ns.connect(sys.argv[1])\n"
        "s.recv(1)\ns.sendall(b'?')\nprint(flush=True)\ntime.sleep(60)"
    )
    with running.camera() as camera:
        with subprocess.Popen([sys.executable, "-c", program, str(running.place)], stdout=subprocess.PIPE) as other:
            assert other.stdout is not None
            other.stdout.readline()
            with pytest.raises(LimitExceeded, match="cameras share"):
                running.camera()
            os.kill(other.pid, signal.SIGKILL)
        until = time.monotonic() + 5
        while time.monotonic() < until:
            try:
                running.camera().close()
                break
            except LimitExceeded:
                time.sleep(0.01)
        else:
            pytest.fail("the place stays taken")
        assert camera.run(picture(4))["answer"][0, 0] == 4


@pytest.mark.parametrize("running", [1], indirect=True)
def test_who_connects_as_it_is_about_to_end_is_served_and_so_are_later_ones(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    try_at_once, late = FolderLock.try_at_once, list[socket.socket]()

    def connected_meanwhile(lock: FolderLock) -> bool:
        if not late:
            connection = connected(running.place)
            assert connection is not None
            late.append(connection)
        return try_at_once(lock)

    monkeypatch.setattr(FolderLock, "try_at_once", connected_meanwhile)
    until = time.monotonic() + 5
    while not late and time.monotonic() < until:
        time.sleep(0.01)
    with running.camera() as later:
        assert later.run(picture(6))["answer"][0, 0] == 6
    late[0].close()


def test_what_comes_from_nobody_of_ours_ends_nothing(running: Running) -> None:
    with running.camera() as camera:
        for _ in range(3):
            with socket.socket(socket.AF_UNIX) as stranger:
                stranger.connect(str(running.place))
                stranger.sendall(os.urandom(64))
        assert camera.run(picture(5))["answer"][0, 0] == 5


def test_shared_memory_cannot_be_cut_off_and_is_overwritten_at_the_end() -> None:
    layout = TensorLayout(SHAPE, {"answer": SHAPE})
    handle = SharedTensors.memory(layout)
    try:
        with pytest.raises(OSError, match="permitted"):
            os.ftruncate(handle, 0)
        with SharedTensors(layout, handle) as ours:
            ours.give(picture(7))
            ours.answer({"answer": picture(8)})
            assert os.pread(handle, 4, 0) == np.float32(7).tobytes()
            with pytest.raises(ModelRefused, match="vary"):
                ours.answer({"answer": np.zeros((1, 4), np.float32)})
        assert not any(os.pread(handle, 1000, 0))
    finally:
        os.close(handle)
