"""People moved from one site to another, as operators type it, from the request to the erasure."""

import csv
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from documented_names import documented, fits, shape
from doorward.face.template import Template, TemplateOrigin
from doorward.people.person import Document
from doorward.wiring.doctor.finding import Severity
from doorward.wiring.doctor.moves import check_moves
from doorward.wiring.doctor.sealed import check_sealed
from doorward.wiring.face.moving_out import write_move
from doorward.wiring.face.reporting import processing_record
from known_people import consent, enrolment, face, passage
from two_sites import ADA, GRACE, MovingHouse, known

PHOTO = b"a photo of that person" * 9


def assert_sound(house: MovingHouse) -> None:
    assert house.told("audit", "verify")["ok"]
    with house.open() as site:
        found = check_sealed(site, lambda _done, _all: None)
        assert [one for one in found if one.severity is Severity.CRITICAL] == []


def test_people_move_with_what_is_theirs_and_are_erased_where_they_were(old: MovingHouse, new: MovingHouse) -> None:
    with old.open() as site:
        ada = known(site, "Ada", badge_number="7", document=Document("X 1"), photo=PHOTO)
        bo = known(site, "Bo Ek")
        site.stores.passages.add(passage(ada, at=site.stores.vault.clock.now()))
        vector = site.stores.enrolments.of(ada)[0].template.vector
    told = documented()
    status, asked = old.ask(new, ada, bo)
    assert (status, asked["stage"], asked["people"]) == (0, "asked", 2)
    assert fits(told["people move ask"], shape(asked))
    _, approved = old.approve(new, asked["move"])
    assert (approved["stage"], approved["asked_by"], approved["approved_by"]) == ("approved", ADA, GRACE)
    file = old.work / "people.moving"
    written = old.told("people", "move", "write", asked["move"], file)
    assert (written["stage"], written["sent"], written["kept"]) == ("written", 2, [])
    assert fits(told["people move write"], shape(written))
    entry = old.told("people", "show", ada)["looks"][-2]
    assert entry["action"] == (f"sealed to be moved to The new building, asked for by {ADA}, approved by {GRACE}"), (
        "the person sees who moved them, and to where"
    )
    assert entry["purpose"] == "a new building (consent to notice 4)"

    status, arrived = new.receive(old, file, "--purpose", "moving in")
    assert (status, arrived["from"], arrived["imported"], arrived["pending"]) == (0, "The old building", 2, 2)
    assert fits(told["people import people.moving"], shape(arrived))
    assert arrived["groups"] == [{"group": "staff", "people": 2}]
    dossier = new.told("people", "show", ada)
    assert (dossier["badge_number"], dossier["document"]["number"]) == ("7", "X 1")
    assert dossier["groups"] == ["everyone", "staff"]
    (given,) = dossier["consents"]
    assert (given["notice"], given["moved_from"]) == ("Notice", "The old building")
    assert [(one["state"], one["captured_from"]) for one in dossier["enrolments"]] == [("pending", "file")]
    assert [(look["action"], look["purpose"]) for look in dossier["looks"][:1]] == [
        ("moved here from The old building", "moving in")
    ]
    with new.open() as site:
        (held,) = site.stores.enrolments.of(ada)
        assert np.array_equal(held.template.vector, vector)
        assert site.stores.passages.of(ada) == []
        assert site.stores.enrolments.photo(ada, held.id) is None, "this site keeps none"
        confirmed = site.enroller.confirm(site.actor, ada, Template(vector, held.template.origin))
        assert [one.is_pending for one in confirmed] == [False]

    answer = old.told("people", "moved", arrived["receipt"])
    assert fits(told["people moved"], shape(answer))
    assert (answer["stage"], answer["erased"], answer["kept"]) == ("done", 2, [])
    assert old.told("people", "list")["people"] == []
    assert old.refused("people", "show", ada) == "person_unknown"
    assert old.told("people", "receipt", "issue", ada, "--to", old.work / "ada.json")["person"] == ada
    for house in (old, new):
        assert_sound(house)


