"""Devices that join, deliver and are revoked; and everything that is no working device's, refused and told."""

import shutil
import stat
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from doorward.adapters.devices.identity import KEY, SETTINGS, make_key, read_identity, write_identity
from doorward.adapters.devices.invitation_code import InvitationCode
from doorward.adapters.devices.outbox import Outbox
from doorward.errors import (
    Conflict,
    LimitExceeded,
    NotFound,
    SiteRefused,
    SiteUnreachable,
    SiteUntrusted,
    Unauthenticated,
    WrongUse,
)
from doorward.passages.live import LiveKind
from doorward.passages.message_order import MOST_SKEW
from doorward.passages.passage import Counter
from doorward.people.consent import Purpose
from doorward.wiring.doctor.devices import check_devices
from doorward.wiring.face.device_alarms import Alarm, DeviceAlarms
from doorward.wiring.face.joined_device import DELIVERIES, JoinedDevice, join_site, sealed_body, signed_request
from fakes.clock import FakeClock
from integration.devices.conftest import Served


def alarms(served: Served, device: JoinedDevice) -> dict[Alarm, int]:
    return {raised.alarm: raised.count for raised in served.site.devices.alarms.of(device.identity.device)}


def refused(device: JoinedDevice, *, counter: int | None = None, body: bytes | None = None) -> SiteRefused:
    """The refusal that one message of the device's meets."""
    counter = device.outbox.next_counter() if counter is None else counter
    body = sealed_body(device.identity, b"\xa2hpassages\x80gcounted\x80") if body is None else body
    with pytest.raises(SiteRefused) as caught:
        device._post(counter, DELIVERIES, body)
    return caught.value


