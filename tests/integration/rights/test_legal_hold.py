"""`doorward hold`: what two signatories agreed to keep outlives its hour, can be seen by its person, and ends."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock

import pytest

from documented_names import documented, fits, shape
from doorward.errors import UnderLegalHold, WrongUse
from doorward.kernel.ids import HoldId
from doorward.people.person import Person
from doorward.wiring.face.housekeeping import keep_house
from doorward.wiring.face.legal_holds import LegalHolds
from doorward.wiring.face.site import Site
from fakes.clock import FakeClock
from known_people import passage
from two_sites import ADA, GRACE, MARY, MovingHouse, secret_of, two_sites

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def house(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> MovingHouse:
    return two_sites(tmp_path, capsys)[0]


@pytest.fixture
def site(house: MovingHouse) -> Iterator[Site]:
    with house.open() as opened:
        opened.doorkeeper.add("Main door")
        yield opened


def passed(site: Site, name: str) -> Person:
    """Somebody who passed a moment ago."""
    known = site.add_person(name)
    now = site.stores.vault.clock.now()
    site.stores.passages.add(passage(known.id, site.doorkeeper.named("Main door").id, now - timedelta(seconds=1)))
    return known


def a_day_later(site: Site) -> FakeClock:
    return FakeClock(site.stores.vault.clock.now() + DAY + HOUR)


def wanted(who: Person, **changed: str) -> list[str]:
    now = datetime.now(UTC)
    given = {
        "from": (now - 2 * HOUR).isoformat(),
        "until": (now + 90 * DAY).isoformat(),
        "reason": "claim 17",
        "by": ADA,
        **changed,
    }
    return ["hold", "request", who.id, *(part for name, value in given.items() for part in (f"--{name}", value))]


def held(house: MovingHouse, who: Person) -> str:
    hold = house.told(*wanted(who), *house.secrets())["hold"]
    house.told("hold", "approve", hold, "--by", GRACE, *house.secrets())
    return str(hold)


def test_two_signatories_hold_one_persons_passages_and_nobody_elses(house: MovingHouse, site: Site) -> None:
    held_one, other = passed(site, "Held"), passed(site, "Other")
    asked = house.told(*wanted(held_one), *house.secrets())
    hold, shown = asked["hold"], documented()
    assert fits(shown["hold request"], shape(asked))
    assert house.refused("hold", "passages", hold, "--purpose", "a look") == "conflict"
    assert house.refused("hold", "approve", hold, "--by", ADA, *house.secrets()) == "forbidden"
    wrong = house.work / "wrong"
    wrong.write_text("not the secret words\n")
    assert house.refused("hold", "approve", hold, "--by", GRACE, "--secret-file", GRACE, wrong) == "unauthenticated"
    site.legal_holds.check_none_held([held_one.id])  # a request of one binds nobody

    agreed = house.told("hold", "approve", hold, "--by", GRACE, *house.secrets())
    assert fits(shown["hold approve"], shape(agreed))
    assert (agreed["asked_by"], agreed["approved_by"], agreed["held"]) == (ADA, GRACE, 1)
    assert house.refused("hold", "approve", hold, "--by", MARY, *house.secrets()) == "conflict"

    site.stores.passages.drop_before(site.stores.vault.clock.now() + 2 * HOUR)
    assert site.stores.passages.count() == 0
    assert [site.stores.vault.epochs(), list(site.stores.passages.of(other.id))] == [(), []]
    told = house.told("hold", "passages", hold, "--purpose", "claim 17")
    assert fits(shown["hold passages"], shape(told))
    assert (told["person"], [one["checkpoint"] for one in told["passages"]]) == (held_one.id, ["Main door"])
    assert house.told("checkpoint", "passages", held_one.id, "--purpose", "a look")["passages"] == []
    listed = house.told("hold", "list")
    assert fits(shown["hold list"], shape(listed))
    assert [one["hold"] for one in listed["holds"]] == [hold]


def test_the_person_sees_who_signed_why_and_each_look(house: MovingHouse, site: Site) -> None:
    who = passed(site, "Held")
    hold = held(house, who)
    house.told("hold", "passages", hold, "--purpose", "claim 17, hearing")
    house.told("people", "export", who.id, "--to", house.work / "held.json")
    export = json.loads((house.work / "held.json").read_text())
    (told,) = export["holds"]
    assert (told["reason"], told["asked_by"], told["approved_by"]) == ("claim 17", ADA, GRACE)
    assert [one["checkpoint"] for one in told["passages"]] == ["Main door"]
    asked, agreed, look = [(one["actor"], one["purpose"], one["action"]) for one in export["looks"][-4:-1]]
    assert asked[:2] == (f"signatory {ADA}", "claim 17")
    assert asked[2].startswith("legal hold asked for: passages from ")
    assert agreed[0] == f"signatory {GRACE}"
    assert agreed[2].startswith(f"legal hold approved, asked for by {ADA}: ")
    assert look[1:] == ("claim 17, hearing", "passages under legal hold read")


def test_who_is_held_is_neither_erased_nor_moved_until_two_lift_it(house: MovingHouse, site: Site) -> None:
    who = passed(site, "Held")
    hold = held(house, who)
    assert house.refused("people", "erase", who.id, "--yes") == "under_legal_hold"
    with pytest.raises(UnderLegalHold):
        site.legal_holds.check_none_held(site.stores.people.ids())
    assert house.refused("hold", "lift", hold, "--by", MARY, *house.secrets()) == "forbidden"
    lifted = house.told("hold", "lift", hold, "--by", MARY, "--by", ADA, *house.secrets())
    assert fits(documented()["hold lift"], shape(lifted))
    assert site.stores.vault.holds().held() == ()
    assert house.refused("hold", "passages", hold, "--purpose", "a look") == "not_found"
    assert site.register.looks(who.id)[-1].actor.name == f"signatory {MARY} and {ADA}"
    house.told("people", "erase", who.id, "--yes")


def test_a_request_lapses_and_one_takes_it_back(house: MovingHouse, site: Site) -> None:
    who = passed(site, "Held")
    first, second = (house.told(*wanted(who), *house.secrets())["hold"] for _ in range(2))
    house.told("hold", "lift", first, "--by", MARY, *house.secrets())
    site.stores.vault.clock = a_day_later(site)
    later = LegalHolds(site.stores)
    assert later.listed(site.actor) == []
    with pytest.raises(Exception, match="lapsed"):
        later.approve(site.actor, HoldId(second), (GRACE, secret_of(GRACE)))
    later.keep()
    assert site.stores.holds.all() == []
    assert site.register.looks(who.id)[-1].action.startswith("legal hold request lapsed")


def test_a_hold_takes_in_what_comes_late_and_ends_by_itself(house: MovingHouse, site: Site) -> None:
    who = passed(site, "Held")
    hold = HoldId(held(house, who))
    door, now = site.doorkeeper.named("Main door").id, site.stores.vault.clock.now()
    late, outside = passage(who.id, door, now - HOUR), passage(who.id, door, now - 3 * HOUR)
    site.stores.passages.add_many([late, outside])
    keep_house(site, Lock())
    kept = site.stores.holds.passages(hold)
    assert late in kept
    assert outside not in kept
    site.stores.vault.clock = FakeClock(now + 91 * DAY)
    later = LegalHolds(site.stores)
    assert later.held_among([who.id]) == {}
    later.keep()
    assert site.stores.holds.all() == []
    assert site.stores.vault.holds().held() == ()
    assert site.register.looks(who.id)[-1].action.startswith("legal hold ended")


def test_what_a_crash_leaves_between_key_and_row_is_tidied(house: MovingHouse, site: Site) -> None:
    who = passed(site, "Held")
    hold, stays = HoldId(held(house, who)), HoldId(held(house, who))
    site.stores.vault.holds().destroy(hold)
    site.stores.vault.holds().create(HoldId("00000000-0000-4000-8000-000000000000"))
    assert [one.id for one in site.stores.holds.all()] == [stays]
    site.legal_holds.keep()
    assert site.stores.vault.holds().held() == (stays,)
    assert [name for name, _ in site.stores.grants.all("legal hold")] == [stays]
    assert site.stores.holds.passages(stays)


def test_a_new_key_of_the_person_and_a_withdrawal_leave_what_is_held(house: MovingHouse, site: Site) -> None:
    who = passed(site, "Held")
    consent = site.record_consent(who, "Notice", "1", ["passages"], "signed form")
    hold = HoldId(held(house, who))
    site.register.withdraw(site.actor, who.id, consent.id)
    assert list(site.stores.passages.of(who.id)) == []
    assert len(site.stores.holds.passages(hold)) == 1


def test_a_thief_of_the_database_learns_nothing_of_it(house: MovingHouse, site: Site) -> None:
    who = passed(site, "Held")
    held(house, who)
    rows = [str(row) for _, row in site.stores.grants.all("legal hold")]
    assert len(rows) == 1
    assert not any(word in rows[0] for word in (who.id, "claim 17", ADA, "Main door"))


@pytest.mark.parametrize(
    "changed",
    [
        {"reason": " "},
        {"until": "2026-01-01"},
        {"until": (datetime.now(UTC) + 200 * DAY).isoformat()},
        {"from": (datetime.now(UTC) - 30 * HOUR).isoformat()},
        {"to": (datetime.now(UTC) + HOUR).isoformat()},
        {"from": (datetime.now(UTC) - HOUR).isoformat(), "to": (datetime.now(UTC) - 2 * HOUR).isoformat()},
    ],
)
def test_a_hold_states_its_reason_span_and_end(house: MovingHouse, site: Site, changed: dict[str, str]) -> None:
    assert house.refused(*wanted(passed(site, "Held"), **changed), *house.secrets()) == "wrong_use"
    assert site.stores.holds.all() == []


def test_a_purpose_has_to_be_stated(house: MovingHouse, site: Site) -> None:
    hold = HoldId(held(house, passed(site, "Held")))
    with pytest.raises(WrongUse):
        site.legal_holds.read(replace(site.actor, purpose=" "), hold)
