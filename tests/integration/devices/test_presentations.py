"""A checkpoint on a joined device: it looks, the site decides over TLS, and nothing of a stranger stays anywhere."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cbor2
import numpy as np
import pytest
from sqlalchemy import text

from commands_in_process import run_json
from doorward.adapters.devices.presentation_body import PresentationBody, decoded, encoded
from doorward.demo.checkpoint_clip import make_checkpoint_clip
from doorward.demo.portraits import eileen_collins, grace_hopper
from doorward.errors import RequestInvalid, SiteRefused
from doorward.face.pad import DevicePad, PadMethod
from doorward.face.template import Template, TemplateOrigin
from doorward.kernel.ids import PersonId
from doorward.passages.passage import Counter
from doorward.people.enrolment import CapturedFrom
from doorward.people.person import Details
from doorward.verify.second_factor import Factor
from doorward.wiring.face.claims import Claims
from doorward.wiring.face.device_alarms import Alarm
from doorward.wiring.face.device_checkpoint import Sends, run_on_device
from doorward.wiring.face.joined_device import PRESENTATIONS, JoinedDevice, sealed_body
from integration.devices.conftest import Served
from known_people import EVERYTHING


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_checkpoint_clip(tmp_path_factory.mktemp("clip") / "door.mp4", [grace_hopper(), eileen_collins()])


@pytest.fixture(scope="module")
def grace(served: Served) -> PersonId:
    site, portrait = served.site, grace_hopper()
    site.profiles.identify(b"assessment", "Assessment", "Notice 1", site.stores.vault.clock.now())
    person = site.add_person(portrait.name, Details(badge_number="B 77"))
    site.record_consent(person, "Notice", "1", EVERYTHING, "form")
    site.enroller.enrol(site.actor, person.id, site.capture(portrait.path).template, CapturedFrom.LIVE)
    return person.id


@pytest.fixture(scope="module")
def device(served: Served) -> JoinedDevice:
    return served.joined("Lobby")


@pytest.fixture(scope="module")
def stranger(served: Served, device: JoinedDevice) -> PresentationBody:
    """What a device sends of somebody whom nobody enrolled."""
    taken = served.site.capture(eileen_collins().path)
    return PresentationBody(served.north.id, None, DevicePad(), (taken.template,), taken.quality)


def rows(served: Served) -> dict[str, int]:
    tables = ("persons", "consents", "enrolments", "passages", "audit_entries", "changes", "grants")
    with served.site.stores.data.connect() as connection:
        return {table: connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() for table in tables}


@pytest.mark.parametrize("sends", list(Sends))
def test_the_site_decides_and_a_stranger_leaves_a_counter_alone(
    served: Served, device: JoinedDevice, grace: PersonId, clip: Path, sends: Sends, capsys: pytest.CaptureFixture[str]
) -> None:
    tallied, kept = served.site.doorkeeper.tallies(served.north), len(served.site.stores.passages.of(grace))
    status, told = run_json(
        capsys, "checkpoint", "run", "North", "--source", clip, "--device", device.folder, "--send", sends.value
    )
    assert status == 0
    assert [(one["decision"], one["reason"]) for one in told["decisions"]] == [
        ("accepted", "matched"),
        ("refused", "nobody"),
    ]
    assert len({one["event"] for one in told["decisions"]}) == 2
    assert grace not in str(told)
    now = served.site.doorkeeper.tallies(served.north)
    assert {one: now[one] - tallied[one] for one in Counter} == {Counter.ACCEPTED: 1, Counter.REFUSED: 1}
    assert len(served.site.stores.passages.of(grace)) == kept + 1
    (look,) = [one for one in served.site.register.looks(grace) if one.action == "identified at North"][-1:]
    assert look.actor.name == "device Lobby"


def test_a_stranger_adds_no_row_and_the_device_keeps_nothing(
    served: Served, device: JoinedDevice, grace: PersonId, stranger: PresentationBody
) -> None:
    device.present(stranger)
    before, files = rows(served), {one.name for one in device.folder.iterdir()}
    told = device.present(stranger)
    assert (told["decision"], told["reason"]) == ("refused", "nobody")
    after = rows(served)
    changed = {name: after[name] - before[name] for name in after if after[name] != before[name]}
    assert set(changed) <= {"audit_entries"}, "the place in the device's order, which is written over"
    assert {one.name for one in device.folder.iterdir()} == files
    assert device.outbox.count() == 0
    octets = b"".join(one.read_bytes() for one in device.folder.iterdir())
    assert stranger.templates[0].vector.tobytes() not in octets


def test_a_badge_is_held_against_its_own_holder(
    served: Served, device: JoinedDevice, grace: PersonId, clip: Path
) -> None:
    claims = Claims(["B 77", "B 77"])
    told = [one.answer for one in run_on_device(device, "North", str(clip), claims) if one.answer is not None]
    assert [(one.is_accepted, one.reason) for one in told] == [(True, "matched"), (False, "not_matched")]


def test_what_the_checkpoint_asks_for_cannot_be_left_out(
    served: Served, device: JoinedDevice, grace: PersonId, stranger: PresentationBody
) -> None:
    for asked, done, expected in (
        (PadMethod.ACTIVE, DevicePad(), "challenge_required"),
        (PadMethod.ACTIVE, DevicePad(frozenset({PadMethod.ACTIVE})), "nobody"),
        (PadMethod.PASSIVE, DevicePad(frozenset({PadMethod.PASSIVE}), "minifasnet", 0.1), "presentation_attack"),
        (PadMethod.PASSIVE, DevicePad(frozenset({PadMethod.PASSIVE}), "minifasnet", 0.9), "nobody"),
    ):
        served.site.doorkeeper.ask_for(served.site.actor, "North", frozenset({asked}))
        assert device.present(replace(stranger, pad=done))["reason"] == expected
    with pytest.raises(SiteRefused, match="other checks") as caught:
        device.present(stranger)
    assert caught.value.refused_as == "conflict"
    assert device.ask_settings()["checkpoints"][0]["attack_checks"] == ["passive"]
    served.site.doorkeeper.ask_for(served.site.actor, "North", frozenset())


def test_another_checkpoint_another_model_and_a_repeated_message_are_refused(
    served: Served, device: JoinedDevice, grace: PersonId, stranger: PresentationBody
) -> None:
    with pytest.raises(SiteRefused) as caught:
        device.present(replace(stranger, checkpoint=served.south.id))
    assert caught.value.refused_as == "forbidden"
    (one,) = stranger.templates
    foreign = Template(one.vector, TemplateOrigin("another", "x", "f32"))
    with pytest.raises(SiteRefused, match="another model"):
        device.present(replace(stranger, templates=(foreign,)))
    body, counter = sealed_body(device.identity, encoded(stranger)), device.outbox.next_counter()
    device._post(counter, PRESENTATIONS, body)
    refused = served.site.doorkeeper.tallies(served.north)[Counter.REFUSED]
    with pytest.raises(SiteRefused) as caught:
        device._post(counter, PRESENTATIONS, body)
    assert caught.value.refused_as == "clock_wrong" or caught.value.refused_as in ("message_replayed", "device_cloned")
    assert served.site.doorkeeper.tallies(served.north)[Counter.REFUSED] == refused, "decided once"
    assert {one.alarm for one in served.site.devices.alarms.of(device.identity.device)} & {
        Alarm.REPLAYED,
        Alarm.CLONED,
    }


def test_a_revoked_device_presents_nobody(served: Served, grace: PersonId, stranger: PresentationBody) -> None:
    gone = served.joined("Gone")
    served.site.devices.revoke(served.site.actor, served.site.stores.devices.named("Gone"))
    with pytest.raises(SiteRefused) as caught:
        gone.present(stranger)
    assert caught.value.refused_as == "unauthenticated"


def test_a_site_that_does_not_answer_lets_nobody_in(
    served: Served, device: JoinedDevice, grace: PersonId, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = run_on_device(device, "North", str(clip))
    next(events)
    monkeypatch.setattr(device._client, "_port", 1)
    device._client.close()
    told = [one.answer for one in events if one.answer is not None]
    assert [(one.is_accepted, one.reason, one.event) for one in told] == [(False, "site_unreachable", None)] * 2


def test_a_device_holds_to_the_sites_pace(
    served: Served, device: JoinedDevice, grace: PersonId, stranger: PresentationBody
) -> None:
    reasons = [device.present(stranger)["reason"] for _ in range(31)]
    assert reasons[-1] == "too_many_attempts"


def spoilt(stranger: PresentationBody) -> Iterator[bytes]:
    held = cbor2.loads(encoded(stranger))
    long = [[*held["templates"][0][:3], (2 * stranger.templates[0].vector).tobytes()]]
    none = [[*held["templates"][0][:3], np.full(128, np.nan, "<f4").tobytes()]]
    for change in (
        {"templates": []},
        {"templates": held["templates"] * 3},
        {"templates": long},
        {"templates": none},
        {"quality": None},
        {"quality": [float("inf")] * 10},
        {"quality": [1.0]},
        {"picture": b"both"},
        {"picture": "text", "templates": [], "quality": None},
        {"claim": ""},
        {"claim": "x" * 100_000},
        {"claim": 7},
        {"methods": ["unheard of"]},
        {"pad": ["m", "high"]},
        {"checkpoint": b"short"},
        {"more": 1},
    ):
        yield cbor2.dumps({**held, **change})
    yield b""
    yield b"\xa0"
    yield cbor2.dumps([1])


def test_a_message_is_read_as_it_was_written_and_nothing_else_is(stranger: PresentationBody) -> None:
    again = decoded(encoded(replace(stranger, claim="B 77")))
    assert (again.checkpoint, again.claim, again.pad) == (stranger.checkpoint, "B 77", stranger.pad)
    assert np.array_equal(again.templates[0].vector, stranger.templates[0].vector)
    for octets in spoilt(stranger):
        with pytest.raises(RequestInvalid):
            decoded(octets)


def test_a_factor_beside_a_claim_is_no_presentation(stranger: PresentationBody) -> None:
    with_factor = replace(stranger, factor=Factor(badge="B 77"))
    assert decoded(encoded(with_factor)).factor == Factor(badge="B 77")
    both = replace(with_factor, claim="B 77")
    other_kind = cbor2.dumps({**cbor2.loads(encoded(with_factor)), "factor": ["finger", "B 77"]})
    for octets in (encoded(both), other_kind):
        with pytest.raises(RequestInvalid):
            decoded(octets)