def test_who_has_no_consent_in_force_stays_and_what_no_consent_covers_stays_behind(
    old: MovingHouse, new: MovingHouse
) -> None:
    with old.open() as site:
        without = known(site, "Without", purposes=[])
        ended = known(site, "Ended", purposes=[])
        site.stores.consents.add(consent(ended, until=site.stores.vault.clock.now() - timedelta(days=1)))
        passing = known(site, "Passing", purposes=["passages"], photo=PHOTO)
        faces = known(site, "Faces", purposes=["verify"], photo=PHOTO)
        kept = known(site, "Kept", photo=PHOTO)
        withdrawn = consent(kept, withdrawn_at=site.stores.vault.clock.now())
        site.stores.consents.add(withdrawn)
    move = old.agreed(new, without, ended, passing, faces, kept)
    status, written = old.say("people", "move", "write", move, old.work / "people.moving")
    assert (status, written["sent"]) == (3, 3)
    assert {one["person"]: one["code"] for one in written["kept"]} == dict.fromkeys((without, ended), "consent_missing")
    with new.open() as site:
        site.profiles.keep_photos(True)  # noqa: FBT003 - one switch
    _, arrived = new.receive(old, old.work / "people.moving")
    assert (arrived["imported"], arrived["pending"]) == (3, 2)
    with new.open() as site:
        held = {person: site.stores.enrolments.of(person) for person in (passing, faces, kept)}
        photos = {person: [site.stores.enrolments.photo(person, one.id) for one in own] for person, own in held.items()}
        assert photos == {passing: [], faces: [None], kept: [PHOTO]}
        records = site.stores.consents.of(kept)
        assert [one.withdrawn_at for one in records] == [None, withdrawn.withdrawn_at], "ended ones come as records"
    answer = old.told("people", "moved", arrived["receipt"])
    assert answer["erased"] == 3
    with old.open() as site:
        assert {one.id for one in site.stores.people.all()} == {without, ended}


def test_who_cannot_be_taken_is_told_and_stays_where_they_were(old: MovingHouse, new: MovingHouse) -> None:
    with old.open() as site:
        badge = known(site, "Badge", badge_number="47-11")
        passport = known(site, "Passport", document=Document("ab 12"))
        ada = known(site, "Ada")
    with new.open() as site:
        known(site, "Another", badge_number="4711")
        known(site, "Third", document=Document("AB12"))
    file = old.send(new, badge, passport, ada)
    report = old.work / "refused.csv"
    status, arrived = new.receive(old, file, "--report", report)
    assert (status, arrived["imported"], arrived["refused_in_all"]) == (3, 1, 2)
    assert {one["person"]: one["code"] for one in arrived["refused"]} == dict.fromkeys((badge, passport), "conflict")
    assert not any(number in str(arrived["refused"]) for number in ("47-11", "4711"))
    with report.open(newline="") as opened:
        assert {row["person"] for row in csv.DictReader(opened)} == {badge, passport}
    answer = old.told("people", "moved", arrived["receipt"])
    assert fits(documented()["people moved"], shape(answer))
    assert {one["person"]: one["code"] for one in answer["kept"]} == dict.fromkeys((badge, passport), "conflict")
    with old.open() as site:
        assert {one.id for one in site.stores.people.all()} == {badge, passport}
    assert old.agreed(new, badge), "they can be moved anew"


def test_an_id_that_is_taken_or_was_erased_there_gives_way_to_a_new_one(old: MovingHouse, new: MovingHouse) -> None:
    with old.open() as site:
        ada, bo = known(site, "Ada"), known(site, "Bo")
    with new.open() as site:
        for person, name in ((ada, "Somebody"), (bo, "Erased")):
            somebody = replace(site.add_person(name), id=person)
            site.stores.people.add(somebody)
        site.stores.people.erase(bo)
    _, arrived = new.receive(old, old.send(new, ada, bo))
    assert arrived["imported"] == 2
    with new.open() as site:
        held = {one.display_name: one.id for one in site.stores.people.all()}
        assert held["Somebody"] == ada
        assert {held["Ada"], held["Bo"]}.isdisjoint({ada, bo})
        assert len(site.stores.consents.of(held["Ada"])) == 1
    assert old.told("people", "moved", arrived["receipt"])["erased"] == 2


def test_references_of_another_model_stay_beside_and_are_told(old: MovingHouse, new: MovingHouse) -> None:
    with old.open() as site:
        ada = known(site, "Ada")
        vector = np.ones(192, np.float32) / np.float32(np.sqrt(192))
        other = Template(vector, TemplateOrigin("another", "openvino", "f32"))
        site.stores.enrolments.add(enrolment(ada, other))
        forged = known(site, "Forged")
        site.stores.enrolments.add(enrolment(forged, Template(vector, face(1).origin)))
    _, arrived = new.receive(old, old.send(new, ada, forged))
    assert arrived["other_models"] == [{"model": "another", "references": 1}]
    assert {one["person"]: one["code"] for one in arrived["refused"]} == {forged: "wrong_use"}
    with new.open() as site:
        assert [one.template.origin.model for one in site.stores.enrolments.of(ada)] == ["sface", "another"]


