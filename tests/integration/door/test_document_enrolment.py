"""Enrolment by an identity document: what it fills in, whom it refuses, and what is left of it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from commands_in_process import run_json
from doorward.demo.portraits import Portrait
from doorward.errors import Conflict, ConsentMissing, DocumentRefused, NotConfirmed, StorageError
from doorward.people.person import Details, Document, Person
from doorward.wiring.face.document_enrolment import enrol_by_document
from doorward.wiring.face.site import Site
from drawn_documents import EXPIRED, VALID, drawn_page
from known_people import EVERYTHING
from pages_read_once import pages_read_anew as pages_read_anew
from pages_read_once import pages_read_once as pages_read_once
from portraits import encoded
from zones import Fields, zone_of

pytestmark = pytest.mark.usefixtures("pages_read_once")

Enrolled = Callable[..., Person]


@pytest.fixture
def page(hopper: Portrait, tmp_path: Path) -> Path:
    """A valid document of Grace Hopper's, in another name."""
    place = tmp_path / "scan.png"
    place.write_bytes(scan(hopper))
    return place


def scan(portrait: Portrait, fields: Fields = VALID, lines: list[str] | None = None) -> bytes:
    return encoded(drawn_page(fields, portrait.path, lines))


def consenting(site: Site, details: Details | None = None) -> Person:
    person = site.add_person("A visitor", details)
    site.record_consent(person, "Notice", "1", EVERYTHING, "form")
    return person


def holds_nothing(site: Site, person: Person) -> bool:
    return not site.stores.enrolments.of(person.id) and site.stores.people.get(person.id) == person


def test_live_before_the_camera_it_counts_at_once(
    site: Site, page: Path, camera: str, hopper: Portrait, capsys: pytest.CaptureFixture[str]
) -> None:
    person = consenting(site)
    arguments = ("--document", page, "--source", camera, "--site", site.folder)
    status, enrolment = run_json(capsys, "people", "enrol", person.id, *arguments)
    assert (status, enrolment["state"], enrolment["captured_from"]) == (0, "confirmed", "live")
    assert site.stores.people.get(person.id).details == Details(
        full_name="ANNA MARIA ERIKSSON",
        document=Document("L898902C3", None, date(2032, 4, 15)),
        birth_date=date(1974, 8, 12),
    )
    claim = ("verify", hopper.path, "--document-number", "L898902C3", "--site", site.folder)
    assert run_json(capsys, *claim)[1]["person"] == person.id
    acts = [look.action for look in site.register.looks(person.id)]
    assert acts[-2:] == ["record completed from a document", "verification"]


def test_from_files_alone_it_stays_pending(
    site: Site, page: Path, camera: str, hopper: Portrait, capsys: pytest.CaptureFixture[str]
) -> None:
    alone, beside = consenting(site), consenting(site)
    at = ("--site", site.folder)
    assert run_json(capsys, "people", "enrol", alone.id, "--document", page, *at)[1]["state"] == "pending"
    confirm = ("people", "confirm", alone.id, "--source", camera, "--officer", "O. Fficer", *at)
    assert run_json(capsys, *confirm)[0] == 0
    other = encoded(drawn_page(replace(VALID, number="X1"), hopper.path))
    enrolment = enrol_by_document(site, beside.id, other, photo=hopper.path)
    assert enrolment.is_pending


def test_another_face_than_the_portrait_is_not_enrolled(
    site: Site, page: Path, camera: str, collins: Portrait, capsys: pytest.CaptureFixture[str]
) -> None:
    person = consenting(site)
    arguments = ("--document", page, "--photo", collins.path, "--site", site.folder)
    status, answer = run_json(capsys, "people", "enrol", person.id, *arguments)
    assert (status, answer["error"]["code"]) == (3, "not_confirmed")
    with pytest.raises(NotConfirmed):
        enrol_by_document(site, person.id, scan(collins), source=camera)
    assert holds_nothing(site, person)
    assert "enrolment by a document refused" in [look.action for look in site.register.looks(person.id)]


