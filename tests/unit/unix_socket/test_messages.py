"""What goes over a socket of the keys' folder: any fields survive it, and nothing else is taken for a message."""

from hypothesis import given
from hypothesis import strategies as some

from doorward.adapters.unix_socket.messages import MessageInvalid, decoded, encoded

LENGTH = 4
WORDS = some.integers(0, 255)
FIELDS = some.lists(some.binary(max_size=200), max_size=20)


@given(WORDS, FIELDS)
def test_any_message_survives(word: int, fields: list[bytes]) -> None:
    sent = encoded(word, fields)
    assert int.from_bytes(sent[:LENGTH]) == len(sent) - LENGTH
    assert decoded(sent[LENGTH:]) == (word, tuple(fields))


@given(WORDS, FIELDS, some.data())
def test_what_is_cut_short_is_refused(word: int, fields: list[bytes], data: some.DataObject) -> None:
    body = encoded(word, fields)[LENGTH:]
    cut = body[: data.draw(some.integers(0, len(body) - 1))]
    try:
        decoded(cut)
    except MessageInvalid:
        return
    raise AssertionError("a message that was cut short was taken")


@given(some.binary(max_size=300))
def test_nothing_but_messages_and_refusals(octets: bytes) -> None:
    try:
        word, fields = decoded(octets)
    except MessageInvalid:
        return
    assert encoded(word, fields)[LENGTH:] == octets
