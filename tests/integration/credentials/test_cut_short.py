"""Issuing cut short: at no point holds a card that was not written, and no reference is half removed."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from doorward.adapters.stores.face.grant_store import GrantStore
from doorward.adapters.stores.face.rekeying import Rekeying
from doorward.kernel.ids import PersonId
from doorward.wiring.face import credentials
from doorward.wiring.face.credentials import credential_from_photo, desk_of, issue_card
from doorward.wiring.face.opening import KEYS, Stores
from known_people import OFFICER, ORIGIN, consent, enrolment, face, person
from power_cuts import PowerCut, cut, then_cut
from throwaway_sites import opened_stores, throwaway_site


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return throwaway_site(tmp_path)


@pytest.fixture
def stores(folder: Path) -> Iterator[Stores]:
    opened = opened_stores(folder)
    yield opened
    opened.close()


@pytest.fixture
def ada(stores: Stores) -> PersonId:
    known = person("Ada")
    stores.people.add(known)
    stores.consents.add(consent(known.id))
    stores.enrolments.add(enrolment(known.id, face(1)), photo=b"photo")
    return known.id


def holds(stores: Stores, card: Path) -> bool:
    return desk_of(stores).resolve(credential_from_photo(card), (ORIGIN,)).refusal is None


STEPS: dict[str, tuple[object, str, Callable[..., object]]] = {
    "before the card is written": (credentials, "write_whole", cut),
    "after the card is written": (credentials, "write_whole", then_cut(credentials.write_whole)),
    "after the former was ended": (GrantStore, "put", then_cut(GrantStore.put)),
}


@pytest.mark.parametrize("step", STEPS)
def test_a_card_holds_or_the_former_does_or_none(
    folder: Path, stores: Stores, ada: PersonId, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    first, second = tmp_path / "first.png", tmp_path / "second.png"
    issue_card(folder, stores, OFFICER, ada, first)
    where, name, instead = STEPS[step]
    with monkeypatch.context() as patch:
        patch.setattr(where, name, instead)
        with pytest.raises(PowerCut):
            issue_card(folder, stores, OFFICER, ada, second)
    with closing(opened_stores(folder)) as reopened:
        assert holds(reopened, first) == (step != "after the former was ended")
        assert second.exists() == (step == "after the card is written")
        if second.exists():
            assert not holds(reopened, second)
        third = tmp_path / "third.png"
        issue_card(folder, reopened, OFFICER, ada, third)
        assert holds(reopened, third)
        assert not holds(reopened, first)


@pytest.mark.parametrize(("step", "gone"), [("_seal_anew", False), ("_drop", False), ("_forget", True), (None, True)])
def test_references_are_gone_with_their_key_or_stay_whole(
    folder: Path,
    stores: Stores,
    ada: PersonId,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    step: str | None,
    gone: bool,
) -> None:
    card = tmp_path / "card.png"
    with monkeypatch.context() as patch:
        if step is None:
            issue_card(folder, stores, OFFICER, ada, card, carried_only=True)
        else:
            patch.setattr(Rekeying, step, cut)
            with pytest.raises(PowerCut):
                issue_card(folder, stores, OFFICER, ada, card, carried_only=True)
    with closing(opened_stores(folder)) as reopened:
        held = reopened.enrolments.of(ada)
        assert len(held) == (0 if gone else 1)
        if held:
            assert reopened.enrolments.photo(ada, held[0].id) == b"photo"
        assert holds(reopened, card)
    with closing(sqlite3.connect(folder / KEYS)) as keys:
        query = "SELECT version, state FROM keys WHERE kind = 'person' AND owner = ?"
        assert keys.execute(query, (ada,)).fetchall() == [(2, "active")]
