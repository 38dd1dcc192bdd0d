"""A small RTSP server in place of a camera, with the faults that cameras have.

The real protocol: RFC 2326, RTP over its TCP connection or over UDP, RFC 6184 for H.264.
"""

import base64
import re
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from fractions import Fraction
from itertools import count, cycle

import av
import numpy as np

from doorward.kernel.image import Image

PAYLOAD_TYPE = 96
LARGEST_PACKET = 1400
FRAMES_A_SECOND = 25
CLIENT_PORT = re.compile(r"client_port=(\d+)")


class RtspServer:
    """Serves a moving test picture at ``url`` over TCP.

    ``die_after``: pictures after which the connection is cut. ``stall_after``: pictures after which it falls silent.
    ``pictures``: what to show instead, each of ``size``, over and over, at ``frames_a_second``; ``units``: the same,
    encoded already.
    ``mute``: the port accepts, but never answers. ``udp``: RTP over UDP alone. ``garbage_after``: pictures after which
    packets hold noise. ``codec``: what it says that it sends. ``credential``: user and password that Basic
    authentication asks. ``port``: any free one if 0.
    """

    def __init__(
        self,
        *,
        size: tuple[int, int] = (160, 96),
        die_after: int | None = None,
        stall_after: int | None = None,
        mute: bool = False,
        udp: bool = False,
        garbage_after: int | None = None,
        codec: str = "H264",
        credential: tuple[str, str] | None = None,
        pictures: Callable[[], Iterator[Image]] | None = None,
        units: Sequence[list[bytes]] | None = None,
        frames_a_second: float = FRAMES_A_SECOND,
        port: int = 0,
    ) -> None:
        self.pictures = pictures or (lambda: moving_square(size))
        self.units, self.frames_a_second = units, frames_a_second
        self.size, self.die_after, self.stall_after, self.mute = size, die_after, stall_after, mute
        self.credential = credential
        self.udp, self.garbage_after, self.codec = udp, garbage_after, codec
        self._listener = socket.create_server(("127.0.0.1", port))
        self.port = self._listener.getsockname()[1]
        self.url = f"rtsp://127.0.0.1:{self.port}/camera"
        self._connections: list[socket.socket] = []
        self._closed = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> "RtspServer":
        return self

    def __exit__(self, *exc: object) -> None:
        self._closed.set()
        for connection in (self._listener, *self._connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)  # who waits for one to come would keep the port otherwise
            connection.close()

    def _accept(self) -> None:
        while not self._closed.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._connections.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        if self.mute:
            return
        try:
            send = over_tcp(connection)
            for method, url, headers in requests(connection):
                if method == "SETUP" and (asked := CLIENT_PORT.search(headers.get("transport", ""))):
                    send = over_udp(int(asked[1]))
                self._answer(connection, method, url, headers)
                if method == "PLAY":
                    self._play(connection, send)
                    return
                if method == "TEARDOWN":
                    return
        except OSError:
            return

    def _answer(self, connection: socket.socket, method: str, url: str, headers: dict[str, str]) -> None:
        lines, body = ["RTSP/1.0 200 OK", f"CSeq: {headers.get('cseq', '0')}"], b""
        if not self._allowed(headers):
            lines[0] = "RTSP/1.0 401 Unauthorized"
            lines.append('WWW-Authenticate: Basic realm="camera"')
        elif method == "OPTIONS":
            lines.append("Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN")
        elif method == "DESCRIBE":
            body = self._description()
            lines += ["Content-Type: application/sdp", f"Content-Base: {url}/", f"Content-Length: {len(body)}"]
        elif method == "SETUP":
            asked = headers.get("transport", "")
            if ("TCP" in asked) is self.udp:
                lines[0] = "RTSP/1.0 461 Unsupported Transport"
            told = f"{asked};server_port=50000-50001" if self.udp else "RTP/AVP/TCP;unicast;interleaved=0-1"
            lines += [f"Transport: {told}", "Session: 20260101"]
        elif method == "PLAY":
            lines += ["Session: 20260101", "Range: npt=0.000-"]
        connection.sendall("\r\n".join([*lines, "", ""]).encode() + body)

    def _allowed(self, headers: dict[str, str]) -> bool:
        if self.credential is None:
            return True
        expected = base64.b64encode(":".join(self.credential).encode()).decode()
        return headers.get("authorization") == f"Basic {expected}"

    def _description(self) -> bytes:
        lines = ["v=0", "o=- 0 0 IN IP4 127.0.0.1", "s=camera", "c=IN IP4 0.0.0.0", "t=0 0"]
        lines += [f"m=video 0 RTP/AVP {PAYLOAD_TYPE}", f"a=rtpmap:{PAYLOAD_TYPE} {self.codec}/90000"]
        lines += [f"a=fmtp:{PAYLOAD_TYPE} packetization-mode=1", "a=control:track1", ""]
        return "\r\n".join(lines).encode()

    def _play(self, connection: socket.socket, send: Callable[[bytes], None]) -> None:
        noise = np.random.default_rng(7)
        pictures = cycle(self.units) if self.units is not None else encoded(self.pictures(), self.size)
        sequence = 0
        for index, units in enumerate(pictures):
            if self._closed.is_set() or index == self.die_after:
                connection.shutdown(socket.SHUT_RDWR)
                connection.close()
                return
            if index == self.stall_after:
                self._closed.wait()
                return
            for payload, last in rtp_payloads(units):
                timestamp = int(index * 90_000 / self.frames_a_second)
                header = struct.pack(">BBHII", 0x80, PAYLOAD_TYPE | (last << 7), sequence & 0xFFFF, timestamp, 0x1234)
                if self.garbage_after is not None and index >= self.garbage_after:
                    payload = noise.bytes(len(payload))
                send(header + payload)
                sequence += 1
            time.sleep(1 / self.frames_a_second)


