"""Simulated devices: real keys, signatures and seals over real TLS, from one process that waits for all of them."""

import asyncio
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from time import perf_counter
from urllib.parse import urlsplit
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from doorward.adapters.devices.delivery_body import DeliveryBody, encoded
from doorward.adapters.devices.identity import DeviceIdentity
from doorward.kernel.ids import CheckpointId, PassageId, PersonId
from doorward.passages.passage import Passage
from doorward.wiring.face.joined_device import DELIVERIES, sealed_body, signed_request

_DONE = 200
_CONNECTING = 16


@dataclass(eq=False)
class SimulatedDevice:
    """One device and its connection, made when it is first needed."""

    identity: DeviceIdentity
    key: Ed25519PrivateKey
    checkpoint: CheckpointId
    counter: int = 0
    _streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    def serve_at(self, address: str) -> None:
        self.identity = replace(self.identity, address=address)

    def body(self, passages: Sequence[Passage]) -> bytes:
        return sealed_body(self.identity, encoded(DeliveryBody(passages, {})))

    async def deliver(self, body: bytes, context: ssl.SSLContext) -> int:
        """The status of the answer; the message is numbered and signed once the one before was answered."""
        async with self._one_at_a_time:
            return await self._deliver(body, context)

    async def _deliver(self, body: bytes, context: ssl.SSLContext) -> int:
        self.counter += 1
        at = urlsplit(self.identity.address)
        signed = signed_request(self.key, self.identity, self.counter, datetime.now(UTC), "POST", DELIVERIES, body)
        head = (
            f"POST {DELIVERIES} HTTP/1.1\r\nHost: {at.hostname}\r\nAuthorization: {signed.header()}\r\n"
            f"Content-Type: application/octet-stream\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        if self._streams is not None and (self._streams[0].at_eof() or self._streams[1].is_closing()):
            await self.close()  # the server ends connections that say nothing for long
        if self._streams is None:
            self._streams = await asyncio.open_connection(at.hostname, at.port, ssl=context)
        reader, writer = self._streams
        writer.write(head.encode() + body)
        await writer.drain()
        lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        await reader.readexactly(int(fields["content-length"]))
        if fields.get("connection") == "close":
            await self.close()
        return int(lines[0].split(" ")[1])

    async def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


@dataclass
class Sent:
    """``ack_ms``: from signing to the answer, of each message that was acknowledged. ``passages``: in those."""

    sent: int = 0
    passages: int = 0
    ack_ms: list[float] = field(default_factory=list)
    refused: int = 0


class Fleet:
    """All devices of one run, and the people who walk past them at random."""

    def __init__(self, devices: Sequence[SimulatedDevice], people: Sequence[PersonId], certificate: Path) -> None:
        self._devices = devices
        self._people = people
        self._context = ssl.create_default_context(cafile=str(certificate))
        self._random = Random(20_261_128)  # noqa: S311 - who walks where is no secret

    async def once_each(self) -> Sent:
        """One passage of each device, so that all are connected."""
        sent, devices = Sent(), iter(self._devices)

        async def worker() -> None:
            for device in devices:
                await self._one(device, self._passages(device, 1), sent)

        await asyncio.gather(*(worker() for _ in range(_CONNECTING)))
        return sent

    async def at_rate(self, per_second: float, seconds: float) -> Sent:
        """One passage a message, the devices in turn, at moments as a Poisson process has them."""
        sent, running, begun, due = Sent(), set(), perf_counter(), 0.0
        order = list(self._devices)
        self._random.shuffle(order)
        number = 0
        while (due := due + self._random.expovariate(per_second)) < seconds:
            await asyncio.sleep(max(0.0, begun + due - perf_counter()))
            device, number = order[number % len(order)], number + 1
            task = asyncio.create_task(self._one(device, self._passages(device, 1), sent))
            running.add(task)
            task.add_done_callback(running.discard)
            if task.done():
                task.result()
        await asyncio.gather(*running)
        return sent

    async def replay(self, passages: int, batch: int, on_progress: Callable[[int], None]) -> Sent:
        """So many passages, already decided, in signed batches from four devices at a time."""
        sent, left = Sent(), passages

        async def worker(own: Sequence[SimulatedDevice]) -> None:
            nonlocal left
            number = 0
            while left > 0:
                size = min(batch, left)
                left -= size
                device, number = own[number % len(own)], number + 1
                await self._one(device, self._passages(device, size), sent)
                on_progress(sent.passages)

        await asyncio.gather(*(worker(self._devices[start::4]) for start in range(min(4, len(self._devices)))))
        return sent

    async def close(self) -> None:
        for device in self._devices:
            await device.close()

    async def _one(self, device: SimulatedDevice, passages: Sequence[Passage], sent: Sent) -> None:
        body = device.body(passages)
        sent.sent += len(passages)
        begun = perf_counter()
        status = await device.deliver(body, self._context)
        if status == _DONE:
            sent.ack_ms.append((perf_counter() - begun) * 1e3)
            sent.passages += len(passages)
        else:
            sent.refused += len(passages)

    def _passages(self, device: SimulatedDevice, count: int) -> list[Passage]:
        now, random = datetime.now(UTC), self._random
        return [
            Passage(
                PassageId(str(UUID(int=random.getrandbits(128), version=4))),
                random.choice(self._people),
                device.checkpoint,
                now,
            )
            for _ in range(count)
        ]
