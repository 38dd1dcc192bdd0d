"""Many people imported at once are the same people as those added one by one."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import text

from doorward.adapters.stores.face import bulk
from doorward.adapters.stores.face.bulk import BulkStore
from doorward.adapters.stores.face.row_log import NewcomersLog
from doorward.errors import Conflict, ConsentMissing, StorageError, WrongUse
from doorward.people.consent import Purpose
from doorward.people.person import Identifier
from doorward.wiring.face.opening import Stores
from known_people import person
from newcomers import newcomer
from throwaway_sites import opened_stores


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "BATCH", 3)


def test_who_was_imported_is_found_like_anybody(stores: Stores, folder: Path) -> None:
    many = [newcomer(n, badge_number=f"B-{n}") for n in range(7)]
    told: list[int] = []
    assert BulkStore(stores.data, stores.vault, NewcomersLog(stores.vault)).add(iter(many), told.append) == 7
    assert told == [3, 6, 7]
    other = opened_stores(folder)
    for one in many:
        assert other.people.get(one.person.id) == one.person
        assert other.consents.of(one.person.id) == [one.consent]
        (held,) = other.enrolments.of(one.person.id)
        assert np.array_equal(held.template.vector, one.enrolment.template.vector)
        number = one.person.identifiers()[Identifier.BADGE]
        assert other.people.find(Identifier.BADGE, number) == one.person.id
    assert other.changes.since(0)[1] == [one.person.id for one in many]
    other.people.erase(many[0].person.id)
    other.people.update(replace(many[1].person, display_name="New"))
    other.close()
    assert stores.people.count() == 6


def test_whose_number_is_taken_stops_their_batch_whole(stores: Stores) -> None:
    stores.people.add(person("Ada", badge_number="7"))
    many = [newcomer(n, badge_number=f"{n}") for n in range(3, 9)]
    with pytest.raises(Conflict):
        BulkStore(stores.data, stores.vault, NewcomersLog(stores.vault)).add(many)
    assert stores.people.count() == 1 + 3
    assert not stores.vault.knows(many[3].person.id)
    assert stores.people.find(Identifier.BADGE, "8") is None


def test_nobody_comes_without_a_consent_of_their_own(stores: Stores) -> None:
    one, other = newcomer(1), newcomer(2)
    unfit = replace(one, consent=replace(one.consent, purposes=frozenset({Purpose.PASSAGES})))
    with pytest.raises(ConsentMissing):
        BulkStore(stores.data, stores.vault, NewcomersLog(stores.vault)).add([unfit])
    with pytest.raises(WrongUse):
        BulkStore(stores.data, stores.vault, NewcomersLog(stores.vault)).add([replace(one, consent=other.consent)])
    assert stores.people.count() == 0


def test_an_import_cut_short_between_keys_and_rows_is_taken_up_again(stores: Stores) -> None:
    many = [newcomer(n, badge_number=f"{n}") for n in range(3)]
    numbers = [("badge", f"{n}", one.person.id) for n, one in enumerate(many)]
    stores.vault.admit_many([one.person.id for one in many], numbers)
    others = [newcomer(9, badge_number="0")]
    assert BulkStore(stores.data, stores.vault, NewcomersLog(stores.vault)).add(others) == 1
    assert BulkStore(stores.data, stores.vault, NewcomersLog(stores.vault)).add(many[1:]) == 2
    assert stores.people.find(Identifier.BADGE, "0") == others[0].person.id


def test_a_full_disk_leaves_whole_batches_and_no_key_of_nobody(stores: Stores) -> None:
    many = [newcomer(n) for n in range(6)]
    with stores.data.begin() as connection:
        connection.execute(
            text(
                "CREATE TRIGGER full BEFORE INSERT ON changes WHEN NEW.revision > 3 BEGIN SELECT RAISE(FAIL, 'x'); END"
            )
        )
    with pytest.raises((Conflict, StorageError)):
        BulkStore(stores.data, stores.vault, NewcomersLog(stores.vault)).add(many)
    assert stores.people.count() == 3
    assert [stores.vault.knows(one.person.id) for one in many] == [True] * 3 + [False] * 3
