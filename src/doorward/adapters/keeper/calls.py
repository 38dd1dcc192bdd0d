"""What is asked of the key keeper, and where it listens."""

from enum import IntEnum

NAME = "keeper.sock"


class Call(IntEnum):
    """``ENCRYPT`` and ``DECRYPT``: version, then nonce, text, associated data of each message.

    ``STORE``: a call of the key store in CBOR; the answer in CBOR, of which ``MORE`` gives what is left.
    """

    HELLO = 1
    ENCRYPT = 2
    DECRYPT = 3
    RENEW = 4
    REWRAP = 5
    RETIRE = 6
    STAGE = 7
    ADOPT = 8
    STORE = 9
    MORE = 10
