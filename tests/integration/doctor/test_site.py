"""What an open site permits and holds: each fault made, each found."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from doorward.adapters.face.cards import PAD_PAIRS, SFACE
from doorward.face.pad import PadMethod
from doorward.kernel.audit import Actor, AuditEntry
from doorward.kernel.permissions import TOKEN_SCOPES, Scope
from doorward.people.consent import Purpose
from doorward.wiring.doctor.examination import examine_before_serving, examine_site
from doorward.wiring.doctor.finding import Severity, critical
from doorward.wiring.doctor.people import LONGEST_PENDING
from doorward.wiring.face.opening import DATA, MODELS
from doorward.wiring.face.site import Site
from doorward.wiring.serving import tokens_of
from known_people import OFFICER, consent, enrolment, face, person

DAY = timedelta(days=1)

# What other programs that run beside the tests, and their environment, may lead to.
OF_THE_MACHINE = {
    "core-dumps",
    "foreign-secret-in-environment",
    "memory-not-locked",
    "processes-hidden",
    "swap-in-use",
    "unknown-port",
}


def ids(site: Site, later: timedelta = timedelta(0)) -> set[str]:
    findings = examine_site(site, (), now=site.stores.vault.clock.now() + later)
    return {finding.id for finding in findings} - OF_THE_MACHINE - {"backup-not-tried", "advisories-not-asked"}


def known(site: Site, *purposes: Purpose, confirmed: bool = True, photo: bytes | None = None) -> None:
    somebody = person()
    site.stores.people.add(somebody)
    if purposes:
        site.stores.consents.add(consent(somebody.id, frozenset(purposes)))
    site.stores.enrolments.add(enrolment(somebody.id, face(1), confirmed=confirmed), photo)


def test_a_site_in_use_has_nothing(site: Site) -> None:
    known(site, Purpose.VERIFY, Purpose.PHOTO, photo=b"photo")
    tokens_of(site).create("desk", frozenset({Scope.VERIFY}))
    site.profiles.identify(b"assessment", "DPIA", "notice", site.stores.vault.clock.now())
    assert ids(site) == set()
    assert critical(examine_before_serving(site)) == ()


def test_templates_without_a_consent_in_force(site: Site) -> None:
    known(site)
    known(site, Purpose.PASSAGES)
    (found,) = (one for one in examine_site(site, ()) if one.id == "templates-without-consent")
    assert "2 people" in found.what
    assert found.severity is Severity.WARNING


def test_a_photo_without_a_consent_to_it(site: Site) -> None:
    known(site, Purpose.VERIFY, photo=b"photo")
    assert ids(site) == {"photos-without-consent"}


def test_an_enrolment_that_nobody_confirms(site: Site) -> None:
    known(site, Purpose.VERIFY, confirmed=False)
    assert "pending-too-long" not in ids(site)
    assert "pending-too-long" in ids(site, LONGEST_PENDING + DAY)


def test_identification_without_its_assessment(site: Site) -> None:
    site.profiles.identify(b"assessment", "DPIA", "notice", site.stores.vault.clock.now())
    held = site.stores.grants.get("setting", "profile")
    site.stores.grants.put("setting", "profile", {**held, "assessment_sha256": None})
    assert "identification-without-assessment" in {one.id for one in critical(examine_before_serving(site))}


def test_tokens(site: Site) -> None:
    tokens = tokens_of(site)
    tokens.create("all", TOKEN_SCOPES)
    tokens.create("scores", frozenset({Scope.VERIFY, Scope.SCORES_READ}))
    tokens.create("short", frozenset({Scope.CROWD_READ}), DAY)
    assert ids(site) == {"token-over-scoped", "token-reads-scores", "token-expires-soon"}
    tokens.revoke("all")
    tokens.revoke("short")
    assert ids(site) == {"token-reads-scores"}


def test_more_people_than_the_threshold_was_measured_for(folder: Path, site: Site) -> None:
    known(site, Purpose.VERIFY)
    site.profiles.identify(b"assessment", "DPIA", "notice", site.stores.vault.clock.now())
    site.doorkeeper.add("Entrance")
    site.doorkeeper.add("Back door", "nobody")
    with closing(sqlite3.connect(folder / DATA)) as connection, connection:
        (row,) = connection.execute("SELECT person, record FROM enrolments").fetchall()
        connection.executemany(
            "INSERT INTO enrolments (id, person, generation, record) VALUES (?, ?, 1, ?)",
            ((f"copy {number}", *row) for number in range(10_000)),
        )
    (found,) = [one for one in examine_before_serving(site) if one.id == "threshold-unfit"]
    assert found.severity is Severity.WARNING
    assert "Entrance" in found.what
    assert "badge" in found.what
    site.doorkeeper.search_at(site.actor, "Entrance", 0.02)
    assert "threshold-unfit" not in {one.id for one in examine_before_serving(site)}
    site.search_policy.allow(site.actor, 0.001)
    assert "threshold-unfit" not in {one.id for one in examine_before_serving(site)}
    site.doorkeeper.search_at(site.actor, "Entrance", None)
    assert "threshold-unfit" in {one.id for one in examine_before_serving(site)}
    site.profiles.verify()
    assert "threshold-unfit" not in {one.id for one in examine_before_serving(site)}


def test_a_clock_set_back(site: Site) -> None:
    assert "clock-behind" in ids(site, -DAY)
    ahead = site.stores.vault.clock.now() + DAY
    assert critical(examine_before_serving(site)) == ()
    site.stores.trail.record(AuditEntry(OFFICER, "record read", None, ahead))
    assert "clock-behind" in {one.id for one in critical(examine_before_serving(site))}


def test_a_token_that_nobody_uses(site: Site) -> None:
    tokens = tokens_of(site)
    for name, scope in (("used", Scope.VERIFY), ("idle", Scope.VERIFY), ("crowd", Scope.CROWD_READ)):
        tokens.create(name, frozenset({scope}))
    site.stores.trail.record(AuditEntry(Actor("token used", "x"), "verified", None, site.stores.vault.clock.now()))
    assert "token-unused" not in ids(site, 29 * DAY)
    (found,) = (
        one for one in examine_site(site, (), now=site.stores.vault.clock.now() + 31 * DAY) if one.id == "token-unused"
    )
    assert "idle" in found.what


def test_a_changed_model(folder: Path, site: Site) -> None:
    (folder / MODELS / SFACE.file).write_bytes(b"another")
    assert "model-changed" in ids(site)


def test_missing_models_of_a_check_that_is_asked_for(folder: Path, site: Site) -> None:
    assert "model-missing" not in ids(site)
    site.doorkeeper.add("Main door", attack_checks=frozenset({PadMethod.PASSIVE}))
    assert "model-missing" in ids(site)
    for card in PAD_PAIRS[1]:
        (folder / MODELS / card.file).write_bytes(b"another")
    assert "model-changed" in ids(site)


def test_a_forged_grant(folder: Path, site: Site) -> None:
    with closing(sqlite3.connect(folder / DATA)) as connection, connection:
        connection.execute("INSERT INTO grants VALUES ('token', 'x', 1, '{}', zeroblob(32))")
    assert "record-tampered" in {one.id for one in critical(examine_before_serving(site))}


@pytest.mark.parametrize("table", ["persons", "enrolments"])
def test_a_record_that_does_not_open_is_counted(folder: Path, site: Site, table: str) -> None:
    known(site, Purpose.VERIFY)
    with closing(sqlite3.connect(folder / DATA)) as connection, connection:
        connection.execute(f"UPDATE {table} SET record = zeroblob(285)")
    assert ("record-unreadable" in ids(site)) is (table == "enrolments")
