"""Writes that are made durable together."""

from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import Engine, event

from doorward.adapters.stores.database import driver_rows, in_one_transaction, writing
from doorward.adapters.stores.sqlite import open_sqlite
from doorward.errors import StorageError

_ADD = "INSERT INTO grants (kind, id, generation, payload, mac) VALUES ('note', ?, 1, '{}', x'00')"
_ALL = "SELECT id FROM grants WHERE kind = ? ORDER BY id"


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_sqlite(tmp_path / "data.db", "doorward.adapters.stores.face.versions")
    yield engine
    engine.dispose()


def add(engine: Engine, name: str) -> None:
    with writing(engine) as connection:
        connection.exec_driver_sql(_ADD, (name,))


def names(engine: Engine) -> list[str]:
    return [name for (name,) in driver_rows(engine, _ALL, ("note",))]


def test_they_are_one_commit(engine: Engine) -> None:
    commits: list[object] = []
    event.listen(engine, "commit", commits.append)
    with in_one_transaction(engine):
        add(engine, "one")
        assert names(engine) == []
        add(engine, "two")
    assert names(engine) == ["one", "two"]
    assert len(commits) == 1
    add(engine, "three")
    assert len(commits) == 2


def test_none_stays_when_a_later_one_fails(engine: Engine) -> None:
    def cut_short() -> None:
        with in_one_transaction(engine):
            add(engine, "one")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        cut_short()
    assert names(engine) == []
    add(engine, "one")
    assert names(engine) == ["one"]


def test_another_thread_and_another_database_have_their_own(engine: Engine, tmp_path: Path) -> None:
    other = open_sqlite(tmp_path / "other.db", "doorward.adapters.stores.face.versions")
    beside = Thread(target=add, args=(engine, "beside"))
    with in_one_transaction(engine):
        add(engine, "here")
        add(other, "there")
        assert names(other) == ["there"]
        beside.start()
        beside.join(0.2)
        assert beside.is_alive(), "it waits for the write lock"
    beside.join()
    assert names(engine) == ["beside", "here"]
    other.dispose()


def test_what_the_driver_refuses_is_put_in_words(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="refused an operation"):
        driver_rows(engine, "SELECT nothing FROM nowhere", ())
    engine.dispose()
    (tmp_path / "data.db").write_bytes(b"no database" * 400)
    with pytest.raises(StorageError, match="damaged"):
        names(engine)
