"""A throw-away house: a site in a temporary folder, its key beside it, its commands and its server."""

import json
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from doorward.errors import InternalError
from doorward.settings.environment import for_child

COMMAND_SECONDS = 120
SERVER_SECONDS = 30
SCOPES = ("people:read", "people:write", "verify", "identify", "passages:read", "crowd:read")


class House:
    """Runs the real commands as processes of their own, and speaks to the real server over TLS."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.site = folder / "site"
        self._environment = for_child(DOORWARD_SITE=str(self.site))

    def run(self, *arguments: str | Path) -> tuple[int, dict[str, object]]:
        """Exit status and JSON answer of ``doorward ARGUMENTS --json``."""
        done = subprocess.run(  # noqa: S603 - our own program, with arguments of our own
            [*_program(), *map(str, arguments), "--json"],
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            env=self._environment,
            check=False,
        )
        try:
            answer = json.loads(done.stdout)
        except ValueError:
            raise InternalError(f"`doorward {arguments[0]}` gave no answer; run it by itself to see why.") from None
        if not isinstance(answer, dict):
            raise InternalError(f"`doorward {arguments[0]}` gave an answer of another kind.")
        return done.returncode, answer

    def do(self, *arguments: str | Path) -> dict[str, object]:
        """The answer of a command that must succeed."""
        status, answer = self.run(*arguments)
        if status != 0:
            raise InternalError(f"`doorward {arguments[0]}` could not run: {answer.get('error', answer)}")
        return answer

    @contextmanager
    def server(self, token: str) -> Iterator[httpx.Client]:
        """``doorward serve`` on a free port of this machine, and a client that trusts its certificate alone."""
        command = [*_program(), "serve", "--port", "0", "--json"]
        with subprocess.Popen(  # noqa: S603 - our own program, with arguments of our own
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=self._environment
        ) as process:
            try:
                started = json.loads(process.stdout.readline() or "{}") if process.stdout else {}
                if "address" not in started:
                    raise InternalError("`doorward serve` did not start; run it by itself to see why.")
                with httpx.Client(
                    base_url=started["address"],
                    verify=ssl.create_default_context(cafile=str(self.site / "tls" / "site.crt")),
                    headers={"Authorization": f"Bearer {token}", "Doorward-Purpose": "demonstration"},
                    timeout=SERVER_SECONDS,
                    trust_env=False,
                ) as client:
                    yield client
            except httpx.HTTPError as error:
                raise InternalError(f"The demo's server did not answer as it should: {error}") from None
            finally:
                process.terminate()


@contextmanager
def throw_away_house() -> Iterator[House]:
    """A house that is gone when the ``with`` block ends."""
    with TemporaryDirectory(prefix="doorward-demo-") as folder:
        house = House(Path(folder))
        house.do("init", house.site, "--key-file", house.folder / "site.key")
        yield house


def _program() -> list[str]:
    return [sys.executable, "-m", "doorward"]
