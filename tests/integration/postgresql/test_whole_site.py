"""A site whose data is in PostgreSQL, from its making to its restored backup, by the commands that people type."""

from pathlib import Path

import pytest

from commands_in_process import run_json
from doorward.settings.site import FILE_NAME, read_site_settings
from known_people import consent, enrolment, face, person
from postgresql_server import empty_database, execute, url_of
from throwaway_sites import opened_stores

OF_THE_MACHINE = {"secret-in-environment", "secret-on-command-line", "open-port", "secret-in-unit"}
"""Findings about other processes, which are none of the site's."""

NAME = "Zephyrine Quillfeather"


def test_a_site_is_made_used_examined_and_restored(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def done(*arguments: object, status: int = 0) -> dict[str, object]:
        returned, answer = run_json(capsys, *arguments)
        assert returned == status, answer
        return answer

    site, key = tmp_path / "site", tmp_path / "site.key"
    with empty_database() as url:
        done("init", site, "--key-file", key, "--store", url)
        assert not (site / "data.db").exists()
        ada = done("people", "add", NAME, "--badge", "7", "--site", site)["id"]
        bo = done("people", "add", "Bo", "--site", site)["id"]
        done("people", "erase", bo, "--yes", "--receipt", tmp_path / "receipt.json", "--site", site)
        assert done("audit", "verify", "--site", site)["ok"] is True
        _, examined = run_json(capsys, "doctor", "--deep", "--site", site)
        found = {one["id"]: one["severity"] for one in examined["findings"]}
        assert found["postgresql-role-too-strong"] == "warning"
        assert {name for name, severity in found.items() if severity == "critical"} <= OF_THE_MACHINE
        identity = tmp_path / "identity"
        recipient = done("backup", "identity", identity)["recipient"]
        (tmp_path / "keys").mkdir()
        data = done("backup", "create", "--to", tmp_path / "data.age", "--recipient", recipient, "--site", site)
        keys = done("backup", "keys", "--to", tmp_path / "keys", "--site", site)
        restored = tmp_path / "restored"
        arguments = (data["file"], "--identity", identity, "--keys", keys["file"], "--to", restored)
        done("backup", "restore", *arguments)
        assert read_site_settings(restored).store is None
        assert [one["id"] for one in done("people", "list", "--site", restored)["people"]] == [ada]


def test_the_role_that_serves_may_do_no_more_than_that(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    site, key = tmp_path / "site", tmp_path / "site.key"
    with empty_database() as url:
        run_json(capsys, "init", site, "--key-file", key, "--store", url)
        database = url.partition("?")[0].rpartition("/")[2]
        execute("DROP ROLE IF EXISTS test_server", "CREATE ROLE test_server LOGIN")
        try:
            _, answer = run_json(capsys, "store", "grant", "test_server", "--site", site)
            assert "test_server@" in answer["url"]
            _, answer = run_json(capsys, "doctor", "--site", site)
            assert "postgresql-role-too-strong" not in [one["id"] for one in answer["findings"]]
            stores = opened_stores(site)
            ada = person()
            stores.people.add(ada)
            stores.consents.add(consent(ada.id))
            stores.enrolments.add(enrolment(ada.id, face(1)), photo=b"photo")
            stores.people.erase(ada.id)
            assert stores.people.count() == 0
            for forbidden in (
                "DELETE FROM audit_entries",
                "UPDATE audit_entries SET tag = ''",
                "DELETE FROM erasure_ledger",
                "DROP TABLE persons",
                "CREATE TABLE mine ()",
                "TRUNCATE persons",
            ):
                with pytest.raises(Exception, match="role may not"), stores.data.begin() as connection:
                    connection.exec_driver_sql(forbidden)
            stores.close()
        finally:
            execute("DROP OWNED BY test_server", database=database)
            execute("DROP ROLE test_server")


@pytest.mark.parametrize(
    "url",
    [
        "mysql://root@localhost/site",
        "postgresql://doorward:secret@localhost/site",
        "postgresql://doorward@db.example.org/site?sslmode=require",
        "postgresql://doorward@db.example.org,127.0.0.1/site?sslmode=disable",
        "postgresql://doorward@/site",
        "postgresql://doorward@localhost/site?service=other",
        "postgresql://doorward@localhost/site?options=-csearch_path%3Devil",
        "not a url",
    ],
)
def test_an_address_that_is_not_safe_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str], url: str) -> None:
    status, answer = run_json(capsys, "init", tmp_path / "site", "--key-file", tmp_path / "key", "--store", url)
    assert (status, answer["error"]["code"]) == (2, "wrong_use")
    assert "secret" not in str(answer).replace("nothing secret", "")
    assert not (tmp_path / "site").exists()
    assert not (tmp_path / "key").exists()


def test_a_server_that_is_away_is_told_in_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    url = f"postgresql://doorward@/site?host={tmp_path}"
    status, answer = run_json(capsys, "init", tmp_path / "site", "--key-file", tmp_path / "key", "--store", url)
    assert (status, answer["error"]["code"]) == (1, "storage_error")
    assert "cannot be reached" in answer["error"]["message"]
    status, answer = run_json(
        capsys, "init", tmp_path / "site", "--key-file", tmp_path / "key", "--store", url_of("no")
    )
    assert "no such database" in answer["error"]["message"]


def test_an_emptied_database_is_not_opened_as_a_site_without_anybody(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site = tmp_path / "site"
    with empty_database() as url, empty_database() as other:
        run_json(capsys, "init", site, "--key-file", tmp_path / "key", "--store", url)
        settings = site / FILE_NAME
        settings.write_text(settings.read_text().replace(url, other))
        status, answer = run_json(capsys, "people", "list", "--site", site)
        assert (status, answer["error"]["code"]) == (1, "site_missing")
