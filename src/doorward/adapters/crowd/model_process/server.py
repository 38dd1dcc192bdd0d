"""The model process at work: whichever cameras have a picture waiting are answered in turn."""

import json
import os
import selectors
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from queue import SimpleQueue

from doorward.adapters.crowd.model_process.folder_lock import FolderLock
from doorward.adapters.crowd.model_process.tensors import SharedTensors, TensorLayout
from doorward.adapters.models.session import ModelSession
from doorward.adapters.unix_socket.door import is_trusted
from doorward.adapters.unix_socket.messages import Answer, send
from doorward.errors import DoorwardError, LimitExceeded

MOST_CAMERAS = 64

ALONE_SECONDS = 1.0
"""It ends when no camera has been there for so long."""

_SEND_SECONDS = 1.0


class ModelServer:
    """``layout``: of what ``session`` takes and answers. ``threads``: pictures that are looked at at once.

    A camera waits for the answer to its picture, so that at most one of each is waiting, and those that wait are taken
    in the order in which they came: one with many pictures a second holds up no other.
    """

    def __init__(self, session: ModelSession, layout: TensorLayout, threads: int) -> None:
        self._session = session
        self._layout = layout
        self._threads = threads
        self._cameras: dict[socket.socket, SharedTensors] = {}
        self._answered: SimpleQueue[tuple[socket.socket, bool]] = SimpleQueue()

    def serve(self, listener: socket.socket, lock: FolderLock) -> None:
        """Until no camera is left, nor one that has just connected; ``lock``, under which they do, is then held."""
        listener.settimeout(0)
        woken, self._waker = socket.socketpair()
        with (
            woken,
            self._waker,
            ThreadPoolExecutor(self._threads) as workers,
            selectors.DefaultSelector() as selector,
        ):
            selector.register(listener, selectors.EVENT_READ)
            selector.register(woken, selectors.EVENT_READ)
            while True:
                waiting = selector.select(None if self._cameras else ALONE_SECONDS)
                if not waiting and lock.try_at_once():
                    if not selector.select(0):
                        return
                    lock.let_go()
                for key, _ in waiting:
                    if key.fileobj is listener:
                        self._welcome(listener, selector)
                    elif key.fileobj is woken:
                        woken.recv(MOST_CAMERAS)
                        self._listen_again(selector)
                    elif isinstance(key.fileobj, socket.socket):
                        selector.unregister(key.fileobj)  # until it has its answer
                        workers.submit(self._answer, key.fileobj)

    def _listen_again(self, selector: selectors.BaseSelector) -> None:
        while not self._answered.empty():
            connection, is_there = self._answered.get()
            if is_there:
                selector.register(connection, selectors.EVENT_READ)
            else:
                self._cameras.pop(connection).close()
                connection.close()

    def _welcome(self, listener: socket.socket, selector: selectors.BaseSelector) -> None:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        connection.settimeout(_SEND_SECONDS)
        try:
            if is_trusted(connection) and self._has_place(connection):
                self._cameras[connection] = self._lent(connection)
                selector.register(connection, selectors.EVENT_READ)
                return
        except OSError:
            pass  # it has gone already
        connection.close()

    def _has_place(self, connection: socket.socket) -> bool:
        if len(self._cameras) < MOST_CAMERAS:
            return True
        connection.sendall(b"-")
        _refuse(connection, LimitExceeded(f"{MOST_CAMERAS} cameras share this model already; count elsewhere."))
        return False

    def _lent(self, connection: socket.socket) -> SharedTensors:
        handle = SharedTensors.memory(self._layout)
        try:
            tensors = SharedTensors(self._layout, handle)
            socket.send_fds(connection, [b"+"], [handle])
            send(connection, Answer.DONE, [json.dumps(self._layout.to_json()).encode(), str(os.getpid()).encode()])
        finally:
            os.close(handle)
        return tensors

    def _answer(self, connection: socket.socket) -> None:
        is_there = False
        try:
            is_there = self._ask(connection)
        finally:
            self._answered.put((connection, is_there))
            self._waker.sendall(b"!")

    def _ask(self, connection: socket.socket) -> bool:
        """False when the camera has gone, or does not take its answer."""
        tensors = self._cameras[connection]
        try:
            if not connection.recv(1):
                return False
            try:
                tensors.answer(self._session.run(tensors.given()))
            except DoorwardError as error:
                _refuse(connection, error)
            else:
                send(connection, Answer.DONE, [])
        except OSError:
            return False
        return True


def _refuse(connection: socket.socket, error: DoorwardError) -> None:
    with suppress(OSError):
        send(connection, Answer.REFUSED, (error.code.encode(), error.message.encode()))
