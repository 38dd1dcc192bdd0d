"""Every way for a thief to come by something is looked at: a leak planted in each is found, and named."""

import resource
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from commands_in_process import run_json
from doorward.vault.passphrase import CHEAPEST
from doorward.wiring.face.api import create
from doorward.wiring.face.breach import BreachOutcome, known_needles, run_breach_test
from doorward.wiring.face.opening import DATA, create_site

SECRET = "Grace Brewster Murray Hopper"
PASSPHRASE = "correct horse battery staple"
LEAKY = (sys.executable, str(Path(__file__).with_name("leaky_server.py")), "serve")
BROKEN = (sys.executable, "-c", """print('{"error": {"message": "The port is taken."}}')""")


@pytest.fixture(scope="module")
def leaked(tmp_path_factory: pytest.TempPathFactory) -> BreachOutcome:
    """A site with a name in its write-ahead log, and a server that keeps nothing to itself."""
    folder = tmp_path_factory.mktemp("leaked")
    with (
        create(folder / "site", key_file=folder / "key") as site,
        closing(sqlite3.connect(folder / "site" / DATA)) as careless,
    ):
        careless.execute("CREATE TABLE notes (note TEXT)")
        careless.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        careless.execute("INSERT INTO notes VALUES (?)", (SECRET,))
        careless.commit()
        return run_breach_test(site, LEAKY, further=known_needles(site, [SECRET], []))


def places(outcome: BreachOutcome, value: str) -> set[str]:
    return {finding.file for finding in outcome.found if finding.value.startswith(value)}


def test_a_name_in_a_write_ahead_log_is_found(leaked: BreachOutcome) -> None:
    assert f"{DATA}-wal" in places(leaked, "text 1")


def test_a_name_in_a_line_of_the_log_is_found(leaked: BreachOutcome) -> None:
    assert "log of the server" in places(leaked, "display name of canary")


def test_a_key_on_a_command_line_and_in_the_environment_is_found(leaked: BreachOutcome) -> None:
    found = places(leaked, "key of the served site")
    assert {place.partition(" of ")[0] for place in found} == {"command line", "environment"}


def test_a_core_dump_is_found_where_the_system_writes_one(leaked: BreachOutcome) -> None:
    allowed = resource.getrlimit(resource.RLIMIT_CORE)[1] != 0
    assert bool(places(leaked, "memory of a server")) == allowed


def test_the_made_up_people_stay_hidden_from_a_leaky_server_s_files(leaked: BreachOutcome) -> None:
    taken = {channel.name: channel for channel in leaked.channels}
    assert taken["crashed site"].files > 5
    assert taken["crashed site"].found == ()


def test_a_server_that_does_not_start_is_said_and_nothing_claimed_of_it(tmp_path: Path) -> None:
    with create(tmp_path / "site", key_file=tmp_path / "key") as site:
        outcome = run_breach_test(site, BROKEN)
    assert outcome.held
    assert "The port is taken." in {unseen.why for unseen in outcome.unseen}
    assert {"log", "crashed site", "core dump"}.isdisjoint(channel.name for channel in outcome.channels)


def test_further_paths_are_searched_for_the_passphrase_and_the_page_tells_of_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    create_site(tmp_path / "site", passphrase=PASSPHRASE, cost=CHEAPEST)
    (tmp_path / "passphrase").write_text(PASSPHRASE + "\n")
    (tmp_path / "backups").mkdir()
    (tmp_path / "backups" / "notes <of> the night").write_text(f"the passphrase is {PASSPHRASE}")
    status, outcome = run_json(
        capsys,
        "breach-test",
        tmp_path / "site",
        *("--passphrase-file", tmp_path / "passphrase", "--also", tmp_path / "backups"),
        *("--report", tmp_path / "page.html"),
    )
    assert status == 3
    assert {(one["value"], one["file"]) for one in outcome["found"]} == {
        ("passphrase of the site", f"{tmp_path / 'backups'}/notes <of> the night")
    }
    page = (tmp_path / "page.html").read_text()
    assert "notes &lt;of&gt; the night" in page
    assert "persons.record" in page
    assert PASSPHRASE not in page
    assert all(word not in page for word in ("<script", "src=", "href=", "url(", "http"))


def test_a_further_path_that_is_missing_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    create(tmp_path / "site", key_file=tmp_path / "key").close()
    status, outcome = run_json(capsys, "breach-test", tmp_path / "site", "--also", tmp_path / "nowhere")
    assert (status, outcome["error"]["code"]) == (2, "wrong_use")
