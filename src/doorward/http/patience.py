"""uvicorn's protocol, with an end to its patience."""

import asyncio
import socket
import struct
from typing import ClassVar

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from doorward.errors import WrongUse
from doorward.http.limits import Limits
from doorward.http.problems import problem

GOODBYE_SECONDS = 0.3


class PatientProtocol(H11Protocol):
    """Ends connections on which a request's headers take longer than ``header_seconds`` to come, or nothing of an
    answer is taken for ``stalled_seconds``.
    """

    header_seconds: ClassVar[float]
    stalled_seconds: ClassVar[float]

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn does
        super().connection_made(transport)
        self.access_log = False
        self._look_again(self.cycle)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._end_if_stalled(None)

    def _end_if_stalled(self, before: int | None) -> None:
        if not self.flow.write_paused or self.transport.is_closing():
            return
        waiting = self.transport.get_write_buffer_size()
        if before is not None and waiting >= before:
            # Or the system would hold what was sent already for as long as the client likes.
            held = self.transport.get_extra_info("socket")
            held.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.transport.abort()
        else:
            self.loop.call_later(self.stalled_seconds, self._end_if_stalled, waiting)

    def shutdown(self) -> None:
        idle = self.cycle is None or self.cycle.response_complete
        super().shutdown()
        if idle:  # TLS would wait for the client's goodbye, and an idle client says none
            self.loop.call_later(GOODBYE_SECONDS, self.transport.abort)

    def send_400_response(self, msg: str) -> None:
        answer = problem(WrongUse("This is no HTTP/1.1 request that can be read; check the client."))
        headers = [*answer.raw_headers, (b"connection", b"close")]
        for event in (
            h11.Response(status_code=answer.status_code, headers=headers),
            h11.Data(data=bytes(answer.body)),
            h11.EndOfMessage(),
        ):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def _look_again(self, served: object) -> None:
        self.loop.call_later(self.header_seconds, self._end_if_stuck, served)

    def _end_if_stuck(self, served: object) -> None:
        if self.transport.is_closing():
            return
        between = self.timeout_keep_alive_task is not None
        if self.conn.their_state is h11.IDLE and not between and self.cycle is served:
            self.transport.abort()
        else:
            self._look_again(self.cycle)


def patient(limits: Limits) -> type[PatientProtocol]:
    """As patient as ``limits`` say."""

    class Patient(PatientProtocol):
        header_seconds = limits.header_seconds
        stalled_seconds = limits.stalled_seconds

    return Patient
