"""The command line. ``main`` is the program; every group is loaded only when it is used."""

import signal
import sys

from doorward.cli.program import run


def main() -> None:
    """The ``doorward`` program: runs ``sys.argv`` and exits with Doorward's exit status.

    SIGTERM ends a command as Ctrl-C does, so that what it holds is stored first.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(run(sys.argv[1:]))
