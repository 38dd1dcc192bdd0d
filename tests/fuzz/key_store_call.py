"""Target: what another machine asks the key keeper of the key store."""

from collections.abc import Sequence
from typing import Any

from doorward.adapters.keeper.store_calls import call_of, encoded
from doorward.adapters.unix_socket.messages import MessageInvalid
from doorward.errors import WrongUse
from doorward.kernel.ids import PersonId
from doorward.vault.ports import IndexEntry, KeyCount, KeyKind, KeyState, WrappedKey
from known_people import NOON

KEY = WrappedKey("id", KeyKind.PERSON, "ada", 1, NOON, b"w" * 60)
SEEDS = (
    encoded(["add_many", [[KEY], [IndexEntry("badge", b"tag", PersonId("ada"))]]]),
    encoded(["destroy_many", [[KeyKind.PERSON, KeyKind.TRAIL], ["ada"]]]),
    encoded(["mark_older", [KEY, KeyState.RETIRED]]),
    encoded(["inventory", [KeyCount(KeyKind.PERSON, 1, KeyState.ACTIVE, 1, 2, NOON), None]]),
)


def decode(data: bytes) -> tuple[str, Sequence[Any]]:
    try:
        return call_of(data)
    except MessageInvalid:
        raise WrongUse("This is no call of a key store; the connection ends.") from None


def fuzz(data: bytes) -> None:
    try:
        name, arguments = call_of(data)
    except MessageInvalid:
        return
    assert call_of(encoded([name, list(arguments)])) == (name, arguments)
