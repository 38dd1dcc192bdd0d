"""Turns among the processes of a site, on each database."""

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from doorward.adapters.stores.turns import SiteTurns
from houses import real_site
from throwaway_sites import opened_stores

PATIENCE_S = 20


@pytest.fixture(params=["sqlite", "postgresql"])
def data(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Engine, Path]]:
    with real_site(request.param, tmp_path) as folder:
        stores = opened_stores(folder)
        yield stores.data, folder
        stores.close()


def test_one_has_a_turn_and_the_next_waits_for_it(data: tuple[Engine, Path]) -> None:
    ours, theirs = SiteTurns(*data), SiteTurns(*data)
    order: list[str] = []

    def wait() -> None:
        with theirs.next("serving"):
            order.append("theirs")

    waiting = threading.Thread(target=wait)
    with ours.next("serving"):
        waiting.start()
        with theirs.if_free("serving") as is_free:
            assert not is_free
        with theirs.if_free("housekeeping") as is_free:
            assert is_free
        order.append("ours")
    waiting.join(PATIENCE_S)
    assert order == ["ours", "theirs"]
    with ours.if_free("serving") as is_free:
        assert is_free


def test_a_turn_ends_with_a_failure(data: tuple[Engine, Path]) -> None:
    turns = SiteTurns(*data)
    with pytest.raises(ZeroDivisionError), turns.next("serving"):
        raise ZeroDivisionError
    with SiteTurns(*data).if_free("serving") as is_free:
        assert is_free


def test_a_turn_ends_with_its_process(data: tuple[Engine, Path]) -> None:
    engine, folder = data
    engine.dispose()  # no connection of this process goes into the other
    gate, begun = os.pipe()
    child = os.fork()
    if child == 0:
        with SiteTurns(engine, folder).next("serving"):
            os.write(begun, b"x")
            signal.pause()
    try:
        assert os.read(gate, 1) == b"x"
        with SiteTurns(engine, folder).if_free("serving") as is_free:
            assert not is_free
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    with SiteTurns(engine, folder).next("serving"):
        pass
    os.close(gate)
    os.close(begun)