def wrong_digit() -> list[str]:
    first, second = zone_of(VALID)
    return [first, second[:9] + str((int(second[9]) + 1) % 10) + second[10:]]


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (lambda hopper: scan(hopper, EXPIRED), "document_expired"),
        (lambda hopper: scan(hopper, lines=wrong_digit()), "document_not_confirmed"),
        (lambda hopper: scan(hopper, lines=["", ""]), "document_not_found"),
        (lambda _hopper: encoded(drawn_page()), "document_without_portrait"),
        (lambda _hopper: encoded(np.full((700, 1000, 3), 255, np.uint8)), "document_not_found"),
    ],
    ids=["expired", "wrong digit", "no zone", "no portrait", "blank"],
)
def test_a_document_that_proves_nothing_enrols_nobody(
    site: Site, hopper: Portrait, made: Callable[[Portrait], bytes], reason: str
) -> None:
    person = consenting(site)
    with pytest.raises(DocumentRefused) as refused:
        enrol_by_document(site, person.id, made(hopper), photo=hopper.path)
    assert refused.value.reason == reason
    assert holds_nothing(site, person)


def test_nobody_is_enrolled_without_a_consent_and_nothing_is_read(site: Site, page: Path) -> None:
    person = site.add_person("A visitor")
    with pytest.raises(ConsentMissing):
        enrol_by_document(site, person.id, page.with_name("not even there.png"))
    assert holds_nothing(site, person)


def test_a_name_that_the_page_does_not_print_needs_an_officer(
    site: Site, hopper: Portrait, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    person, place = consenting(site), tmp_path / "scan.png"
    place.write_bytes(scan(hopper, lines=zone_of(replace(VALID, primary="ERIKSSDN"))))
    enrol = ("people", "enrol", person.id, "--document", place, "--site", site.folder)
    status, answer = run_json(capsys, *enrol)
    assert (status, answer["error"]["code"]) == (3, "document_refused")
    assert holds_nothing(site, person)
    assert run_json(capsys, *enrol, "--name-checked-by", "O. Fficer")[0] == 0
    assert site.stores.people.get(person.id).details.full_name == "ANNA MARIA ERIKSSDN"
    assert "O. Fficer" in site.register.looks(person.id)[-1].actor.name
    assert run_json(capsys, *enrol, "--name-checked-by", " ")[1]["error"]["code"] == "wrong_use"


def test_somebody_else_s_document_is_refused(site: Site, page: Path, hopper: Portrait) -> None:
    consenting(site, Details(document=Document("l 898-902 C3")))
    born, named = Details(birth_date=date(1974, 8, 13)), Details(full_name="Ada Lovelace")
    for person in (consenting(site), consenting(site, born), consenting(site, named)):
        with pytest.raises(Conflict):
            enrol_by_document(site, person.id, page, photo=hopper.path)
        assert holds_nothing(site, person)


def test_what_the_record_has_stays(site: Site, page: Path) -> None:
    known = Details("Anna Maria Eriksson", Document("L898902C3", date(2022, 4, 15)), address="1 Main Street")
    person = consenting(site, known)
    enrol_by_document(site, person.id, page)
    assert site.stores.people.get(person.id).details == replace(
        known,
        document=Document("L898902C3", date(2022, 4, 15), date(2032, 4, 15)),
        birth_date=date(1974, 8, 12),
    )


@pytest.mark.usefixtures("pages_read_anew")
def test_neither_scan_nor_portrait_is_kept_and_sex_and_nationality_are_nowhere(
    site: Site, hopper: Portrait, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even where photos are."""
    site.profiles.keep_photos(True)  # noqa: FBT003 - one switch
    person = consenting(site)
    sealed: list[str] = []
    seal = site.stores.vault.seal_for_person
    monkeypatch.setattr(site.stores.vault, "seal_for_person", lambda *given: sealed.append(repr(given)) or seal(*given))
    enrolment = enrol_by_document(site, person.id, scan(hopper, replace(VALID, nationality="XXB", sex="M")))
    assert site.stores.enrolments.photo(person.id, enrolment.id) is None
    assert any("L898902C3" in record for record in sealed)
    assert not [record for record in sealed if "XXB" in record or len(record) > 10_000]


def test_a_record_that_cannot_be_completed_leaves_nothing_behind(
    site: Site, page: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise StorageError("The disk is full.")

    person = consenting(site)
    monkeypatch.setattr(site.stores.people, "update", full)
    with pytest.raises(StorageError):
        enrol_by_document(site, person.id, page)
    assert holds_nothing(site, person)


@pytest.mark.parametrize(
    "options",
    [
        ("--document", "s.png", "--photo", "p.png", "--source", "camera:0"),
        ("--photo", "p.png", "--name-checked-by", "O"),
        (),
    ],
)
def test_options_that_do_not_go_together_are_wrong_use(
    site: Site, options: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    status, answer = run_json(capsys, "people", "enrol", site.add_person("A").id, *options, "--site", site.folder)
    assert (status, answer["error"]["code"]) == (2, "wrong_use")
