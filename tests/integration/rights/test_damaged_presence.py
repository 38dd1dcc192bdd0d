"""A presence list with damaged records: everybody else is on it, and how many cannot be told."""

import pytest
from sqlalchemy import Table, update

from commands_in_process import run_json
from doorward.adapters.stores.database import writing
from doorward.adapters.stores.face.tables import passages, persons
from doorward.adapters.stores.keys.tables import keys
from doorward.people.person import Person
from doorward.wiring.face.site import Site
from known_people import EVERYTHING, OFFICER


def entered(site: Site, name: str) -> tuple[Person, str]:
    """Somebody who came in, and the id of the passage."""
    known = site.add_person(name)
    site.record_consent(known, "Notice", "1", EVERYTHING, "signed form")
    passage = site.doorkeeper.let_through(site.doorkeeper.named("In"), known.id)
    assert passage is not None
    return known, passage.id


def damage(site: Site, table: Table, row: str) -> None:
    with writing(site.stores.data) as connection:
        connection.execute(update(table).where(table.c.id == row).values(record=b"damaged"))


def test_an_hour_whose_key_is_damaged_leaves_its_people_untold(site: Site) -> None:
    doors = [site.doorkeeper.add(name) for name in ("In", "Out")]
    site.presence_lists.turn_on(OFFICER, doors[:1], doors[1:], "Notice 2")
    for name in ("Ada", "Bo"):
        entered(site, name)
    assert len(site.presence_lists.read(OFFICER).inside) == 2
    with writing(site.stores.keys) as connection:
        connection.execute(update(keys).where(keys.c.kind == "epoch").values(wrapped=b"damaged"))
    told = site.presence_lists.read(OFFICER)
    assert (list(told.inside), told.unreadable) == ([], 2)


def test_damaged_records_keep_nobody_else_off_the_list(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    doors = [site.doorkeeper.add(name) for name in ("In", "Out")]
    site.presence_lists.turn_on(OFFICER, doors[:1], doors[1:], "Notice 2")
    (ada, _), (bo, entry), (eve, _) = (entered(site, name) for name in ("Ada", "Bo", "Eve"))
    damage(site, passages, entry)
    damage(site, persons, eve.id)
    status, told = run_json(capsys, "presence", "show", "--purpose", "fire alarm")
    assert status == 0
    assert [one["person"] for one in told["inside"]] == [ada.id]
    assert told["unreadable"] == 2
    assert site.stores.trail.about(ada.id)[-1].action == "read on a presence list"
    assert "read on a presence list" not in [one.action for one in site.stores.trail.about(bo.id)]
