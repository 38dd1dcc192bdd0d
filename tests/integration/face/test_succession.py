"""A site moves from one embedder to another: both real models run, and people come over by coming by."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from commands_in_process import run_json
from doorward.demo.checkpoint_clip import make_checkpoint_clip
from doorward.demo.portraits import eileen_collins, grace_hopper
from doorward.errors import AlreadyEnrolled, WrongUse
from doorward.face.decision import Reason
from doorward.face.thresholds import Provenance, ThresholdSet
from doorward.kernel.ids import TemplateId
from doorward.people.enrolment import CapturedFrom, Enrolment
from doorward.people.person import EVERYONE, Details
from doorward.wiring.doctor.models import check_models, check_succession
from doorward.wiring.face.credentials import credential_from_photo, issue_card
from doorward.wiring.face.site import Site, open_site
from fakes.small_embedder import NAME, put_embedder
from known_people import EVERYTHING, NOON, face
from throwaway_sites import PASSPHRASE, throwaway_site

GRACE, EILEEN = grace_hopper().path, eileen_collins().path
OURS = "squares-ours"


def enrolled(site: Site, photo: Path, name: str, **details: str) -> str:
    known = site.add_person(name, Details(**details))
    site.record_consent(known, "Notice", "1", EVERYTHING, "form")
    taken = site.capture(photo)
    site.enroller.enrol(site.actor, known.id, taken.template, CapturedFrom.LIVE, former=taken.former)
    return known.id


class Moved:
    """A site whose people were enrolled by the embedder that Doorward carries, and that moved to a smaller one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with self.opened() as site:
            site.profiles.identify(b"assessment", "Assessment", "Notice 1", NOON)
            site.doorkeeper.add("Main door")
            self.grace = enrolled(site, GRACE, "Grace", badge_number="G-1")
            self.card = folder.parent / "card.png"
            issue_card(folder, site.stores, site.actor, self.grace, self.card)
        put_embedder(folder / "models")
        self.name(embedder=NAME, former_embedder="sface")
        with self.opened() as site:
            # Pictures of different people are near each other for this model, so its thresholds lie high.
            points = ((1e-2, 0.97), (1e-4, 0.98), (1e-6, 0.99))
            made_by = Provenance("0" * 64, "openvino", "f32", "officer", NOON.isoformat())
            made = ThresholdSet(OURS, site.embedder.model, "nothing", 1, 1, points, made_by)
            site.thresholds.adopt(site.actor, made)

    def name(self, **entries: str) -> None:
        file = self.folder / "site.toml"
        kept = file.read_text().partition("\n[face]\n")[0]
        file.write_text(kept + "\n[face]\n" + "".join(f'{name} = "{value}"\n' for name, value in entries.items()))

    def opened(self) -> Site:
        return open_site(self.folder, lambda: PASSPHRASE)

    def models(self, site: Site) -> list[str]:
        return [one.template.origin.model.partition("@")[0] for one in site.stores.enrolments.of(self.grace)]


@pytest.fixture
def moved(tmp_path: Path) -> Moved:
    return Moved(throwaway_site(tmp_path))


@pytest.fixture
def site(moved: Moved) -> Iterator[Site]:
    with moved.opened() as opened:
        yield opened


BROUGHT_OVER = "reference of the model in use added after a strong match"


@pytest.mark.parametrize("way", ["verify", "identify"])
def test_whoever_comes_by_comes_over(moved: Moved, site: Site, way: str) -> None:
    ways = {"verify": lambda: site.verify(GRACE, moved.grace), "identify": lambda: site.identify(GRACE, "Main door")}
    assert site.succession.is_needed()
    assert site.searches.count(EVERYONE) == 1
    decision = ways[way]()
    assert (decision.person, decision.threshold.threshold_set) == (moved.grace, "sface-lfw-2")
    assert moved.models(site) == ["sface", NAME]
    assert site.stores.enrolments.of(moved.grace)[1].captured_from is CapturedFrom.FILE
    assert site.stores.trail.about(moved.grace)[-1].action == BROUGHT_OVER
    for decide in ways.values():
        decision = decide()
        assert (decision.person, decision.threshold.threshold_set) == (moved.grace, OURS)
    assert site.searches.count(EVERYONE) == 1, "in one gallery at a time"
    assert moved.models(site) == ["sface", NAME]


