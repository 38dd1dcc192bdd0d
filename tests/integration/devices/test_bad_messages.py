"""Messages that no working device of this site sends: refused with a reason, an alarm where it smells of an attack.

Beside these: counters that go back, clones, clocks that are off and revoked keys in `test_devices`; a camera's wrong
password, unknown codec, garbage and pictures of no size in `unit/video/test_watched_cameras`.
"""

import socket
import ssl
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from doorward.adapters.devices.delivery_body import encoded
from doorward.adapters.devices.identity import DeviceIdentity, make_key, write_identity
from doorward.adapters.devices.invitation_code import InvitationCode
from doorward.errors import SiteRefused
from doorward.http.limits import Limits
from doorward.passages.delivery import MOST_PASSAGES
from doorward.passages.message_order import MOST_SKEW
from doorward.wiring.face.device_alarms import Alarm
from doorward.wiring.face.joined_device import DELIVERIES, JoinedDevice, sealed_body, signed_request
from doorward.wiring.face.site import open_site
from integration.devices.conftest import Served
from integration.http.running import PASSPHRASE
from throwaway_sites import throwaway_site


def alarms(served: Served, device: JoinedDevice) -> list[Alarm]:
    return [raised.alarm for raised in served.site.devices.alarms.of(device.identity.device)]


def all_alarms(served: Served) -> int:
    return sum(len(served.site.devices.alarms.of(one.id)) for one in served.site.stores.devices.all())


def refusal(device: JoinedDevice) -> str:
    with pytest.raises(SiteRefused) as caught:
        device.deliver()
    return caught.value.refused_as


def test_a_device_that_nobody_knows_is_refused(served: Served) -> None:
    device, ada = served.joined(), served.person()
    device.keep(served.body(ada))
    before = all_alarms(served)
    device.identity = replace(device.identity, device=str(uuid4()))
    assert refusal(device) == "unauthenticated"
    assert all_alarms(served) == before
    assert not served.site.stores.passages.of(ada)


def test_a_wrong_signature_is_refused_and_raises_an_alarm(served: Served) -> None:
    device, ada = served.joined(), served.person()
    device.keep(served.body(ada))
    own, device._key = device._key, Ed25519PrivateKey.generate()
    assert refusal(device) == "unauthenticated"
    assert alarms(served, device) == [Alarm.WRONG_SIGNATURE]
    device._key = own
    assert device.deliver() == 1
    assert len(served.site.stores.passages.of(ada)) == 1


def test_a_device_of_another_site_is_refused(served: Served, tmp_path: Path) -> None:
    """It is at home there, and was pointed at this site's address."""
    before, here = all_alarms(served), served.joined().identity
    with open_site(throwaway_site(tmp_path, "elsewhere"), lambda: PASSPHRASE) as site:
        door, key = site.doorkeeper.add("North"), make_key(tmp_path / "device")
        secret = InvitationCode.read(str(site.devices.invite(site.actor, "Lobby", [door], bytes(32))[0])).secret
        known = site.devices.join(site.devices.invited(secret.hex()), key.public_key().public_bytes_raw())
        sealing = site.stores.vault.device_bodies().public_key()
        home = DeviceIdentity(known.id, known.name, site.stores.vault.site, "", b"", sealing, {"North": door.id})
    write_identity(tmp_path / "device", replace(home, address=here.address, certificate=here.certificate))
    foreigner = served.open(tmp_path / "device")
    foreigner.keep(served.body(served.person()))
    assert refusal(foreigner) == "unauthenticated"
    assert foreigner.outbox.count() == 1
    assert all_alarms(served) == before


def test_a_batch_that_is_too_large_is_refused_and_nothing_of_it_is_kept(served: Served) -> None:
    device, ada = served.joined(), served.person()
    many = sealed_body(device.identity, encoded(served.body(*[ada] * (MOST_PASSAGES + 1))))
    for body, code in ((many, "request_invalid"), (bytes(Limits().delivery_bytes + 1), "body_too_large")):
        with pytest.raises(SiteRefused) as caught:
            device._post(device.outbox.next_counter(), DELIVERIES, body)
        assert caught.value.refused_as == code
        device._client.close()
    assert not served.site.stores.passages.of(ada)
    assert alarms(served, device) == []
    device.keep(served.body(*[ada] * MOST_PASSAGES))
    assert device.deliver() == 1
    assert len(served.site.stores.passages.of(ada)) == MOST_PASSAGES


def test_connections_that_are_half_open_hold_up_nobody(served: Served) -> None:
    """One without TLS, one without a request, and one whose delivery stops in the middle of its body."""
    device, ada = served.joined(), served.person()
    at = (device._client._host, device._client._port)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    body = sealed_body(device.identity, encoded(served.body(ada)))
    request = signed_request(device._key, device.identity, 1, datetime.now(UTC), "POST", DELIVERIES, body)
    head = f"POST {DELIVERIES} HTTP/1.1\r\nHost: x\r\nAuthorization: {request.header()}\r\n"
    head += f"Content-Type: application/octet-stream\r\nContent-Length: {len(body)}\r\n\r\n"
    with (
        socket.create_connection(at),
        context.wrap_socket(socket.create_connection(at)),
        context.wrap_socket(socket.create_connection(at)) as halved,
    ):
        halved.sendall(head.encode() + body[: len(body) // 2])
        device.keep(served.body(ada))
        assert device.deliver() == 1
    device.keep(served.body(ada))
    assert device.deliver() == 1
    assert len(served.site.stores.passages.of(ada)) == 2
    assert alarms(served, device) == []


def test_a_passage_that_is_yet_to_come_is_not_kept_and_raises_an_alarm(served: Served) -> None:
    device, ada, bo = served.joined(), served.person(), served.person()
    body = served.body(ada, bo)
    early = replace(body.passages[0], at=body.passages[0].at + 2 * MOST_SKEW)
    device.keep(replace(body, passages=[early, body.passages[1]]))
    assert device.deliver() == 1
    assert not served.site.stores.passages.of(ada)
    assert len(served.site.stores.passages.of(bo)) == 1
    assert alarms(served, device) == [Alarm.CLOCK_WRONG]
