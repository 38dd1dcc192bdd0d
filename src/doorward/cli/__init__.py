"""The command line. ``main`` is the program; every group is loaded only when it is used."""

import sys

from doorward.cli.program import run


def main() -> None:
    """The ``doorward`` program: runs ``sys.argv`` and exits with Doorward's exit status."""
    sys.exit(run(sys.argv[1:]))
