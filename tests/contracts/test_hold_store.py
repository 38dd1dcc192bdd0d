"""The contract of ``HoldStore``."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from doorward.errors import Conflict, NotFound, PersonUnknown
from doorward.kernel.ids import HoldId, PersonId
from doorward.passages.legal_hold import LegalHold
from houses import House
from known_people import NOON, passage, person

HOUR = timedelta(hours=1)


def asked(of: PersonId, **other: object) -> LegalHold:
    hold = LegalHold(HoldId(str(uuid4())), of, NOON, NOON + HOUR, "claim 17", NOON + 90 * 24 * HOUR, "Ada", NOON + HOUR)
    return replace(hold, **other)


def signed(hold: LegalHold) -> LegalHold:
    return replace(hold, approved_by="Grace", approved_at=NOON + 2 * HOUR)


def test_a_request_holds_nothing_until_it_is_approved_once(house: House) -> None:
    ada = person("Ada")
    house.people.add(ada)
    request, kept = asked(ada.id), [passage(ada.id, at=NOON + timedelta(minutes=one)) for one in (7, 3)]
    house.holds.add(request)
    assert house.holds.get(request.id) == request
    assert list(house.holds.passages(request.id)) == []
    house.holds.approve(signed(request), kept)
    assert house.holds.get(request.id) == signed(request)
    assert list(house.holds.passages(request.id)) == kept[::-1]
    for again in (request, asked(ada.id)):
        with pytest.raises(Conflict):
            house.holds.approve(signed(again), [])
    assert list(house.holds.passages(request.id)) == kept[::-1]


def test_what_is_held_outlives_its_hour_and_nobody_elses_does(house: House) -> None:
    ada, bo = person("Ada"), person("Bo")
    house.people.add(ada)
    house.people.add(bo)
    own, other = passage(ada.id), passage(bo.id)
    house.passages.add_many([own, other])
    hold = asked(ada.id)
    house.holds.add(hold)
    house.holds.approve(signed(hold), house.passages.of(ada.id))
    house.passages.drop_before(NOON + 2 * HOUR)
    assert [list(house.passages.of(one.id)) for one in (ada, bo)] == [[], []]
    assert list(house.holds.passages(hold.id)) == [own]


def test_what_comes_late_is_held_once(house: House) -> None:
    ada = person("Ada")
    house.people.add(ada)
    hold, first, late = asked(ada.id), passage(ada.id), passage(ada.id, at=NOON + timedelta(minutes=9))
    house.holds.add(hold)
    house.holds.approve(signed(hold), [first])
    for _ in range(2):
        house.holds.take_in(hold.id, [first, late])
    assert list(house.holds.passages(hold.id)) == [first, late]
    house.holds.take_in(HoldId(str(uuid4())), [late])


def test_what_ended_is_gone(house: House) -> None:
    ada = person("Ada")
    house.people.add(ada)
    later, sooner = asked(ada.id, asked_at=NOON + 2 * HOUR), asked(ada.id)
    for hold in (later, sooner):
        house.holds.add(hold)
        house.holds.approve(signed(hold), [passage(ada.id)])
    assert list(house.holds.all()) == [signed(sooner), signed(later)]
    with pytest.raises(Conflict):
        house.holds.end(sooner)  # as it was before it was approved
    house.holds.end(signed(sooner))
    house.holds.end(signed(sooner))
    assert list(house.holds.all()) == [signed(later)]
    for read in (house.holds.get, house.holds.passages):
        with pytest.raises(NotFound):
            read(sooner.id)
    house.holds.take_in(sooner.id, [passage(ada.id)])
    with pytest.raises(NotFound):
        house.holds.get(sooner.id)


def test_what_is_held_goes_with_its_person(house: House) -> None:
    ada = person("Ada")
    house.people.add(ada)
    hold = asked(ada.id)
    house.holds.add(hold)
    house.holds.approve(signed(hold), [passage(ada.id)])
    house.people.erase(ada.id)
    with pytest.raises(PersonUnknown):
        house.holds.passages(hold.id)
