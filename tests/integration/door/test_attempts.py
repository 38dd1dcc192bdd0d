"""Failed verifications in a row at a real site: counted before the comparison, kept, alike for nobody, and lifted."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import event, text

from commands_in_process import run_json
from doorward.demo.portraits import Portrait
from doorward.errors import Tampered
from doorward.face.decision import BY_EYE, Decision, Reason
from doorward.face.pad import PadMethod
from doorward.kernel.audit import Actor
from doorward.kernel.ids import PersonId
from doorward.people.person import Details, Identifier, Person
from doorward.verify.attempts import FREE_WITH_PAD, FREE_WITHOUT_PAD, Counted, Streak, Subject
from doorward.verify.claim import Number
from doorward.wiring.face.site import Site, open_site
from doorward.wiring.face.verifying import HELD

NOBODY = PersonId("3f0d3a76-8f2c-4d6a-9c1f-1f6f2f2b7c11")

TWICE = """
import sys
from doorward.verify.attempts import Attempts, Counted, Subject
from doorward.wiring.face.site import open_site

with open_site(sys.argv[1], lambda: "") as site:
    print("ready", flush=True)
    sys.stdin.readline()
    begun = [site.verification.attempts.begin([Subject(Counted.PERSON, "ada")], with_pad=False) for _ in range(8)]
    print(sum(one.verdict.allowed for one in begun))
"""

KILLED = """
import os, signal, sys
from pathlib import Path
from doorward.kernel.ids import PersonId
from doorward.face import comparison
from doorward.wiring.face.site import open_site

comparison.compare = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
with open_site(sys.argv[1], lambda: "") as site:
    site.verify(Path(sys.argv[2]), PersonId(sys.argv[3]))