def test_a_checkpoint_brings_over_by_what_it_sees(
    moved: Moved, site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clip = make_checkpoint_clip(tmp_path / "clip.mp4", [grace_hopper()])
    status, answer = run_json(capsys, "checkpoint", "run", "Main door", "--source", clip, *at(moved, tmp_path))
    assert (status, [one["person"] for one in answer["decisions"]]) == (0, [moved.grace])
    assert moved.models(site) == ["sface", NAME]
    assert site.stores.enrolments.of(moved.grace)[1].captured_from is CapturedFrom.LIVE
    assert BROUGHT_OVER in [entry.action for entry in site.stores.trail.about(moved.grace)]


def at(moved: Moved, folder: Path) -> tuple[object, ...]:
    secret = folder / "passphrase"
    secret.write_text(PASSPHRASE)
    return ("--site", moved.folder, "--passphrase-file", secret)


def test_a_stranger_and_nobody_get_one_answer(moved: Moved, site: Site) -> None:
    stranger, nobody = site.verify(EILEEN, moved.grace), site.verify(EILEEN, None)
    assert stranger.reason is Reason.NOT_MATCHED
    assert stranger.to_json() == nobody.to_json()
    assert site.identify(EILEEN, "Main door").reason is Reason.NOBODY
    assert moved.models(site) == ["sface"]


def test_a_face_of_the_former_model_is_not_enrolled_as_somebody_else(moved: Moved, site: Site) -> None:
    twice = site.add_person("Grace again")
    site.record_consent(twice, "Notice", "1", EVERYTHING, "form")
    with pytest.raises(AlreadyEnrolled, match="Grace"):
        site.enrol_photo(twice, GRACE)


def test_a_credential_of_the_former_model_serves_until_it_is_issued_again(
    moved: Moved, site: Site, tmp_path: Path
) -> None:
    site.verify(GRACE, moved.grace)
    octets = credential_from_photo(moved.card)
    assert site.verify(GRACE, None, credential=octets).is_accepted
    assert site.succession.is_needed(), "for the credential alone"
    issue_card(moved.folder, site.stores, site.actor, moved.grace, tmp_path / "new.png", model=site.embedder.model)
    assert not site.succession.is_needed()
    assert site.verify(GRACE, None, credential=octets).reason is Reason.CREDENTIAL_REFUSED
    assert site.verify(GRACE, None, credential=credential_from_photo(tmp_path / "new.png")).is_accepted


def test_who_is_left_is_told_and_when_the_former_model_can_go(
    moved: Moved, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    listed = ("people", "list", "--needs-enrolment", *at(moved, tmp_path))
    status, told = run_json(capsys, *listed)
    assert (status, [one["id"] for one in told["people"]]) == (0, [moved.grace])
    assert (told["people"][0]["models"], told["people"][0]["comes_over"]) == (["sface"], True)
    assert (told["former_embedder"], told["former_credentials"], told["former_can_be_dropped"]) == ("sface", 1, False)
    with moved.opened() as site:
        assert [finding.id for finding in check_succession(site)] == ["former-model-in-use"]
        assert list(check_models(site)) == []
        site.verify(GRACE, moved.grace)
        site.credentials.revoke(site.actor, moved.grace)
    status, told = run_json(capsys, *listed)
    assert (told["people"], told["former_can_be_dropped"]) == ([], True)
    with moved.opened() as site:
        assert [finding.id for finding in check_succession(site)] == ["former-model-not-needed"]
        assert site.succession.former_embedder() is None
        assert site.capture(GRACE).former is None
    with moved.opened() as site:
        assert not site.succession.is_needed(), "it is known without looking again"


def test_whoever_is_enrolled_by_the_former_model_after_going_back_is_noticed(moved: Moved) -> None:
    with moved.opened() as site:
        site.verify(GRACE, moved.grace)
        site.credentials.revoke(site.actor, moved.grace)
        assert not site.succession.is_needed()
    moved.name(embedder="sface")
    with moved.opened() as site:
        assert not site.succession.is_needed()
        late = enrolled(site, EILEEN, "Eileen")
    moved.name(embedder=NAME, former_embedder="sface")
    with moved.opened() as site:
        assert site.verify(EILEEN, late).person == late
        assert not site.succession.is_needed()
        old = Enrolment(TemplateId(str(uuid4())), site.add_person("Later").id, face(1), CapturedFrom.LIVE, NOON, NOON)
        site.stores.enrolments.add(old)  # by a process that ran on with the former settings
        assert [one.person for one in site.succession.lacking()] == [old.person]
    with moved.opened() as site:
        assert site.succession.is_needed()


def test_without_a_former_embedder_they_are_refused_and_told_of(
    moved: Moved, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    moved.name(embedder=NAME)
    with moved.opened() as site:
        assert site.verify(GRACE, moved.grace).reason is Reason.NOT_MATCHED
        assert site.identify(GRACE, "Main door").reason is Reason.NOBODY_ENROLLED
        assert [finding.id for finding in check_succession(site)] == ["references-of-another-model"]
    _, told = run_json(capsys, "people", "list", "--needs-enrolment", *at(moved, tmp_path))
    assert (told["people"][0]["comes_over"], told["former_embedder"]) == (False, None)


def test_a_former_model_needs_thresholds_and_another_name(moved: Moved) -> None:
    moved.name(embedder="sface", former_embedder=NAME)
    with moved.opened() as site:
        site.thresholds.choose(site.actor, OURS)
        assert not site.succession.is_needed()
    moved.name(embedder=NAME, former_embedder=NAME)
    with pytest.raises(WrongUse, match="former embedder"):
        moved.opened()


def test_two_processes_search_the_former_gallery_of_one(moved: Moved, site: Site) -> None:
    site.searches.lend()
    site.searches.pull_up()
    with moved.opened() as other:
        assert other.searches.count(EVERYONE) == 1
        decision = other.identify(GRACE, "Main door")
        assert decision.person == moved.grace
        assert other.searches.count(EVERYONE) == 1
    assert site.identify(GRACE, "Main door").threshold.threshold_set == OURS
