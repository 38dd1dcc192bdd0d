"""A device that is cut off: it decides nothing, or by carried credentials alone where its site allowed it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from doorward.adapters.credentials.text import octets_of, text_of
from doorward.adapters.devices.carried_reader import CarriedReader
from doorward.adapters.images import read_photo
from doorward.demo.portraits import Portrait, eileen_collins, grace_hopper
from doorward.face.presentation import Sighting
from doorward.kernel.ids import PersonId
from doorward.passages.passage import Counter
from doorward.people.enrolment import CapturedFrom
from doorward.vault.carried_reading import RunKey
from doorward.wiring.doctor.devices import check_devices
from doorward.wiring.doctor.finding import Finding, Severity
from doorward.wiring.face.challenging import Moved
from doorward.wiring.face.device_checkpoint import DeviceEyes, Sends, answer_to
from doorward.wiring.face.joined_device import JoinedDevice
from integration.devices.conftest import Served
from known_people import EVERYTHING

numbers = count()


@pytest.fixture(scope="module")
def carried(served: Served) -> tuple[PersonId, str]:
    """Somebody who carries a credential, and the text of its code."""
    site = served.site
    person = site.add_person("Grace Hopper")
    site.record_consent(person, "Notice", "1", EVERYTHING, "form")
    site.enroller.enrol(site.actor, person.id, site.capture(grace_hopper().path).template, CapturedFrom.LIVE)
    issued, octets = site.credentials.prepare(site.actor, person.id)
    site.credentials.hand_over(issued)
    return person.id, text_of(octets)


@pytest.fixture(scope="module")
def seen(served: Served) -> Callable[[Portrait], Moved]:
    def of(portrait: Portrait) -> Moved:
        image = read_photo(portrait.path)
        taken = served.site.captured(image)
        return Moved(1.0, sighting=Sighting(image, taken.face, taken.quality))

    return of


@pytest.fixture
def device(served: Served) -> JoinedDevice:
    name = f"Alone {next(numbers)}"
    joined = served.joined(name)
    served.site.deciding_alone.let(served.site.actor, served.site.stores.devices.named(name), alone=True)
    return joined


def cut_off(device: JoinedDevice) -> None:
    device._client.close()
    device._client._port = 1


def back(served: Served, device: JoinedDevice) -> None:
    device._client._port = int(served.running.address.rpartition(":")[2])


def answered(served: Served, device: JoinedDevice, eyes: DeviceEyes, seen: Moved, claim: str | None) -> str:
    return answer_to(device, eyes, served.north.id, seen, claim, Sends.TEMPLATE).reason


def test_a_carried_credential_is_decided_alone_and_the_passage_delivered_once(
    served: Served, device: JoinedDevice, carried: tuple[PersonId, str], seen: Callable[[Portrait], Moved]
) -> None:
    person, code = carried
    eyes = DeviceEyes(device, served.north.id)
    kept, tallied = len(served.site.stores.passages.of(person)), served.site.doorkeeper.tallies(served.north)
    cut_off(device)
    assert answered(served, device, eyes, seen(grace_hopper()), code) == "matched"
    assert answered(served, device, eyes, seen(eileen_collins()), code) == "credential_refused"
    assert answered(served, device, eyes, seen(grace_hopper()), None) == "site_unreachable"
    assert answered(served, device, eyes, seen(grace_hopper()), "B 77") == "site_unreachable"
    assert answered(served, device, eyes, seen(grace_hopper()), code[:-9] + "000000000") == "credential_refused"
    assert len(served.site.stores.passages.of(person)) == kept
    back(served, device)
    assert device.deliver() == 3
    assert len(served.site.stores.passages.of(person)) == kept + 1
    now = served.site.doorkeeper.tallies(served.north)
    assert {one: now[one] - tallied[one] for one in Counter} == {Counter.ACCEPTED: 1, Counter.REFUSED: 2}


def test_guesses_at_one_card_end_until_the_site_answers(
    served: Served, device: JoinedDevice, carried: tuple[PersonId, str], seen: Callable[[Portrait], Moved]
) -> None:
    eyes = DeviceEyes(device, served.north.id)
    cut_off(device)
    stranger, holder = seen(eileen_collins()), seen(grace_hopper())
    told = [answered(served, device, eyes, stranger, carried[1]) for _ in range(5)]
    assert set(told) == {"credential_refused"}
    assert answered(served, device, eyes, holder, carried[1]) == "too_many_attempts"
    back(served, device)
    eyes.ask()
    cut_off(device)
    assert answered(served, device, eyes, holder, carried[1]) == "matched"


def test_it_is_off_by_default_and_when_forbidden(
    served: Served, carried: tuple[PersonId, str], seen: Callable[[Portrait], Moved]
) -> None:
    device = served.joined("Never alone")
    eyes = DeviceEyes(device, served.north.id)
    assert eyes.alone.reader is None
    known, actor = served.site.stores.devices.named("Never alone"), served.site.actor
    served.site.deciding_alone.let(actor, known, alone=True)
    eyes.ask()
    assert eyes.alone.reader is not None
    served.site.deciding_alone.let(actor, known, alone=False)
    eyes.ask()
    cut_off(device)
    assert answered(served, device, eyes, seen(grace_hopper()), carried[1]) == "site_unreachable"
    told = [one.entry.action for one in served.site.stores.trail.listed(20)]
    assert "device Never alone may decide alone about carried credentials" in told
    assert "device Never alone may not decide alone about carried credentials" in told


def test_what_was_ended_or_is_too_old_does_not_hold(
    served: Served, device: JoinedDevice, carried: tuple[PersonId, str], seen: Callable[[Portrait], Moved]
) -> None:
    eyes = DeviceEyes(device, served.north.id)
    reader = eyes.alone.reader
    assert isinstance(reader, CarriedReader)
    octets = octets_of(carried[1])
    now = datetime.now(UTC)
    assert reader.read(octets, served.north.id, now) is not None
    assert reader.read(octets, served.south.id, now) is None, "not a checkpoint of this device"
    assert reader.read(octets, served.north.id, now + timedelta(hours=13)) is None
    assert replace(reader, holding={}).read(octets, served.north.id, now) is None
    assert str(reader.keys).find("opening") < 0, "no key is printed"


def test_nothing_that_opens_a_card_lies_on_the_devices_disk(served: Served, device: JoinedDevice) -> None:
    eyes = DeviceEyes(device, served.north.id)
    assert eyes.alone.reader is not None
    octets = b"".join(one.read_bytes() for one in Path(device.folder).iterdir())
    for secret in eyes.alone.reader.keys.opening:
        assert secret not in octets
        assert secret.hex().encode() not in octets


def test_what_was_sealed_to_one_run_opens_in_no_other(served: Served, device: JoinedDevice) -> None:
    first, other = RunKey(), RunKey()
    sealed = bytes.fromhex(device.ask_settings(first.public)["carried"])
    identity = device.identity
    assert first.opened(identity.site, identity.device, sealed) is not None
    assert other.opened(identity.site, identity.device, sealed) is None
    assert first.opened(identity.site, identity.device, sealed[:-1] + b"x") is None


def test_the_doctor_says_which_devices_may_decide_alone_and_what_they_hold(
    served: Served, device: JoinedDevice
) -> None:
    name, now = device.identity.name, served.site.stores.vault.clock.now()

    def told() -> list[Finding]:
        return [one for one in check_devices(served.site, now) if one.id == "device-decides-alone" and name in one.what]

    (finding,) = told()
    assert finding.severity is Severity.NOTE
    assert "opens every carried credential" in finding.why
    known = served.site.stores.devices.named(name)
    served.site.deciding_alone.let(served.site.actor, known, alone=False)
    assert told() == []
    served.site.deciding_alone.let(served.site.actor, known, alone=True)
    served.site.devices.revoke(served.site.actor, known)
    assert told() == []