"""


@pytest.fixture
def grace(site: Site, hopper: Portrait) -> Person:
    person = site.add_person("Grace", Details(badge_number="4711"))
    site.record_consent(person, "Notice", "1", ["verify"], "signed")
    site.enrol_photo(person, hopper.path)
    site.enroller.confirm(site.actor, person.id, site.capture(hopper.path).template)
    return person


def streak(site: Site, name: str, kind: Counted = Counted.PERSON) -> Streak:
    return site.stores.attempts.streaks([Subject(kind, name)])[0]


def rows(site: Site) -> dict[str, list[int]]:
    """How many rows each table that a verification writes has, and what they measure."""
    with site.stores.data.connect() as connection:
        return {
            "grants": list(connection.execute(text("SELECT count(*) FROM grants WHERE kind = 'attempts'")).scalars()),
            "payloads": list(
                connection.execute(text("SELECT length(payload) FROM grants WHERE kind = 'attempts'")).scalars()
            ),
            "entries": list(
                connection.execute(
                    text("SELECT length(leaf) + length(event) + length(subject) FROM audit_entries ORDER BY number")
                ).scalars()
            ),
        }


def test_five_fail_then_one_waits_whoever_it_is_and_a_restart_changes_nothing(
    site: Site, grace: Person, hopper: Portrait, collins: Portrait
) -> None:
    for _ in range(FREE_WITHOUT_PAD):
        decision = site.verify(collins.path, grace)
        assert decision.reason is Reason.NOT_MATCHED
        assert decision.sentence.endswith(BY_EYE)
    site.close()
    with open_site(site.folder, lambda: "") as again:
        for number in (None, Number(Identifier.BADGE, " 47-11")):
            refused = again.verify(hopper.path, grace if number is None else None, number=number)
            assert refused.reason is Reason.TOO_MANY_ATTEMPTS
            assert 0 < (refused.retry_after or 0) <= 30
            assert refused.threshold is None
        again.stores.attempts.lift([Subject(Counted.PERSON, grace.id)])
        assert again.verify(hopper.path, grace).is_accepted
        assert streak(again, grace.id) == Streak()


def test_a_token_is_counted_whomever_it_claims(site: Site, grace: Person, hopper: Portrait, collins: Portrait) -> None:
    desk = Actor("token desk", "verification")
    for number in range(FREE_WITHOUT_PAD):
        site.verify(collins.path, None, actor=desk, number=Number(Identifier.BADGE, f"none {number}"))
    assert site.verify(hopper.path, grace, actor=desk).reason is Reason.TOO_MANY_ATTEMPTS
    assert site.verify(hopper.path, grace, actor=Actor("token other", "verification")).is_accepted


def claims(site: Site, grace: Person, photo: Path) -> dict[str, Callable[[], Decision]]:
    withdrawn = site.add_person("Withdrawn", Details(badge_number="2"))
    return {
        "not matched": lambda: site.verify(photo, grace),
        "by badge": lambda: site.verify(photo, None, number=Number(Identifier.BADGE, "4711")),
        "unknown": lambda: site.verify(photo, NOBODY),
        "no such badge": lambda: site.verify(photo, None, number=Number(Identifier.BADGE, "99")),
        "no such document": lambda: site.verify(photo, None, number=Number(Identifier.DOCUMENT, "X99")),
        "without consent": lambda: site.verify(photo, withdrawn),
    }


def test_nobody_is_answered_counted_and_recorded_as_somebody_is(site: Site, grace: Person, collins: Portrait) -> None:
    """The work is measured, for time depends on the machine: same answers, rows of the same number and size."""
    seen = {}
    for why, verify in claims(site, grace, collins.path).items():
        site.stores.attempts.lift_others([])
        before = len(rows(site)["entries"])
        answers = [verify().to_json() for _ in range(FREE_WITHOUT_PAD)]
        refused = verify().to_json()
        assert refused.pop("retry_after") in (29, 30)
        after = rows(site)
        seen[why] = (answers, refused, after["grants"], after["payloads"], after["entries"][before:])
    first = seen.pop("not matched")
    for why, other in seen.items():
        assert other == first, why


def test_a_refusal_is_answered_at_the_tick_and_an_acceptance_at_once(
    site: Site, grace: Person, hopper: Portrait, collins: Portrait
) -> None:
    now, held = [0.0], []

    def ticks() -> float:
        now[0] += 0.0312
        return now[0]

    site.verification = replace(site.verification, ticks=ticks, pause=held.append)
    for claimed in (grace.id, NOBODY):
        site.verify(collins.path, claimed)
    assert held == [pytest.approx(HELD - 0.0312)] * 2
    assert site.verify(hopper.path, grace).is_accepted
    assert len(held) == 2


def test_an_acceptance_and_the_end_of_its_attempt_are_durable_together(
    site: Site, grace: Person, hopper: Portrait
) -> None:
    commits: list[object] = []
    event.listen(site.stores.data, "commit", commits.append)
    assert site.verify(hopper.path, grace).is_accepted
    assert len(commits) == 2, "the attempt before the comparison, and what came of it"


def test_a_suspected_attack_is_a_failed_attempt_and_ten_are_free_where_they_are_looked_for(
    site: Site, grace: Person, hopper: Portrait
) -> None:
    reasons = [
        site.verify(hopper.path, grace, attack_checks=frozenset({PadMethod.ACTIVE}), movements="0" * 32).reason
        for _ in range(FREE_WITH_PAD + 1)
    ]
    assert reasons == [Reason.CHALLENGE_UNKNOWN] * FREE_WITH_PAD + [Reason.TOO_MANY_ATTEMPTS]


def test_an_attempt_that_is_killed_before_its_comparison_was_one(site: Site, grace: Person, collins: Portrait) -> None:
    site.close()
    arguments = [sys.executable, "-c", KILLED, str(site.folder), str(collins.path), grace.id]
    ended = subprocess.run(arguments, check=False, capture_output=True, env=dict(os.environ))
    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()
    with open_site(site.folder, lambda: "") as again:
        assert streak(again, grace.id).failures == 1


def test_two_processes_share_five_attempts(site: Site) -> None:
    site.close()
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    both = [subprocess.Popen([sys.executable, "-c", TWICE, str(site.folder)], **pipes) for _ in range(2)]
    try:
        for one in both:
            assert one.stdout.readline() == "ready\n"
        for one in both:
            one.stdin.write("go\n")
            one.stdin.flush()
        assert sum(int(one.communicate(timeout=60)[0]) for one in both) == FREE_WITHOUT_PAD
    finally:
        for one in both:
            one.kill()
            one.wait()


def test_who_writes_the_database_gives_nobody_an_attempt(site: Site, grace: Person, collins: Portrait) -> None:
    site.verify(collins.path, grace)
    with site.stores.data.begin() as connection:
        connection.execute(
            text("UPDATE grants SET payload = :none WHERE kind = 'attempts'"),
            {"none": '{"failures":0,"last":"2020-01-01T00:00:00+00:00"}'},
        )
    with pytest.raises(Tampered):
        site.verify(collins.path, grace)


def test_rows_tell_nobody_and_go_with_the_person(site: Site, grace: Person, collins: Portrait) -> None:
    site.verify(collins.path, grace)
    with site.stores.data.connect() as connection:
        kept = connection.execute(text("SELECT id || payload FROM grants WHERE kind = 'attempts'")).scalars().all()
    assert len(kept) == 1
    assert grace.id not in kept[0]
    site.register.erase(site.actor, grace.id)
    assert rows(site)["grants"] == [0]


def test_an_operator_lists_and_lifts(
    site: Site,
    grace: Person,
    hopper: Portrait,
    collins: Portrait,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    site.doorkeeper.add("Main door")
    for claimed in (grace.id, NOBODY):
        site.verify(collins.path, claimed, actor=Actor("checkpoint Main door", "passage"))
    site.close()
    monkeypatch.setenv("DOORWARD_SITE", str(site.folder))
    _, listed = run_json(capsys, "attempts", "list")
    found = [(one["kind"], one["name"], one["failures"], one["locked"]) for one in listed["attempts"]]
    assert found == [("device", "checkpoint Main door", 2, False), ("person", grace.id, 1, False)]
    assert listed["others"] == 1
    for which in (("--device", "checkpoint Main door"), ("--person", grace.id), ("--others",)):
        assert run_json(capsys, "attempts", "lift", *which) == (0, {"lifted": True})
        assert run_json(capsys, "attempts", "lift", *which) == (0, {"lifted": False})
    assert run_json(capsys, "attempts", "list")[1] == {"attempts": [], "others": 0}
    assert run_json(capsys, "attempts", "lift", "--device", "gate")[1]["error"]["code"] == "not_found"
    assert run_json(capsys, "attempts", "lift")[0] == 2
    with open_site(site.folder, lambda: "") as again:
        assert "failed attempts forgotten" in [entry.action for entry in again.register.looks(grace.id)]


def test_an_officer_who_looks_is_recorded(
    site: Site, grace: Person, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    site.close()
    monkeypatch.setenv("DOORWARD_SITE", str(site.folder))
    by_eye = ("verify", "--by-eye", "--person", grace.id, "--officer", "R. Vega")
    status, accepted = run_json(capsys, *by_eye, "--outcome", "accepted")
    assert (status, accepted["reason"], accepted["person"]) == (0, "accepted_by_eye", grace.id)
    assert accepted["threshold"] is None
    status, refused = run_json(capsys, *by_eye, "--outcome", "refused")
    assert (status, refused["reason"], refused["person"]) == (3, "refused_by_eye", None)
    unknown = ("verify", "--by-eye", "--person", NOBODY, "--officer", "R. Vega", "--outcome", "accepted")
    assert run_json(capsys, *unknown)[1]["error"]["code"] == "person_unknown"
    for wrong in (
        by_eye,
        ("verify", "--officer", "R. Vega", "--person", grace.id),
        (*by_eye[:4], "--outcome", "refused"),
    ):
        assert run_json(capsys, *wrong)[0] == 2
    assert run_json(capsys, *by_eye[:4], "--officer", "\n", "--outcome", "refused")[0] == 2
    with open_site(site.folder, lambda: "") as again:
        actions = [entry.action for entry in again.register.looks(grace.id)]
    assert actions[-2:] == [f"verification by eye: {what}, officer R. Vega" for what in ("accepted", "refused")]
