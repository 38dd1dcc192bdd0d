"""Deliveries that wait together are taken together, and each is answered for itself."""

from collections.abc import Sequence
from datetime import datetime
from threading import Event

import pytest

from doorward.errors import Conflict, DoorwardError, RequestInvalid
from doorward.kernel.ids import CheckpointId, DeviceId
from doorward.passages.delivery import Delivery, Taken
from doorward.passages.device import Device
from doorward.passages.message_order import Mark, Standing
from doorward.passages.signed_request import SignedRequest
from doorward.wiring.face.delivering import DeliveryDesk
from doorward.wiring.face.devices import SigningDevice
from doorward.wiring.face.signed_deliveries import SignedBody
from fakes.clock import FakeClock
from known_people import NOON

KEY = bytes(range(32))
BROKEN = b"broken"


class Openings:
    """Takes a body's octets for the digest of its message, and refuses one of them."""

    def opened(self, bodies: Sequence[SignedBody]) -> Sequence[Delivery | DoorwardError]:
        return [RequestInvalid("x") if one.sealed == BROKEN else delivery(one.sealed) for one in bodies]

    def sealing_key(self) -> bytes:
        return KEY


class Recorder:
    """Keeps what came together; waits for ``goes_on`` with the first, and refuses a batch with ``at_fault`` in it."""

    def __init__(self) -> None:
        self.goes_on = Event()
        self.batches: list[list[bytes]] = []

    def take(self, deliveries: Sequence[Delivery], now: datetime) -> Sequence[Taken]:
        self.goes_on.wait(10)
        digests = [one.mark.digest for one in deliveries]
        if b"at fault" in digests:
            raise Conflict("x")
        self.batches.append(digests)
        return [Taken(Standing.NEW, number) for number, _ in enumerate(deliveries)]

    def mark(self, device: DeviceId) -> Mark | None:
        return None


def delivery(digest: bytes) -> Delivery:
    return Delivery(DeviceId("d"), Mark(1, digest), NOON)


def body(octets: bytes) -> SignedBody:
    device = Device(DeviceId("d"), "Camera", KEY, frozenset({CheckpointId("c")}), NOON)
    return SignedBody(SigningDevice(device, SignedRequest(device.id, 1, NOON, KEY, KEY * 2)), octets)


def test_each_of_those_that_waited_is_answered_for_itself() -> None:
    store = Recorder()
    desk = DeliveryDesk(store, FakeClock(), Openings())
    first = desk.hand_in(delivery(b"first"))
    second, broken, third = (desk.hand_in_signed(body(one)) for one in (b"second", BROKEN, b"third"))
    fault, last = desk.hand_in_signed(body(b"at fault")), desk.hand_in(delivery(b"last"))
    store.goes_on.set()
    desk.close()
    assert first.result().sealing_key == KEY
    assert all(one.result().taken.standing is Standing.NEW for one in (first, second, third, last))
    for refused, why in ((broken, RequestInvalid), (fault, Conflict)):
        with pytest.raises(why):
            refused.result()
    assert [one for batch in store.batches for one in batch] == [b"first", b"second", b"third", b"last"]


def test_what_waits_at_a_door_hurries_those_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("doorward.wiring.face.delivering.GATHERING_S", 30)
    store = Recorder()
    store.goes_on.set()
    desk = DeliveryDesk(store, FakeClock(), Openings())
    patient = desk.hand_in_signed(body(b"patient"))
    desk.hand_in(delivery(b"door")).result(timeout=10)
    assert patient.result(timeout=0).taken.standing is Standing.NEW
    desk.close()