def test_a_face_that_is_enrolled_there_as_somebody_else_is_not_taken(old: MovingHouse, new: MovingHouse) -> None:
    with old.open() as site:
        ada = known(site, "Ada")
    with new.open() as site:
        site.profiles.identify(b"assessment", "DPIA", "Notice 1", site.stores.vault.clock.now())
        twin = known(site, "Twin")
        reference = replace(site.stores.enrolments.of(twin)[0], template=face(sum(b"Ada")))
        site.stores.enrolments.confirm(reference)
    status, arrived = new.receive(old, old.send(new, ada))
    assert (status, [one["code"] for one in arrived["refused"]]) == (3, ["already_enrolled"])


def test_what_happened_in_between_is_told(old: MovingHouse, new: MovingHouse) -> None:
    with old.open() as site:
        ada, bo, cy = (known(site, name) for name in ("Ada", "Bo", "Cy"))
        given = site.stores.consents.of(bo)[0].id
    receipt = new.receipt(old, old.send(new, ada, bo, cy))
    old.told("people", "erase", ada)
    old.told("people", "withdraw", bo, given)
    answer = old.told("people", "moved", receipt)
    assert (answer["gone_before"], answer["withdrew"]) == ([ada], [bo])
    assert (answer["taken"], answer["erased"]) == (3, 2)


def test_everybody_is_moved_with_all_and_nobody_twice_at_once(old: MovingHouse, new: MovingHouse) -> None:
    with old.open() as site:
        people = [known(site, f"Person {number}") for number in range(3)]
    move = old.agreed(new, "--all")
    assert old.ask(new, people[0])[1]["error"]["code"] == "conflict"
    assert old.ask(new)[1]["error"]["code"] == "wrong_use"
    old.told("people", "move", "cancel", move)
    with old.open() as site:
        assert [name for name, _ in site.stores.grants.all("move asked for")] == [], "nobody is named any more"
    assert new.receive(old, old.send(new, "--all"))[1]["imported"] == 3


def test_the_record_of_processing_names_where_people_went(old: MovingHouse, new: MovingHouse) -> None:
    with old.open() as site:
        ada = known(site, "Ada")
        assert not any("moved" in one for one in processing_record(site, None, None).recipients)
    old.send(new, ada)
    with old.open() as site:
        assert any("The new building" in one for one in processing_record(site, None, None).recipients)


def findings(house: MovingHouse, later: timedelta = timedelta(0)) -> set[str]:
    with house.open() as site:
        return {one.id for one in check_moves(site, site.stores.vault.clock.now() + later)}


def test_the_doctor_knows_what_was_left_half_way(old: MovingHouse, new: MovingHouse) -> None:
    with old.open() as site:
        ada, bo = known(site, "Ada"), known(site, "Bo")
    asked = old.ask(new, bo)[1]["move"]
    file = old.send(new, ada)
    assert findings(old) == set()
    assert findings(old, timedelta(days=8)) == {"move-ran-out"}
    assert findings(old, timedelta(days=31)) == {"move-ran-out", "move-unanswered"}
    old.told("people", "move", "cancel", asked)
    receipt = new.receipt(old, file)
    assert findings(new) == {"export-left-behind"}
    old.told("people", "moved", receipt)
    assert findings(old) == {"export-left-behind"}
    file.unlink()
    assert findings(old, timedelta(days=99)) == findings(new, timedelta(days=99)) == set()


def test_many_people_travel_in_several_frames(
    old: MovingHouse, new: MovingHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    with old.open() as site:
        people = {known(site, f"Person {number}", badge_number=f"B{number}") for number in range(23)}
    monkeypatch.setattr("doorward.wiring.face.moving_out.PEOPLE_A_FRAME", 5)
    _, arrived = new.receive(old, old.send(new, "--all"))
    assert arrived["imported"] == 23
    with new.open() as site:
        assert {one.id for one in site.stores.people.all()} == people
    assert old.told("people", "moved", arrived["receipt"])["erased"] == 23


def test_large_photos_end_a_frame_early(
    old: MovingHouse, new: MovingHouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with old.open() as site:
        people = [known(site, f"P{number}", photo=PHOTO) for number in range(4)]
    monkeypatch.setattr("doorward.wiring.face.moving_out.MOST_PHOTOS", 1)
    move = old.agreed(new, *people)
    with old.open() as site:
        report = write_move(site, site.actor, move, tmp_path / "people.moving")
    assert report.move.frames == 6, "a head, a frame for each of four, an end"
