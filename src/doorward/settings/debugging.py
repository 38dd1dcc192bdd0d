"""What the environment asks of a process that meets a fault of its own."""

import os


def traceback_wanted() -> bool:
    """True when ``DOORWARD_TRACEBACK`` is 1."""
    return os.environ.get("DOORWARD_TRACEBACK") == "1"
