"""A site that answers by half, late, or with a refusal that will pass: what waits on the device waits on."""

import os
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ssl import SSLSocket

import pytest

from doorward.errors import SiteRefused, SiteUnreachable
from doorward.passages.message_order import MOST_SKEW
from doorward.wiring import serving
from doorward.wiring.face.device_checkpoint import DeviceEyes
from doorward.wiring.face.joined_device import JoinedDevice
from integration.devices.conftest import Served

TORN = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
PATIENCE_S = 0.3


@contextmanager
def answering(served: Served, device: JoinedDevice, answer: Callable[[SSLSocket], bytes]) -> Iterator[Future[bytes]]:
    """Something else with the site's certificate in its place, for one connection of the device's."""
    context = serving.site_transport(served.site).context
    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(1) as pool:

        def serve() -> bytes:
            plain, _ = listener.accept()
            with context.wrap_socket(plain, server_side=True) as connection:
                connection.recv(65536)
                return answer(connection)

        before = device._client._port
        device._client.close()
        device._client._port = listener.getsockname()[1]
        yield pool.submit(serve)
        device._client.close()
        device._client._port = before


def test_half_an_answer_is_none(served: Served) -> None:
    device, ada = served.joined(), served.person()
    device.keep(served.body(ada))
    with answering(served, device, lambda connection: connection.sendall(TORN) or b""), pytest.raises(SiteUnreachable):
        device.deliver()
    assert device.outbox.count() == 1
    assert device.deliver() == 1
    assert len(served.site.stores.passages.of(ada)) == 1


def test_a_site_that_is_given_up_gets_nothing_late(served: Served) -> None:
    device = JoinedDevice(served.joined().folder, seconds=PATIENCE_S)
    served.opened.append(device)
    device.keep(served.body(served.person()))

    def wait(connection: SSLSocket) -> bytes:
        while os.read(connection.fileno(), 65536):
            pass
        return b"closed in order"

    with answering(served, device, wait) as heard:
        with pytest.raises(SiteUnreachable):
            device.deliver()
        assert isinstance(heard.exception(timeout=10), ConnectionResetError)


def test_a_refusal_that_passes_does_not_end_a_checkpoint(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    device, ada = served.joined(), served.person()
    eyes = DeviceEyes(device, served.north.id)
    device.keep(served.body(ada))
    monkeypatch.setattr("doorward.wiring.face.device_checkpoint.TRY_EVERY", 0.0)
    eyes.ask_soon()
    device._now = lambda: datetime.now(UTC) + MOST_SKEW + timedelta(seconds=5)
    eyes.keep_up()
    assert device.outbox.count() == 1
    device._now = lambda: datetime.now(UTC)
    eyes.keep_up()
    assert len(served.site.stores.passages.of(ada)) == 1
    served.site.devices.revoke(served.site.actor, served.site.stores.devices.named(device.identity.name))
    eyes.ask_soon()
    with pytest.raises(SiteRefused):
        eyes.keep_up()
