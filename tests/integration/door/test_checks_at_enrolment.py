"""Presentation attacks before a camera that enrols or confirms: checked where the site asks for it."""

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from commands_in_process import run_json
from doorward.adapters.face.cards import PAD_PAIRS
from doorward.cli.program import run
from doorward.face import challenge_book
from doorward.face.movements import Movement
from doorward.face.pad import PadMethod
from doorward.kernel.image import Image
from doorward.people.person import Person
from doorward.wiring.face.site import Site
from known_people import EVERYTHING
from movers import as_folder, beside, performance, person, photo, waved_print
from shared_data import shared_models

ASKED = (Movement.TURN_LEFT, Movement.LOOK_UP, Movement.TURN_RIGHT)
ACTIVE, PASSIVE = frozenset({PadMethod.ACTIVE}), frozenset({PadMethod.PASSIVE})
Answer = tuple[int, dict[str, object]]
Before = Callable[..., Answer]


@pytest.fixture
def howard(site: Site) -> Person:
    known = site.add_person("Howard")
    site.record_consent(known, "Notice", "1", EVERYTHING, "form")
    return known


@pytest.fixture
def enrolled(
    site: Site, howard: Person, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Before:
    """Enrols or confirms who is in pictures; movements are asked for in an order the test knows."""
    monkeypatch.setattr(challenge_book, "draw_movements", lambda _: ASKED)

    def before(pictures: Iterable[Image], *command: object) -> Answer:
        source = as_folder(tmp_path / "pictures", pictures)
        command = command or ("enrol", howard.id)
        recorded = ("--source", source, "--unsafe-recorded-source", "--site", site.folder)
        return run_json(capsys, "people", *command, *recorded)

    return before


def test_who_makes_the_asked_movements_is_enrolled(site: Site, howard: Person, enrolled: Before) -> None:
    site.pad_policies.require_at_enrolment(site.actor, ACTIVE)
    status, answer = enrolled(performance(ASKED))
    assert (status, answer["state"]) == (0, "confirmed")
    assert len(site.stores.enrolments.of(howard.id)) == 1


@pytest.mark.parametrize(
    ("pictures", "told"),
    [
        (waved_print, "begin again"),
        (lambda: [*performance(ASKED)][:14], "left the picture"),
        (lambda: [*[person()] * 8, *[beside(person(), person())] * 3], "one person at a time"),
    ],
    ids=["print", "leaves halfway", "two people"],
)
def test_who_does_not_is_not(
    site: Site, howard: Person, enrolled: Before, pictures: Callable[[], Iterable[Image]], told: str
) -> None:
    site.pad_policies.require_at_enrolment(site.actor, ACTIVE)
    status, answer = enrolled(pictures())
    assert (status, answer["error"]["code"]) == (3, "attack_checks_failed")
    assert told in answer["error"]["message"]
    assert site.stores.enrolments.of(howard.id) == []
    assert site.stores.trail.about(howard.id)[-1].action.startswith("capture for enrolment refused: ")


def test_a_confirmation_is_checked_as_an_enrolment_is(site: Site, howard: Person, enrolled: Before) -> None:
    site.enrol_photo(howard, photo())
    site.pad_policies.require_at_enrolment(site.actor, ACTIVE)
    code, _ = site.invitations.invite(howard.id)
    status, answer = enrolled([person()] * 110, "confirm", howard.id, "--invitation", code)
    assert (status, answer["error"]["code"]) == (3, "attack_checks_failed")
    assert all(one.is_pending for one in site.stores.enrolments.of(howard.id))


def test_a_suspected_attack_is_not_enrolled(site: Site, howard: Person, enrolled: Before) -> None:
    (site.folder / "models").mkdir(exist_ok=True)
    for card in PAD_PAIRS[1]:
        (site.folder / "models" / card.file).write_bytes(shared_models(card.file).read_bytes())
    site.pad_policies.require_at_enrolment(site.actor, PASSIVE | ACTIVE)
    status, answer = enrolled(performance(ASKED))  # press photos on a plain ground
    assert (status, answer["error"]["code"]) == (3, "attack_checks_failed")
    assert "looks like a picture" in answer["error"]["message"]
    action = "capture for enrolment refused: presentation attack"
    assert site.stores.trail.about(howard.id)[-1].action == action


def test_without_the_models_nobody_is_asked_to_stand_there(site: Site, howard: Person, enrolled: Before) -> None:
    site.pad_policies.require_at_enrolment(site.actor, PASSIVE)
    status, answer = enrolled([person()])
    assert (status, answer["error"]["code"]) == (1, "model_missing")


def test_the_policies_are_two(site: Site, howard: Person, enrolled: Before, capsys: pytest.CaptureFixture[str]) -> None:
    at = ("--site", site.folder)
    status, told = run_json(capsys, "profile", "attacks", "--at-enrolment", "--require", "active", *at)
    assert (status, told["attack_checks"], told["attack_checks_at_enrolment"]) == (0, [], ["active"])
    status, told = run_json(capsys, "profile", "attacks", "--require", "passive", *at)
    assert (told["attack_checks"], told["attack_checks_at_enrolment"]) == (["passive"], ["active"])
    (newest, last) = site.stores.trail.listed(2)
    assert newest.entry.action == "presentation attack detection required at enrolment: active"
    assert last.entry.action == "presentation attack detection required: passive"
    assert run(["profile", "show", *map(str, at)]) == 0
    assert "At enrolment and confirmation before a camera: active." in capsys.readouterr().out
