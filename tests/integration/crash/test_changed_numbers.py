"""Changing a person's numbers, killed at every step or refused by the disk: none that their row has is lost."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import event

from doorward.adapters.stores.face import person_store
from doorward.errors import Conflict, StorageError
from doorward.people.person import Details, Document, Identifier, Person
from doorward.wiring.doctor.sealed import check_sealed
from doorward.wiring.face.opening import Stores
from doorward.wiring.face.site import Site, open_site
from known_people import person
from throwaway_sites import PASSPHRASE, opened_stores, throwaway_site

BEFORE = Details(document=Document("X1"), badge_number="7")
AFTER = Details(document=Document("X2"), badge_number="8")


def killed(*_: object, **__: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def then_killed(act: Callable[..., object]) -> Callable[..., None]:
    def done_then_killed(*told: object) -> None:
        act(*told)
        killed()

    return done_then_killed


STEPS: dict[str, Callable[[Stores, pytest.MonkeyPatch], None]] = {
    "before the new numbers": lambda stores, patch: patch.setattr(stores.vault, "enter_index", killed),
    "after the first of them": lambda stores, patch: patch.setattr(
        stores.vault, "enter_index", then_killed(stores.vault.enter_index)
    ),
    "before the commit": lambda _, patch: patch.setattr(person_store, "mark_changed", killed),
    "after the commit": lambda stores, patch: patch.setattr(stores.vault, "leave_index", killed),
    "after the first old number went": lambda stores, patch: patch.setattr(
        stores.vault, "leave_index", then_killed(stores.vault.leave_index)
    ),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return throwaway_site(tmp_path)


@pytest.fixture
def ada(folder: Path) -> Person:
    known = replace(person("Ada"), details=BEFORE)
    with closing(opened_stores(folder)) as stores:
        stores.people.add(known)
    return known


@pytest.fixture
def site(folder: Path, ada: Person) -> Iterator[Site]:
    """Opened after what the test does first."""
    with open_site(folder, lambda: PASSPHRASE) as opened:
        yield opened


def kill_while_changing(folder: Path, ada: Person, step: str) -> None:
    child = os.fork()
    if child == 0:
        try:
            with pytest.MonkeyPatch.context() as patch, closing(opened_stores(folder)) as stores:
                STEPS[step](stores, patch)
                stores.people.update(replace(ada, details=AFTER))
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), "the step is none of a change"


def index_findings(site: Site) -> set[str]:
    return {found.id for found in check_sealed(site, lambda _done, _all: None) if found.id.startswith("index-")}


def assert_found_by_their_numbers(stores: Stores, known: Person) -> None:
    for kind, number in known.identifiers().items():
        assert stores.people.find(kind, number) == known.id
        with pytest.raises(Conflict):
            stores.people.add(thief(kind, number))


def thief(kind: Identifier, number: str) -> Person:
    details = Details(badge_number=number) if kind is Identifier.BADGE else Details(document=Document(number))
    return replace(person("Thief"), details=details)


@pytest.mark.parametrize("mended", ["by the next change", "when the numbers are given to others"])
@pytest.mark.parametrize("step", STEPS)
def test_a_change_killed_at_a_step_loses_no_number(folder: Path, ada: Person, step: str, mended: str) -> None:
    kill_while_changing(folder, ada, step)
    with open_site(folder, lambda: PASSPHRASE) as site:
        held = site.stores.people.get(ada.id)
        is_changed = held.details == AFTER
        assert is_changed == step.startswith(("after the commit", "after the first old"))
        is_left = step != "before the new numbers"
        assert index_findings(site) == ({"index-matches-nobody"} if is_left else set()), "none of theirs is missing"
        if mended == "by the next change":
            site.register.permit(site.actor, ada.id, "north")
        else:
            site.stores.people.add(replace(person("Bo"), details=BEFORE if is_changed else AFTER))
        assert index_findings(site) == set()
        assert_found_by_their_numbers(site.stores, held)


def test_a_change_whose_commit_is_refused_loses_no_number(site: Site, ada: Person) -> None:
    def refuse(_: object) -> None:
        raise StorageError("The disk is full; free some space and try again. Nothing was half written.")

    event.listen(site.stores.data, "commit", refuse)
    with pytest.raises(StorageError):
        site.stores.people.update(replace(ada, details=AFTER))
    event.remove(site.stores.data, "commit", refuse)
    assert site.stores.people.get(ada.id) == ada
    assert_found_by_their_numbers(site.stores, ada)
    site.stores.people.update(replace(ada, details=AFTER))
    assert_found_by_their_numbers(site.stores, replace(ada, details=AFTER))
    assert index_findings(site) == set()
