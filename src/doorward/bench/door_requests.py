"""Photos sent to a server over TLS, as a camera's program would: one connection, one request after another."""

import http.client
import json
import ssl
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any, Self
from urllib.parse import urlsplit
from uuid import uuid4

_PATIENCE_S = 120.0


@dataclass(frozen=True, slots=True)
class Answered:
    """Milliseconds from the request's first byte to the answer's last, its status, and what was decided."""

    ms: float
    status: int
    decision: Any


@dataclass(frozen=True, slots=True)
class Presented:
    """A photo at a checkpoint."""

    photo: bytes
    checkpoint: str


class Camera:
    """One client with one connection, which lasts."""

    def __init__(self, address: str, certificate: Path, tokens: Iterator[str]) -> None:
        at = urlsplit(address)
        context = ssl.create_default_context(cafile=str(certificate))
        self._connection = http.client.HTTPSConnection(at.hostname or "", at.port, context=context, timeout=_PATIENCE_S)
        self._tokens = tokens

    def __enter__(self) -> Self:
        self._connection.connect()
        return self

    def __exit__(self, *exc: object) -> None:
        self._connection.close()

    def identify(self, presented: Presented) -> Answered:
        boundary = uuid4().hex
        headers = {
            "Authorization": f"Bearer {next(self._tokens)}",
            "Content-Type": f"multipart/form-data; boundary={boundary}",
        }
        body = _form(boundary, presented)
        begun = perf_counter()
        self._connection.request("POST", "/v1/identifications", body, headers)
        answer = self._connection.getresponse()
        octets = answer.read()
        return Answered((perf_counter() - begun) * 1e3, answer.status, json.loads(octets))


def from_many(cameras: Sequence[Camera], presented: Sequence[Presented]) -> tuple[list[Answered], float]:
    """What they were answered, each sending its share as quickly as it can, and the seconds that all took."""

    def send(number: int) -> list[Answered]:
        return [cameras[number].identify(one) for one in presented[number :: len(cameras)]]

    begun = perf_counter()
    with ThreadPoolExecutor(len(cameras)) as pool:
        answered = [one for share in pool.map(send, range(len(cameras))) for one in share]
    return answered, perf_counter() - begun


def _form(boundary: str, presented: Presented) -> bytes:
    return b"".join(
        [
            f'--{boundary}\r\nContent-Disposition: form-data; name="checkpoint"\r\n\r\n'.encode(),
            presented.checkpoint.encode(),
            f'\r\n--{boundary}\r\nContent-Disposition: form-data; name="photo"; filename="photo.jpg"\r\n'.encode(),
            b"Content-Type: image/jpeg\r\n\r\n",
            presented.photo,
            f"\r\n--{boundary}--\r\n".encode(),
        ]
    )
