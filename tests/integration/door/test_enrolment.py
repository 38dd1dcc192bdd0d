"""Enrolling live, from a file, by invitation; and what is refused."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from commands_in_process import run_json
from doorward.adapters.images import read_photo
from doorward.demo.checkpoint_clip import make_checkpoint_clip
from doorward.demo.portraits import Portrait
from doorward.errors import AlreadyEnrolled, Forbidden, MoreThanOneFace
from doorward.people.enrolment import CapturedFrom
from doorward.wiring.face.invitations import ATTEMPTS
from doorward.wiring.face.site import Site
from known_people import EVERYTHING


def added(site: Site, capsys: pytest.CaptureFixture[str], *, consents: bool = True) -> str:
    _, person = run_json(capsys, "people", "add", "Grace Hopper", "--site", site.folder)
    if consents:
        site.record_consent(person["id"], "Notice", "1", EVERYTHING, "form")
    return str(person["id"])


def test_live_capture_counts_at_once(
    site: Site, camera: str, hopper: Portrait, capsys: pytest.CaptureFixture[str]
) -> None:
    person = added(site, capsys)
    status, enrolment = run_json(capsys, "people", "enrol", person, "--source", camera, "--site", site.folder)
    assert (status, enrolment["state"], enrolment["captured_from"]) == (0, "confirmed", "live")
    status, decision = run_json(capsys, "verify", hopper.path, "--person", person, "--site", site.folder)
    assert (status, decision["decision"], decision["person"]) == (0, "accepted", person)
    assert decision["fmr"] == 1e-4
    assert "score" not in decision


def test_nobody_is_enrolled_without_consent(site: Site, hopper: Portrait, capsys: pytest.CaptureFixture[str]) -> None:
    person = added(site, capsys, consents=False)
    status, answer = run_json(capsys, "people", "enrol", person, "--photo", hopper.path, "--site", site.folder)
    assert (status, answer["error"]["code"]) == (1, "consent_missing")
    assert site.stores.enrolments.of(person) == []


def test_a_photo_stays_pending_until_its_person_stands_there(
    site: Site, camera: str, hopper: Portrait, capsys: pytest.CaptureFixture[str]
) -> None:
    person = added(site, capsys)
    _, enrolment = run_json(capsys, "people", "enrol", person, "--photo", hopper.path, "--site", site.folder)
    assert enrolment["state"] == "pending"
    status, decision = run_json(capsys, "verify", hopper.path, "--person", person, "--site", site.folder)
    assert (status, decision["reason"]) == (3, "not_matched")
    status, _ = run_json(
        capsys, "people", "confirm", person, "--source", camera, "--officer", "O. Fficer", "--site", site.folder
    )
    assert status == 0
    status, decision = run_json(capsys, "verify", hopper.path, "--person", person, "--site", site.folder)
    assert (status, decision["reason"]) == (0, "matched")
    _, dossier = run_json(capsys, "people", "show", person, "--site", site.folder)
    assert any("O. Fficer" in look["actor"] for look in dossier["looks"])


def test_somebody_else_cannot_confirm(
    site: Site, camera: str, collins: Portrait, capsys: pytest.CaptureFixture[str]
) -> None:
    person = added(site, capsys)
    run_json(capsys, "people", "enrol", person, "--photo", collins.path, "--site", site.folder)
    status, answer = run_json(
        capsys, "people", "confirm", person, "--source", camera, "--officer", "O", "--site", site.folder
    )
    assert (status, answer["error"]["code"]) == (3, "not_confirmed")
    assert all(one.is_pending for one in site.stores.enrolments.of(person))


def test_a_recording_is_no_live_capture(
    site: Site, hopper: Portrait, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    person = added(site, capsys)
    clip = make_checkpoint_clip(tmp_path / "clip.mp4", [hopper])
    status, answer = run_json(capsys, "people", "enrol", person, "--source", clip, "--site", site.folder)
    assert (status, answer["error"]["code"]) == (2, "wrong_use")
    status, _ = run_json(
        capsys, "people", "enrol", person, "--source", clip, "--unsafe-recorded-source", "--site", site.folder
    )
    assert status == 0
    assert any("unsafe" in look.actor.purpose for look in site.register.looks(person))


def test_an_invitation_confirms_once_and_for_its_person(
    site: Site, camera: str, hopper: Portrait, capsys: pytest.CaptureFixture[str]
) -> None:
    person, other = added(site, capsys), added(site, capsys)
    run_json(capsys, "people", "enrol", person, "--photo", hopper.path, "--site", site.folder)
    _, invited = run_json(capsys, "people", "invite", person, "--site", site.folder)
    with_code = ("--source", camera, "--invitation", invited["invitation"], "--site", site.folder)
    assert run_json(capsys, "people", "confirm", other, *with_code)[1]["error"]["code"] == "forbidden"
    assert run_json(capsys, "people", "confirm", person, *with_code)[0] == 0
    assert run_json(capsys, "people", "confirm", person, *with_code)[1]["error"]["code"] == "forbidden"


def test_photos_are_kept_only_if_the_site_says_so(site: Site, hopper: Portrait) -> None:
    person = site.add_person("Grace Hopper")
    site.record_consent(person, "Notice", "1", EVERYTHING, "form")
    without = site.enrol_photo(person, hopper.path)
    assert site.stores.enrolments.photo(person.id, without.id) is None
    site.profiles.keep_photos(True)  # noqa: FBT003 - one switch
    kept = site.enrol_photo(person, hopper.path)
    assert site.stores.enrolments.photo(person.id, kept.id) == hopper.path.read_bytes()


def test_a_face_enrolled_already_is_found_in_the_identify_profile_alone(site: Site, hopper: Portrait) -> None:
    first, second = site.add_person("Grace Hopper"), site.add_person("Somebody Else")
    for person in (first, second):
        site.record_consent(person, "Notice", "1", EVERYTHING, "form")
    site.enroller.enrol(site.actor, first.id, site.capture(hopper.path).template, CapturedFrom.LIVE)
    site.enrol_photo(second, hopper.path)
    site.profiles.identify(b"assessment", "Assessment", "Notice 1", site.stores.vault.clock.now())
    with pytest.raises(AlreadyEnrolled, match="already enrolled as Grace Hopper"):
        site.enrol_photo(second, hopper.path)
    with pytest.raises(AlreadyEnrolled, match="ask an officer"):
        site.enrol_photo(second, hopper.path, may_see_duplicate=False)


def test_an_invitation_bears_few_attempts_and_ends_with_its_person(site: Site) -> None:
    person = site.add_person("Grace Hopper")
    code, _ = site.invitations.invite(person.id)
    for _ in range(ATTEMPTS):
        assert site.invitations.try_once(code, person.id) == code
    with pytest.raises(Forbidden):
        site.invitations.try_once(code, person.id)
    site.invitations.invite(person.id)
    site.register.erase(site.actor, person.id)
    assert list(site.stores.grants.all("invitation")) == []


def test_a_smaller_second_face_is_a_second_person(site: Site, hopper: Portrait, collins: Portrait) -> None:
    one, other = read_photo(hopper.path), read_photo(collins.path)
    side_by_side = np.hstack([one, np.pad(other, ((0, len(one) - len(other)), (0, 0), (0, 0)))])
    photo = cv2.imencode(".png", side_by_side)[1].tobytes()
    with pytest.raises(MoreThanOneFace):
        site.capture(photo)
