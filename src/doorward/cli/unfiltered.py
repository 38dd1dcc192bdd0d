"""``python -m doorward.cli.unfiltered``: the program with every log record written, whatever level it has.

For the breach test alone: what no setting can switch on in the program itself is here at its worst.
"""

import logging
import sys

from doorward.cli import main

_HANDLER = logging.StreamHandler(sys.stderr)
_HANDLER.setFormatter(logging.Formatter("%(levelname)s %(name)s %(message)s"))


class UnfilteredLogger(logging.Logger):
    """Writes each record to standard error, levels and handlers of the program notwithstanding."""

    def isEnabledFor(self, level: int) -> bool:  # noqa: N802 - the library's name
        return True

    def callHandlers(self, record: logging.LogRecord) -> None:  # noqa: N802 - the library's name
        _HANDLER.handle(record)


if __name__ == "__main__":
    logging.setLoggerClass(UnfilteredLogger)
    main()
