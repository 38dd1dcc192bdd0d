"""A move of people: who has to agree, in which order; what of a person leaves, and as what it arrives."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorward.errors import Conflict, ConsentMissing, DoorwardError, Forbidden, WrongUse
from doorward.face.template import Template
from doorward.kernel.ids import MoveId, PersonId, SiteId
from doorward.people.consent import Purpose
from doorward.people.moved_person import arriving, leaving, sound_template
from doorward.people.moving import (
    LIFETIME,
    Destination,
    Move,
    Stage,
    approved,
    cancelled,
    checked_request,
    to_be_answered,
    to_be_written,
)
from doorward.people.person_records import PersonRecords
from known_people import NOON, ORIGIN, UNHURRIED, consent, enrolment, face, people, person

TO = Destination(SiteId(str(uuid4())), "New building", b"", "ab" * 32, "ABCD")
ASKED = Move(MoveId(str(uuid4())), TO, 2, "a new building", "consent", "Ada", NOON)
RECEIPT = "cd" * 32

STEPS: dict[str, Callable[[Move], Move]] = {
    "approve": lambda move: approved(move, "Grace", NOON),
    "write": lambda move: replace(to_be_written(move, NOON), stage=Stage.WRITTEN),
    "answer": lambda move: to_be_answered(move, RECEIPT),
    "end": lambda move: replace(to_be_answered(move, RECEIPT), stage=Stage.DONE),
    "cancel": lambda move: cancelled(move, NOON),
}
ALLOWED = {
    "approve": {Stage.ASKED},
    "write": {Stage.APPROVED},
    "answer": {Stage.WRITTEN, Stage.ERASING},
    "end": {Stage.WRITTEN, Stage.ERASING},
    "cancel": {Stage.ASKED, Stage.APPROVED, Stage.WRITTEN},
}


@UNHURRIED
@given(st.lists(st.sampled_from(list(STEPS)), max_size=9))
def test_no_order_of_steps_leads_round_a_signature_or_a_receipt(steps: list[str]) -> None:
    move, done = ASKED, list[str]()
    for step in steps:
        before = move.stage
        try:
            move = STEPS[step](move)
            done.append(step)
        except DoorwardError:
            assert before not in ALLOWED[step] or (before is Stage.ERASING and move.receipt != RECEIPT)
        else:
            assert before in ALLOWED[step]
    if move.stage in (Stage.WRITTEN, Stage.ERASING, Stage.DONE):
        assert done[:2] == ["approve", "write"]
    if move.stage is Stage.DONE:
        assert move.receipt == RECEIPT


@pytest.mark.parametrize("name", ["Ada", "ada", "ADA"])
def test_nobody_signs_twice(name: str) -> None:
    with pytest.raises(Forbidden):
        approved(ASKED, name, NOON)
    assert approved(ASKED, "Grace", NOON).approved_by == "Grace"


@pytest.mark.parametrize("late", [timedelta(0), timedelta(days=9)])
def test_what_is_too_late_is_neither_approved_nor_written(late: timedelta) -> None:
    with pytest.raises(Conflict):
        approved(ASKED, "Grace", NOON + LIFETIME + late)
    agreed = approved(ASKED, "Grace", NOON)
    with pytest.raises(Conflict):
        to_be_written(agreed, NOON + LIFETIME + late)
    assert not agreed.is_running(NOON + LIFETIME + late)
    assert replace(agreed, stage=Stage.WRITTEN).is_running(NOON + LIFETIME + late), "it waits for its receipt"


def test_another_receipt_than_the_one_that_began_ends_nothing() -> None:
    erasing = to_be_answered(replace(ASKED, stage=Stage.WRITTEN), RECEIPT)
    assert to_be_answered(erasing, RECEIPT) == erasing
    with pytest.raises(Conflict):
        to_be_answered(erasing, "ef" * 32)


@pytest.mark.parametrize("fields", [{"people": 0}, {"purpose": " "}, {"legal_basis": ""}, {"purpose": "two\nlines"}])
def test_a_request_says_whom_why_and_by_which_right(fields: dict[str, object]) -> None:
    with pytest.raises(WrongUse):
        checked_request(replace(ASKED, **fields))


@pytest.mark.parametrize(
    ("purposes", "references", "photos"),
    [
        ((), None, None),
        ((Purpose.PASSAGES,), 0, 0),
        ((Purpose.PHOTO,), 0, 0),
        ((Purpose.VERIFY,), 1, 0),
        ((Purpose.IDENTIFY,), 1, 0),
        ((Purpose.VERIFY, Purpose.PHOTO), 1, 1),
    ],
)
def test_what_no_consent_in_force_covers_stays(
    purposes: tuple[Purpose, ...], references: int | None, photos: int | None
) -> None:
    ada = person()
    held = [consent(ada.id, frozenset(purposes))] if purposes else []
    ended = consent(ada.id, frozenset(Purpose), until=NOON)
    if references is None:
        with pytest.raises(ConsentMissing):
            leaving(ada, [ended], [enrolment(ada.id, face(1))], lambda _: b"photo", NOON)
        return
    gone = leaving(ada, [*held, ended], [enrolment(ada.id, face(1))], lambda _: b"photo", NOON)
    assert (len(gone.enrolments), len(gone.photos), len(gone.consents)) == (references, photos, 2)


def records(**changes: object) -> PersonRecords:
    ada = person(badge_number="7")
    reference = enrolment(ada.id, face(1))
    held = PersonRecords(ada, (consent(ada.id, frozenset(Purpose)),), (reference,), {reference.id: b"photo"})
    return replace(held, **changes)


def arrived(held: PersonRecords) -> PersonRecords:
    return arriving(held, PersonId(str(uuid4())), lambda: str(uuid4()), "Old building", NOON)


@UNHURRIED
@given(people)
def test_whoever_arrives_is_pending_under_new_ids_and_keeps_the_rest(somebody: object) -> None:
    held = records()
    own = replace(somebody, id=held.person.id)  # type: ignore[type-var] # what hypothesis draws is a person
    there = arrived(replace(held, person=own))
    assert there.person.details == own.details
    assert there.person.memberships == own.memberships
    assert {one.person for one in (*there.consents, *there.enrolments)} == {there.person.id}
    assert [one.is_pending for one in there.enrolments] == [True]
    assert [one.moved_from for one in there.consents] == ["Old building"]
    assert {one.id for one in there.enrolments} == set(there.photos)
    ids = {one.id for one in (*held.consents, *held.enrolments)}
    assert ids.isdisjoint(one.id for one in (*there.consents, *there.enrolments))


def test_a_consent_that_was_moved_before_says_where_it_was_given() -> None:
    held = records()
    first = tuple(replace(one, moved_from="The first") for one in held.consents)
    assert [one.moved_from for one in arrived(replace(held, consents=first)).consents] == ["The first"]


def test_photos_arrive_only_under_a_consent_to_them() -> None:
    held = records()
    assert arrived(replace(held, consents=(consent(held.person.id),))).photos == {}


def test_who_has_no_consent_or_cannot_be_right_is_refused() -> None:
    held = records()
    ada = held.person
    passing = (consent(ada.id, frozenset({Purpose.PASSAGES})),)
    for missing in ((), (consent(ada.id, until=NOON),), passing):
        with pytest.raises(ConsentMissing):
            arrived(replace(held, consents=missing))
    assert arrived(replace(held, consents=passing, enrolments=(), photos={})).enrolments == ()
    wrong = (
        replace(held, person=replace(ada, display_name=" ")),
        replace(held, enrolments=held.enrolments * 11),
        replace(held, consents=(replace(held.consents[0], notice="two\nlines"),)),
    )
    for one in wrong:
        with pytest.raises(WrongUse):
            arrived(one)


@pytest.mark.parametrize("numbers", [np.ones(63), np.ones(1025), np.zeros(128), np.full(128, np.nan), np.ones(128)])
def test_what_no_model_gives_is_no_template(numbers: np.ndarray) -> None:
    with pytest.raises(WrongUse):
        sound_template(Template(numbers.astype(np.float32), ORIGIN))


def test_a_template_of_unit_length_is_sound() -> None:
    assert sound_template(face(1)) is not None
