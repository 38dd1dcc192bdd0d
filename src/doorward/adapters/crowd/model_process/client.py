"""A model that another process of this site runs, as a camera's process sees it."""

import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Self, TypeVar

from doorward.adapters.crowd.model_process.folder_lock import FolderLock
from doorward.adapters.crowd.model_process.tensors import Floats, Shape, SharedTensors, TensorLayout
from doorward.adapters.models.session import RuntimeChoice
from doorward.adapters.unix_socket.door import connected
from doorward.adapters.unix_socket.messages import Answer, MessageInvalid, receive
from doorward.errors import InternalError, LimitExceeded, ModelMissing, ModelRefused, StorageError

TRIES = 3
"""Processes that may end over one picture, before the picture or the model is to blame."""

ANSWER_SECONDS = 30.0
"""For one answer; a process that takes longer is killed."""

BEGIN_SECONDS = 60.0
"""Until a model is loaded."""

Told = TypeVar("Told")

_LARGEST_ANSWER = 100_000
_ERRORS = {error.code: error for error in (LimitExceeded, ModelMissing, ModelRefused, StorageError)}


@dataclass(frozen=True, slots=True)
class ModelProcess:
    """How the process is reached: at ``place``, or else begun there as ``program`` with ``asked`` on its input.

    It says in a line of JSON that it is ready, or the code and the message of an error.
    """

    place: Path
    program: Sequence[str]
    asked: bytes

    def reach(self) -> socket.socket:
        """A connection; ``ModelMissing``, ``ModelRefused`` or ``StorageError``. Of several cameras one begins it."""
        with FolderLock(self.place.parent) as lock:
            lock.wait()
            connection = connected(self.place) or self._begun()
        connection.settimeout(ANSWER_SECONDS)
        return connection

    def _begun(self) -> socket.socket:
        # In a session of its own, because it serves other cameras when this one is stopped by a key.
        process = subprocess.Popen(  # noqa: S603 - our own module, by its name
            [sys.executable, *self.program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            told = _told(process, self.asked)
        except BaseException:
            process.kill()
            process.wait()
            raise
        if "code" in told:
            raise _ERRORS.get(told["code"], InternalError)(told["message"])
        connection = connected(self.place)
        if connection is None:
            raise StorageError(f"No process can be reached at {self.place}; check who owns that folder.")
        return connection


class SharedSession:
    """``ModelSession`` in the model process, which is begun anew when it ends before its cameras.

    ``remark`` is told when that happens, and when it runs again.
    """

    def __init__(self, name: str, process: ModelProcess, choice: RuntimeChoice, remark: Callable[[str], None]) -> None:
        """``choice``: by what the process runs the model."""
        self._choice = choice
        self._name = name
        self._reached = process
        self._remark = remark
        self._lock = Lock()
        self._loan: _Loan | None = None
        self._was_lost = False
        with self._lock:
            self._shape = self._tried(lambda loan: loan.layout.given)

    @property
    def choice(self) -> RuntimeChoice:
        return self._choice

    @property
    def input_shape(self) -> Shape:
        return self._shape

    @property
    def process(self) -> int:
        """The model process's id; 0 when there is none."""
        return self._loan.process if self._loan else 0

    def run(self, values: Floats) -> Mapping[str, Floats]:
        """As ``ModelSession``; ``ModelRefused`` too when processes end over it again and again."""
        with self._lock:
            return self._tried(lambda loan: loan.run(values))

    def _tried(self, ask: Callable[["_Loan"], Told]) -> Told:
        for _ in range(TRIES):
            try:
                self._loan = self._loan or _Loan(self._reached.reach())
                told = ask(self._loan)
            except (OSError, MessageInvalid) as error:
                self._lose(isinstance(error, TimeoutError))
                continue
            if self._was_lost:
                self._was_lost = False
                self._remark(f"The model {self._name} runs again.")
            return told
        raise ModelRefused(
            f"The process that runs the model {self._name} ended {TRIES} times over one picture; see whether memory is "
            "short, or get the model again."
        )

    def _lose(self, hangs: bool) -> None:
        if self._loan is not None:
            self._loan.close()
            if hangs:
                with suppress(OSError):
                    os.kill(self._loan.process, signal.SIGKILL)
            self._loan = None
        if not self._was_lost:
            self._was_lost = True
            self._remark(f"The process that runs the model {self._name} ended; it is begun anew.")

    def close(self) -> None:
        if self._loan is not None:
            self._loan.close()
            self._loan = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Loan:
    """A connection to one process and the memory shared with it. ``OSError`` or ``MessageInvalid`` when it ends."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        handles: list[int] = []
        try:
            _, handles, _, _ = socket.recv_fds(connection, 1, 1)
            layout, process = _answer(connection)
            self.layout = TensorLayout.of_json(json.loads(layout))
            self.process = int(process)
            self._tensors = SharedTensors(self.layout, handles[0])
        except BaseException:
            connection.close()
            raise
        finally:
            for handle in handles:
                os.close(handle)

    def run(self, values: Floats) -> Mapping[str, Floats]:
        self._tensors.give(values)
        self._connection.sendall(b"?")
        _answer(self._connection)
        return self._tensors.answered()

    def close(self) -> None:
        self._connection.close()
        self._tensors.close()


def _answer(connection: socket.socket) -> Sequence[bytes]:
    answer = receive(connection, _LARGEST_ANSWER)
    if answer is None:
        raise ConnectionResetError
    word, fields = answer
    if word == Answer.DONE:
        return fields
    code, message = (field.decode(errors="replace") for field in fields[:2])
    raise _ERRORS.get(code, InternalError)(message)


def _told(process: subprocess.Popen[bytes], asked: bytes) -> dict[str, str]:
    """The line with which it begins; ``ModelRefused`` when it ends or waits without one."""
    if process.stdin is None or process.stdout is None:
        raise InternalError("A process was begun without its pipes; report this.")
    with process.stdin, process.stdout:
        with suppress(BrokenPipeError):
            process.stdin.write(asked)
            process.stdin.close()
        if select.select([process.stdout], [], [], BEGIN_SECONDS)[0]:
            line = process.stdout.readline(_LARGEST_ANSWER)
            if line.endswith(b"\n"):
                told: dict[str, str] = json.loads(line)
                return told
    raise ModelRefused("The process that runs the model ended before it had begun; see whether memory is short.")
