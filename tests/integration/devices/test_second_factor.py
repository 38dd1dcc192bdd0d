"""A second factor before a device's camera: asked for where the face does not decide, and decided by the site."""

from pathlib import Path

import pytest

from commands_in_process import run_json
from doorward.adapters.images import read_photo
from doorward.demo.checkpoint_clip import make_checkpoint_clip
from doorward.demo.portraits import grace_hopper
from doorward.face.presentation import Sighting
from doorward.kernel.ids import PersonId
from doorward.people.enrolment import CapturedFrom
from doorward.people.person import Details
from doorward.verify.second_factor import Factor
from doorward.wiring.face.challenging import Moved
from doorward.wiring.face.device_checkpoint import DeviceEyes, Sends, answering
from integration.devices.conftest import Served
from known_people import EVERYTHING

PIN = "482913"


@pytest.fixture(scope="module")
def resembled(served: Served) -> PersonId:
    """Somebody enrolled, of whom an officer says that somebody else resembles them."""
    site, portrait = served.site, grace_hopper()
    site.profiles.identify(b"assessment", "Assessment", "Notice 1", site.stores.vault.clock.now())
    person = site.add_person(portrait.name, Details(badge_number="B 77")).id
    site.record_consent(person, "Notice", "1", EVERYTHING, "form")
    site.enroller.enrol(site.actor, person, site.capture(portrait.path).template, CapturedFrom.LIVE)
    site.stores.pins.put(person, PIN)
    site.stores.lookalikes.pair(person, site.add_person("Her twin").id, site.stores.vault.clock.now())
    return person


def test_where_a_face_does_not_decide_a_badge_or_pin_does(served: Served, resembled: PersonId) -> None:
    device, image = served.joined(), read_photo(grace_hopper().path)
    taken = served.site.captured(image)
    seen = Moved(1.0, sighting=Sighting(image, taken.face, taken.quality))
    eyes = DeviceEyes(device, served.north.id)
    by_factor = answering(device, eyes, served.north.id, seen, None, Sends.TEMPLATE)
    for factor, expected in (
        (None, (False, "second_factor_required")),
        (Factor(badge="b 77"), (True, "matched")),
        (Factor(pin="482914"), (False, "not_matched")),
        (Factor(badge="B 78"), (False, "not_matched")),
        (Factor(pin=PIN), (True, "matched")),
    ):
        kept = len(served.site.stores.passages.of(resembled))
        answer = by_factor(factor)
        assert (answer.is_accepted, answer.reason) == expected
        assert len(served.site.stores.passages.of(resembled)) == kept + expected[0]


def test_a_reader_beside_the_camera_is_asked(
    served: Served, resembled: PersonId, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clip = make_checkpoint_clip(tmp_path / "door.mp4", [grace_hopper()])
    (tmp_path / "lines").write_text(f"pin:{PIN}\n")
    at = ("checkpoint", "run", "North", "--source", clip, "--device", served.joined().folder)
    status, told = run_json(capsys, *at, "--badges", tmp_path / "lines", "--face-first")
    assert (status, [one["reason"] for one in told["decisions"]]) == (0, ["matched"])
