"""Target: the lines of an identity document's machine-readable zone, as a reader may have read them."""

from datetime import date

from doorward.documents.zone import Judgement, find_zone, looks_like_part
from doorward.errors import DoorwardError

# ICAO Doc 9303, part 4, appendix B, and part 5, appendix B.
SEEDS = (
    b"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10",
    b"I<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1204159UTO<<<<<<<<<<<6\nERIKSSON<<ANNA<MARIA<<<<<<<<<<",
)


def decode(data: bytes) -> Judgement | None:
    lines = data.decode(errors="replace").split("\n")[:12]
    for line in lines:
        looks_like_part(line)
    return find_zone(lines, date(2026, 11, 23))


def fuzz(data: bytes) -> None:
    try:
        decode(data)
    except DoorwardError:
        return
