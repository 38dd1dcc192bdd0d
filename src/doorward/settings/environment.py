"""What the environment says. No secret is taken from it: a variable is seen by every child and crash report."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path


def site_folder() -> Path:
    """The site that commands use when none is named: ``DOORWARD_SITE``, else the current folder."""
    return Path(os.environ.get("DOORWARD_SITE", "."))


def site_at(named: Path | None) -> Path:
    """The whole path of the site's folder that was named, else of ``site_folder``."""
    return (named or site_folder()).expanduser().resolve()


def passphrase_file() -> Path | None:
    """A file whose first line is the passphrase: ``DOORWARD_PASSPHRASE_FILE``."""
    named = os.environ.get("DOORWARD_PASSPHRASE_FILE")
    return Path(named) if named else None


def traceback_wanted() -> bool:
    """True when ``DOORWARD_TRACEBACK`` is 1: a fault of Doorward's own then shows where it lies."""
    return os.environ.get("DOORWARD_TRACEBACK") == "1"


def bench_database() -> str | None:
    """Where `doorward bench identify` finds a PostgreSQL server with pgvector: ``DOORWARD_BENCH_DATABASE``.

    An address without a password; the server's own rules, or a password file, let it in.
    """
    return os.environ.get("DOORWARD_BENCH_DATABASE")


def variables() -> dict[str, str]:
    """Every variable with its value: for the doctor, which looks for secrets that should not stand there."""
    return dict(os.environ)


@contextmanager
def inherited(additions: Mapping[str, str]) -> Iterator[None]:
    """``additions`` stand in the environment for the length of a ``with`` block; processes begun in it inherit them."""
    before = {name: os.environ.get(name) for name in additions}
    os.environ.update(additions)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def for_child(**additions: str) -> dict[str, str]:
    """This process's environment with ``additions``, for a process started from it."""
    return {**os.environ, **additions}
