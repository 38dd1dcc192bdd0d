"""What a process that sees people does to itself before it sees any."""

import ctypes
import resource
import sys

PR_SET_DUMPABLE = 4


def harden_process() -> None:
    """No core dumps, and on Linux no reading of this process's memory by others of the same user.

    ``PR_SET_DUMPABLE`` 0: prctl(2). It also hides /proc/self from other users' processes. Where the system has no
    such call, core dumps are off all the same.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
