"""Presentation attacks at the door: what is asked for is checked, and what was not evaluated is said."""

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from commands_in_process import run_json
from doorward.adapters.face.cards import PAD_PAIRS
from doorward.adapters.images import read_photo
from doorward.cli.program import run
from doorward.errors import ModelMissing
from doorward.face import challenge_book
from doorward.face.movements import Movement
from doorward.face.pad import PadMethod
from doorward.kernel.image import Image
from doorward.people.enrolment import CapturedFrom
from doorward.people.person import Details
from doorward.wiring.face.site import Site
from known_people import EVERYTHING
from movers import as_clip, as_folder, beside, held_print, performance, person, photo, placed, waved_print
from shared_data import shared, shared_models

ASKED = (Movement.TURN_LEFT, Movement.LOOK_UP, Movement.TURN_RIGHT)
NOT_EVALUATED = "Presentation attacks: not evaluated."

Answer = dict[str, object]


@pytest.fixture
def models(site: Site) -> None:
    """The pair of models, put into the site's folder by hand."""
    (site.folder / "models").mkdir(exist_ok=True)
    for card in PAD_PAIRS[1]:
        (site.folder / "models" / card.file).write_bytes(shared_models(card.file).read_bytes())


@pytest.fixture
def known(identifying: Site) -> str:
    """The person of the pictures, enrolled with the badge 47."""
    known = identifying.add_person("Howard", Details(badge_number="47"))
    identifying.record_consent(known, "Notice", "1", EVERYTHING, "form")
    template = identifying.capture(photo()).template
    identifying.enroller.enrol(identifying.actor, known.id, template, CapturedFrom.LIVE)
    return known.id


@pytest.fixture
def door(
    identifying: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., list[Answer]]:
    """A checkpoint that asks for movements, in an order the test knows, run on pictures."""
    monkeypatch.setattr(challenge_book, "draw_movements", lambda _: ASKED)
    identifying.doorkeeper.add("Main door", attack_checks=frozenset({PadMethod.ACTIVE}))

    def decide(pictures: Path | Iterable[Image], *options: object) -> list[Answer]:
        source = pictures if isinstance(pictures, Path) else as_folder(tmp_path / "pictures", pictures)
        arguments = ("Main door", "--source", source, "--site", identifying.folder, *options)
        status, answer = run_json(capsys, "checkpoint", "run", *arguments)
        assert status == 0, answer
        return answer["decisions"]

    return decide


def reasons(decisions: list[Answer]) -> list[object]:
    return [one["reason"] for one in decisions]


def test_who_makes_the_asked_movements_is_identified(known: str, door: Callable[..., list[Answer]]) -> None:
    (decision,) = door(performance(ASKED))
    assert (decision["reason"], decision["person"]) == ("matched", known)
    assert decision["pad"] == {
        "method": "active",
        "outcome": "not_evaluated",
        "evaluated": False,
        "sentence": NOT_EVALUATED,
        "model": None,
    }


def test_a_print_that_is_turned_tilted_and_brought_near_is_refused(
    known: str, door: Callable[..., list[Answer]]
) -> None:
    (decision,) = door(waved_print())
    assert decision["decision"] == "refused"
    assert decision["reason"] in {"challenge_expired", "challenge_failed"}
    assert decision["person"] is None


def test_a_video_of_a_photo_is_refused(known: str, door: Callable[..., list[Answer]], tmp_path: Path) -> None:
    (decision,) = door(as_clip(tmp_path / "print.mp4", waved_print()))
    assert decision["reason"] in {"challenge_expired", "challenge_failed"}
    assert decision["person"] is None


def test_the_movements_in_another_order_are_refused(known: str, door: Callable[..., list[Answer]]) -> None:
    order = (Movement.TURN_RIGHT, Movement.LOOK_UP, Movement.TURN_LEFT)
    assert reasons(door(performance(order))) == ["challenge_failed"]


def test_who_leaves_halfway_is_refused(known: str, door: Callable[..., list[Answer]]) -> None:
    assert reasons(door([*performance(ASKED)][:14])) == ["face_lost"]


def test_two_people_before_the_camera_are_refused(known: str, door: Callable[..., list[Answer]]) -> None:
    assert reasons(door([*[person()] * 8, *[beside(person(), person())] * 3])) == ["more_than_one_face"]


def test_another_face_after_the_movement_is_refused(known: str, door: Callable[..., list[Answer]]) -> None:
    stranger = [placed(read_photo(shared("lfw", "images", "Alan_Ball", "Alan_Ball_0001.jpg")))]
    shown = [*performance(ASKED[:1])]
    assert reasons(door([*shown[:10], *stranger * 5])) == ["face_changed"]


def test_who_does_not_move_runs_out_of_time(known: str, door: Callable[..., list[Answer]]) -> None:
    assert reasons(door([person()] * 110)) == ["challenge_expired"]


