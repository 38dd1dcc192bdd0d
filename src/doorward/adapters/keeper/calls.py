"""What is asked of the key keeper, and where it listens."""

from enum import IntEnum

NAME = "keeper.sock"


class Call(IntEnum):
    """``ENCRYPT`` and ``DECRYPT``: version, then nonce, text, associated data of each message."""

    HELLO = 1
    ENCRYPT = 2
    DECRYPT = 3
    RENEW = 4
    REWRAP = 5
    RETIRE = 6
    STAGE = 7
    ADOPT = 8