def test_a_device_joins_with_a_code_and_makes_its_key_itself(served: Served) -> None:
    device = served.joined("Lobby")
    known = served.site.stores.devices.named("lobby")
    assert known.id == device.identity.device
    assert known.checkpoints == frozenset({served.north.id})
    assert device.identity.checkpoints == {"North": served.north.id}
    folder = next(one for one in served.folder.glob("joined *") if read_identity(one)[0].name == "Lobby")
    assert stat.S_IMODE((folder / KEY).stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    told = [entry.entry.action for entry in served.site.stores.trail.listed(20)]
    assert "device Lobby invited for North" in told
    assert "device Lobby joined" in told


def test_a_code_serves_once_and_not_for_long(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    code = served.invited()
    join_site(served.running.address, code, served.folder / "first")
    with pytest.raises(SiteRefused, match="let it join again"):
        join_site(served.running.address, code, served.folder / "second")
    late = served.invited("late")
    clock = served.site.stores.vault.clock
    monkeypatch.setattr(
        served.site.devices, "_clock", type("Late", (), {"now": lambda _: clock.now() + timedelta(hours=1)})()
    )
    with pytest.raises(SiteRefused) as caught:
        join_site(served.running.address, late, served.folder / "late")
    assert caught.value.refused_as == "unauthenticated"
    served.site.devices.forget_ended()
    assert not list(served.site.stores.grants.all("device invitation"))


def test_a_code_is_read_however_it_is_typed_and_nothing_else_is(served: Served) -> None:
    code = served.invited()
    assert str(InvitationCode.read(f" {code.lower().replace('-', '')} ")) == code
    for other in ("", "no code", code[:-1], code + "A", "1" * len(code)):
        with pytest.raises(WrongUse, match="copy it whole"):
            InvitationCode.read(other)


def test_another_certificate_is_told_before_anything_is_sent(served: Served) -> None:
    real = InvitationCode.read(served.invited())
    false = InvitationCode(real.secret, bytes(16))
    with pytest.raises(SiteUntrusted):
        join_site(served.running.address, str(false), served.folder / "false")
    assert served.site.devices.invited(real.secret.hex())  # not used up: the secret was not sent
    join_site(served.running.address, str(real), served.folder / "false")
    device = served.joined()
    device._client._certificate = bytes(32)
    device._client.close()
    device.keep(served.body(served.person()))
    with pytest.raises(SiteUntrusted):
        device.deliver()
    assert device.outbox.count() == 1


def test_what_waits_is_delivered_once_and_in_order(served: Served) -> None:
    device, ada = served.joined(), served.person()
    before = served.site.stores.passages.tallies(served.north.id)[Counter.REFUSED]
    bodies = [served.body(ada, ada), served.body(ada, refused=3)]
    for body in bodies:
        device.keep(body)
    assert device.deliver() == 2
    assert device.outbox.count() == 0
    kept = served.site.stores.passages.of(ada)
    assert {one.id for one in kept} == {one.id for body in bodies for one in body.passages}
    assert served.site.stores.passages.tallies(served.north.id)[Counter.REFUSED] == before + 3
    assert alarms(served, device) == {}


def test_an_answer_that_is_lost_makes_no_second_passage(served: Served) -> None:
    device, ada = served.joined(), served.person()
    device.keep(served.body(ada))
    waiting = device.outbox.next()
    assert waiting is not None
    assert device._post(waiting.counter, DELIVERIES, waiting.body)["standing"] == "new"
    assert device._post(waiting.counter, DELIVERIES, waiting.body)["standing"] == "repeated"
    assert device.deliver() == 1
    assert len(served.site.stores.passages.of(ada)) == 1
    assert alarms(served, device) == {}


def test_nobody_is_recorded_who_did_not_agree_or_is_not_here(served: Served) -> None:
    device = served.joined()
    ada, bo = served.person(Purpose.VERIFY), served.person()
    served.site.stores.people.erase(bo)
    device.keep(served.body(ada, bo, str(uuid4())))
    assert device.deliver() == 1
    assert not served.site.stores.passages.of(ada)


def test_replays_clones_and_wrong_clocks_are_refused_and_raise_alarms(served: Served) -> None:
    device = served.joined()
    for _ in range(2):
        device.keep(served.body(served.person()))
    device.deliver()
    with served.site.live.follow() as following:
        assert refused(device, counter=1).refused_as == "message_replayed"
        assert refused(device, counter=2).refused_as == "device_cloned"
        live = [event for _ in range(4) for event in following.next(0.05)]
    name = device.identity.name
    assert [(one.name, one.told) for one in live if one.kind is LiveKind.ALARM] == [
        (name, "replayed"),
        (name, "cloned"),
    ]
    device._now = lambda: datetime.now(UTC) + MOST_SKEW + timedelta(seconds=5)
    assert refused(device).refused_as == "clock_wrong"
    assert alarms(served, device) == {Alarm.REPLAYED: 1, Alarm.CLONED: 1, Alarm.CLOCK_WRONG: 1}
    told = [entry.entry.action for entry in served.site.stores.trail.listed(9)]
    assert f"alarm of the device {device.identity.name}, 1 times: cloned" in told


def test_a_copy_of_a_device_is_found_out(served: Served) -> None:
    device, ada = served.joined(), served.person()
    folder = served.folder / "copied"
    shutil.copytree(device.folder, folder)
    copy = served.open(folder)
    device.keep(served.body(ada))
    device.deliver()
    copy.keep(served.body(ada))
    with pytest.raises(SiteRefused) as caught:
        copy.deliver()
    assert caught.value.refused_as == "device_cloned"
    assert alarms(served, device) == {Alarm.CLONED: 1}
    assert len(served.site.stores.passages.of(ada)) == 1


def test_a_revoked_device_is_refused_from_its_next_message_on(served: Served) -> None:
    device = served.joined("Garage")
    served.site.devices.revoke(served.site.actor, served.site.stores.devices.named("Garage"))
    assert refused(device).refused_as == "unauthenticated"
    assert refused(device).refused_as == "unauthenticated"
    assert alarms(served, device) == {Alarm.REVOKED: 1}  # the second within a minute waits to be counted
    assert served.site.stores.devices.named("Garage").is_revoked
    with pytest.raises(Conflict):
        served.invited("garage")


def test_an_alarm_that_two_servers_raise_is_entered_once_a_minute(served: Served) -> None:
    device = served.joined()
    stores = served.site.stores
    known = stores.devices.get(device.identity.device)
    assert known is not None
    clock = FakeClock()
    one, other = (DeviceAlarms(stores.grants, stores.trail, clock, served.site.live) for _ in range(2))
    begun = len(stores.trail.listed(100))
    for server in (one, other, other):
        server.raised(known, Alarm.REPLAYED)
    assert (len(stores.trail.listed(100)) - begun, alarms(served, device)) == (1, {Alarm.REPLAYED: 1})
    clock.pass_by(minutes=2)
    other.raised(known, Alarm.REPLAYED)
    assert (len(stores.trail.listed(100)) - begun, alarms(served, device)) == (2, {Alarm.REPLAYED: 4})


def test_names_change_and_are_not_used_twice(served: Served) -> None:
    device, other = served.joined("Ramp"), served.joined("Roof")
    renamed = served.site.devices.rename(served.site.actor, served.site.stores.devices.named("Ramp"), "Ramp, left")
    assert renamed.id == device.identity.device
    with pytest.raises(Conflict):
        served.site.devices.rename(served.site.actor, renamed, "roof")
    with pytest.raises(WrongUse):
        served.site.devices.rename(served.site.actor, renamed, "\n")
    assert other.identity.name == "Roof"


def test_a_signature_covers_who_where_and_what(served: Served) -> None:
    device, other = served.joined(), served.joined()
    body = sealed_body(device.identity, b"")
    request = signed_request(device._key, device.identity, 1, datetime.now(UTC), "POST", DELIVERIES, body)
    for altered in (
        replace(request, counter=2),
        replace(request, device=other.identity.device),
        replace(request, digest=bytes(32)),
        replace(request, sent_at=request.sent_at + timedelta(seconds=1)),
        replace(request, signature=bytes(64)),
    ):
        with pytest.raises(Unauthenticated):
            served.site.devices.signer(altered.header().partition(" ")[2], "POST", DELIVERIES)
    signed = request.header().partition(" ")[2]
    for method, path in (("GET", DELIVERIES), ("POST", "/v1/device")):
        with pytest.raises(Unauthenticated):
            served.site.devices.signer(signed, method, path)
    assert served.site.devices.signer(signed, "POST", DELIVERIES).device.id == device.identity.device
    foreign = replace(device.identity, site="another site")
    elsewhere = signed_request(device._key, foreign, 1, datetime.now(UTC), "POST", DELIVERIES, body)
    with pytest.raises(Unauthenticated):
        served.site.devices.signer(elsewhere.header().partition(" ")[2], "POST", DELIVERIES)
    with pytest.raises(SiteRefused) as caught:
        device._client.post(DELIVERIES, request.header(), body + b"more")
    assert caught.value.refused_as == "request_invalid"


def test_a_device_speaks_for_its_own_checkpoints_and_does_nothing_else(served: Served) -> None:
    device, ada = served.joined(), served.person()
    device.keep(served.body(ada, checkpoint=served.south.id))
    with pytest.raises(SiteRefused) as caught:
        device.deliver()
    assert caught.value.refused_as == "forbidden"
    assert not served.site.stores.passages.of(ada)
    with pytest.raises(WrongUse, match="This device acts for: North"):
        device.identity.checkpoint("South")
    request = signed_request(device._key, device.identity, 9, datetime.now(UTC), "POST", "/v1/people", b"{}")
    with pytest.raises(SiteRefused) as caught:
        device._client.post("/v1/people", request.header(), b"{}", "application/json")
    assert caught.value.refused_as == "forbidden"


@pytest.mark.parametrize(
    "plaintext",
    [
        b"",
        b"\xff",
        b"\xa0",
        b"\xa2hpassages\x81\x00gcounted\x80",
        b"\xa2hpassages\x80gcounted\x81\x83P" + bytes(16) + b"haccepted\x00",
        b"\xa3hpassages\x80gcounted\x80cany\x80",
    ],
)
def test_what_is_no_delivery_is_refused_and_holds_nothing_up(served: Served, plaintext: bytes) -> None:
    device, ada = served.joined(), served.person()
    device.outbox.put(sealed_body(device.identity, plaintext))
    device.keep(served.body(ada))
    assert device.deliver() == 1
    assert len(served.site.stores.passages.of(ada)) == 1


def test_what_was_not_sealed_to_this_site_raises_an_alarm(served: Served) -> None:
    device, other = served.joined(), served.joined()
    assert (
        refused(device, body=sealed_body(other.identity, b"\xa2hpassages\x80gcounted\x80")).refused_as
        == "request_invalid"
    )
    assert alarms(served, device) == {Alarm.UNREADABLE: 1}


def test_a_renewed_key_is_told_with_the_next_answer(served: Served) -> None:
    device, ada = served.joined(), served.person()
    device.keep(served.body(ada))
    before = device.identity.sealing_key
    served.site.stores.vault.device_bodies().renew()
    device.keep(served.body(ada))
    assert device.deliver() == 2  # the earlier key opens what was on its way
    assert device.identity.sealing_key != before
    assert read_identity(device.folder)[0].sealing_key == device.identity.sealing_key
    assert len(served.site.stores.passages.of(ada)) == 2


def test_cut_off_it_keeps_what_it_has_within_a_bound(served: Served, tmp_path: Path) -> None:
    device = served.joined()
    device._client.close()
    device._client._port = 1  # nobody listens there
    device.keep(served.body(served.person()))
    with pytest.raises(SiteUnreachable):
        device.deliver()
    assert device.outbox.count() == 1
    bounded = Outbox(tmp_path, most_bytes=100)
    bounded.put(bytes(60))
    with pytest.raises(LimitExceeded):
        bounded.put(bytes(60))
    assert bounded.count() == 1
    bounded.close()


def test_nothing_of_a_passage_lies_open_on_the_device(served: Served) -> None:
    device, ada = served.joined(), served.person()
    body = served.body(ada)
    device.keep(body)
    written = b"".join(file.read_bytes() for file in device.folder.iterdir())
    for secret in (ada, body.passages[0].id):
        octets = bytes.fromhex(secret.replace("-", ""))
        assert octets not in written
        assert secret.encode() not in written


def test_a_folder_that_is_no_devices_is_told(tmp_path: Path, served: Served) -> None:
    with pytest.raises(NotFound, match="doorward device join"):
        read_identity(tmp_path)
    with pytest.raises(WrongUse, match="not empty"):
        make_key(served.joined().folder)
    device = served.joined()
    folder = tmp_path / "copy"
    shutil.copytree(device.folder, folder)
    (folder / KEY).chmod(0o644)
    with pytest.raises(WrongUse, match="chmod 600"):
        read_identity(folder)
    (folder / KEY).chmod(0o600)
    write_identity(folder, device.identity)
    (folder / SETTINGS).write_text("{")
    with pytest.raises(WrongUse, match="join anew"):
        read_identity(folder)


@pytest.mark.parametrize("address", ["http://localhost", "localhost:8443", "https://", "https://a/b", "https://u@a"])
def test_an_address_is_of_tls(served: Served, address: str) -> None:
    with pytest.raises(WrongUse, match="https://HOST:PORT"):
        join_site(address, served.invited(), served.folder / "nowhere")


def test_the_doctor_tells_of_alarms_for_a_week(served: Served) -> None:
    device = served.joined("Doctored")
    served.site.devices.alarms.raised(served.site.stores.devices.named("Doctored"), Alarm.CLONED)
    now = served.site.stores.vault.clock.now()
    told = [one for one in check_devices(served.site, now) if "Doctored" in one.what]
    assert [one.id for one in told] == ["device-alarm"]
    later = now + timedelta(days=8)
    assert "device-alarm" not in [one.id for one in check_devices(served.site, later)]
    assert alarms(served, device) == {Alarm.CLONED: 1}
