"""An act in a process of its own that is cut short at a chosen call to the system."""

import os
import socket
from collections import Counter
from collections.abc import Callable

from doorward.bench.faults_supervision import Call, Point, submit, supervise


def supervised(act: Callable[[], None], point: Point) -> tuple[int, Counter[Call]]:
    """The exit status of a child that does ``act``, or -9 when it was killed, and its calls."""
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            child = os.fork()
            if child == 0:
                status = 9
                try:
                    submit(theirs)
                    act()
                    status = 0
                except OSError as error:
                    status = error.errno or 1
                finally:
                    os._exit(status)
        seen = supervise(ours, child, point)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), seen
