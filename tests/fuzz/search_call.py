"""Target: what is asked of the process that holds the gallery, and what it answers."""

from doorward.adapters.galleries.face.search_calls import (
    Call,
    SearchCall,
    count_from,
    found_fields,
    found_from,
    search_call,
)
from doorward.adapters.unix_socket.messages import MessageInvalid, decoded, encoded
from doorward.errors import WrongUse
from doorward.identify.ports import Candidate
from doorward.kernel.ids import PersonId
from known_people import face

LENGTH = 4
ASKED = SearchCall("north", face(1), "everyone", 5)
FOUND = found_fields([Candidate(PersonId("00000000-0000-4000-8000-000000000000"), 0.5)])
SEEDS = tuple(encoded(word, fields)[LENGTH:] for word, fields in ((Call.SEARCH, ASKED.fields()), (Call.SEARCH, FOUND)))


def decode(data: bytes) -> SearchCall:
    try:
        return search_call(decoded(data)[1])
    except MessageInvalid:
        raise WrongUse("This is no search; the connection ends.") from None


def fuzz(data: bytes) -> None:
    """As a search, and as the answers to one and to a count."""
    for read in (search_call, found_from, count_from):
        try:
            read(decoded(data)[1])
        except MessageInvalid:
            continue
