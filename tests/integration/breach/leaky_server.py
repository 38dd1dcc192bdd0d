"""A server that does all that Doorward must not: what it gives away, the breach test has to find."""

import logging
import os
import resource
import sys
from pathlib import Path

from doorward.settings.site import KeyFileSettings, read_site_settings


def expose_itself(site: Path) -> None:
    """Start again with the site's key in the environment and on the command line."""
    settings = read_site_settings(site)
    assert isinstance(settings.key, KeyFileSettings)
    key = settings.key.path.read_text().strip()
    os.execve(sys.executable, [sys.executable, __file__, *sys.argv[1:], key], {**os.environ, "LEAKED": key})


def serve_carelessly() -> None:
    from doorward.cli import main
    from doorward.http import guard
    from doorward.wiring.face import site

    def write_line(scope: dict[str, object], status: object, seconds: float) -> None:
        logging.getLogger("doorward.http").info("%s", scope["path"])

    def allow_core_dumps() -> None:
        hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
        resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))

    guard._write_line = write_line
    site.harden_process = allow_core_dumps
    sys.argv = sys.argv[:-1]
    main()


if __name__ == "__main__":
    if "LEAKED" in os.environ:
        serve_carelessly()
    else:
        expose_itself(Path(sys.argv[sys.argv.index("--site") + 1]))