def over_tcp(connection: socket.socket) -> Callable[[bytes], None]:
    """Interleaved with the answers: RFC 2326, section 10.12."""

    def send(packet: bytes) -> None:
        connection.sendall(struct.pack(">cBH", b"$", 0, len(packet)) + packet)

    return send


def over_udp(port: int) -> Callable[[bytes], None]:
    pictures = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

    def send(packet: bytes) -> None:
        pictures.sendto(packet, ("127.0.0.1", port))

    return send


def requests(connection: socket.socket) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Method, URL and headers (names in small letters) of each request until the client goes."""
    buffer = b""
    while True:
        while b"\r\n\r\n" not in buffer:
            received = connection.recv(4096)
            if not received:
                return
            buffer += received
        head, buffer = buffer.split(b"\r\n\r\n", 1)
        first, *rest = head.decode().split("\r\n")
        method, url, _ = first.split(" ")
        yield method, url, {k.strip().lower(): v.strip() for k, _, v in (line.partition(":") for line in rest)}


def moving_square(size: tuple[int, int]) -> Iterator[Image]:
    """A bright square that moves over grey."""
    for index in count():
        picture = np.full((size[1], size[0], 3), 60, np.uint8)
        left = index * 3 % (size[0] - 20)
        picture[20:40, left : left + 20] = 220
        yield picture


def encoded(pictures: Iterator[Image], size: tuple[int, int]) -> Iterator[list[bytes]]:
    """NAL units of one H.264 picture after the other, parameter sets in the stream."""
    encoder = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height = size
    encoder.pix_fmt = "yuv420p"
    encoder.time_base = Fraction(1, FRAMES_A_SECOND)
    encoder.options = {"preset": "ultrafast", "tune": "zerolatency", "g": "10"}
    for index, picture in enumerate(pictures):
        frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
        frame.pts = index
        units = [unit for packet in encoder.encode(frame) for unit in nal_units(bytes(packet))]
        if units:
            yield units


def nal_units(annex_b: bytes) -> list[bytes]:
    """The units between the start codes."""
    parts = annex_b.replace(b"\x00\x00\x00\x01", b"\x00\x00\x01").split(b"\x00\x00\x01")
    return [part for part in parts if part]


def rtp_payloads(units: list[bytes]) -> Iterator[tuple[bytes, bool]]:
    """RFC 6184: single units, and fragments (FU-A) of large ones; true for the last of a picture."""
    for n, unit in enumerate(units):
        final = n == len(units) - 1
        if len(unit) <= LARGEST_PACKET:
            yield unit, final
            continue
        indicator, kind = (unit[0] & 0xE0) | 28, unit[0] & 0x1F
        pieces = [unit[i : i + LARGEST_PACKET] for i in range(1, len(unit), LARGEST_PACKET)]
        for i, piece in enumerate(pieces):
            start, end = i == 0, i == len(pieces) - 1
            yield bytes([indicator, (start << 7) | (end << 6) | kind]) + piece, final and end
