"""Check digits of machine-readable zones, after ICAO Doc 9303-3, section 4.9.

A digit proves little: characters whose values are equal modulo 10 pass for each other. ``<``, 0, A, K and U are such a
class, and so are 6 and G, 8 and S, 1 and L.
"""

from itertools import cycle

FILLER = "<"
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_WEIGHTS = (7, 3, 1)


def check_digit(characters: str) -> str:
    """The digit that stands behind ``characters`` of A to Z, 0 to 9 and ``<``."""
    weighed = zip(characters, cycle(_WEIGHTS), strict=False)
    return str(sum(_value(character) * weight for character, weight in weighed) % 10)


def _value(character: str) -> int:
    return 0 if character == FILLER else ALPHABET.index(character)