def test_a_refused_challenge_uses_the_badge_up(known: str, door: Callable[..., list[Answer]], tmp_path: Path) -> None:
    badges = tmp_path / "badges"
    badges.write_text("47\n")
    wrong = performance((Movement.TURN_RIGHT,))
    nobody = [held_print()[:4, :4].repeat(120, axis=0).repeat(160, axis=1)] * 8
    decisions = door([*wrong, *nobody, *performance(ASKED)], "--badges", badges)
    assert reasons(decisions) == ["challenge_failed"]


def test_movements_and_the_models_are_asked_for_together(
    known: str, door: Callable[..., list[Answer]], models: None, identifying: Site
) -> None:
    identifying.pad_policies.require(identifying.actor, {PadMethod.PASSIVE})
    before = identifying.stores.trail.count()
    (decision,) = door(performance(ASKED))
    assert identifying.stores.trail.count() == before
    assert decision["reason"] == "presentation_attack"  # the pictures are press photos on a plain ground
    assert decision["pad"]["method"] == "passive+active"
    assert decision["pad"]["outcome"] == "attack"


def test_a_photo_of_an_attack_is_refused_and_one_of_a_person_is_compared(
    site: Site, models: None, capsys: pytest.CaptureFixture[str]
) -> None:
    status, _ = run_json(capsys, "profile", "attacks", "--require", "passive", "--site", site.folder)
    assert status == 0
    for name, reason, outcome in (
        ("T1", "not_matched", "not_evaluated"),
        ("F1", "presentation_attack", "attack"),
        ("F2", "presentation_attack", "attack"),
    ):
        image = shared("pad", f"image_{name}.jpg")
        status, answer = run_json(capsys, "verify", image, "--badge", "1", "--site", site.folder)
        assert (status, answer["reason"], answer["pad"]["outcome"]) == (3, reason, outcome)
        assert answer["pad"]["evaluated"] is False
        assert answer["pad"]["model"] == "minifasnet-v2-opset17+minifasnet-v1se-opset17"
    (newest,) = site.stores.trail.listed(1)
    assert newest.entry.action == "verification, presentation attack suspected"
    assert not newest.concerns_somebody


def test_without_the_models_nobody_is_compared(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    site.pad_policies.require(site.actor, {PadMethod.PASSIVE})
    status, answer = run_json(capsys, "verify", photo(), "--badge", "1", "--site", site.folder)
    assert (status, answer["error"]["code"]) == (1, "model_missing")
    assert "doorward models pull minifasnet-v2" in answer["error"]["message"]


def test_without_the_models_no_checkpoint_runs(
    known: str, identifying: Site, door: Callable[..., list[Answer]]
) -> None:
    identifying.pad_policies.require(identifying.actor, {PadMethod.PASSIVE})
    with pytest.raises(AssertionError, match="model_missing"):
        door([person()])


def test_a_photo_alone_makes_no_movements(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ("verify", photo(), "--badge", "1", "--require", "active", "--site", site.folder)
    status, answer = run_json(capsys, *arguments)
    assert (status, answer["reason"]) == (3, "challenge_required")


def test_without_checks_the_answer_says_that_attacks_are_not_evaluated(
    identifying: Site, known: str, capsys: pytest.CaptureFixture[str]
) -> None:
    status, answer = run_json(capsys, "verify", photo(), "--person", known, "--site", identifying.folder)
    assert (status, answer["decision"]) == (0, "accepted")
    assert answer["pad"] == {
        "method": "none",
        "outcome": "not_evaluated",
        "evaluated": False,
        "sentence": NOT_EVALUATED,
        "model": None,
    }
    assert run(["verify", str(photo()), "--person", known, "--site", str(identifying.folder)]) == 0
    assert NOT_EVALUATED in capsys.readouterr().out


def test_a_checkpoint_asks_for_no_less_than_the_site(identifying: Site, known: str) -> None:
    identifying.doorkeeper.add("Main door")
    identifying.pad_policies.require(identifying.actor, {PadMethod.ACTIVE})
    assert identifying.identify(photo(), "Main door").reason.value == "challenge_required"
    identifying.pad_policies.require(identifying.actor, set())
    identifying.doorkeeper.ask_for(identifying.actor, "Main door", frozenset({PadMethod.PASSIVE}))
    with pytest.raises(ModelMissing):
        identifying.identify(photo(), "Main door")


def test_what_is_asked_for_is_kept_and_recorded(site: Site) -> None:
    site.pad_policies.require(site.actor, {PadMethod.PASSIVE, PadMethod.ACTIVE})
    assert site.pad_policies.required() == set(PadMethod)
    (newest,) = site.stores.trail.listed(1)
    assert newest.entry.action == "presentation attack detection required: passive, active"
