"""Letters and digits that look alike, and the one repair that is allowed.

A position that holds only digits and was read as a letter is a known place of error. Were it the only error in its
field, the check digit would leave exactly one digit for it, since 7, 3 and 1 have inverses modulo 10.
Nothing else is repaired: swapping characters where no place of error is known makes wrong numbers pass.
"""

from collections.abc import Mapping

DIGITS_OF_LETTERS: Mapping[str, str] = {
    "O": "0", "Q": "0", "D": "0", "U": "0", "I": "1", "L": "1", "Z": "2", "A": "4", "S": "5", "G": "6", "T": "7",
    "B": "8",
}  # fmt: skip
_LETTERS_OF_DIGITS = str.maketrans("0124568", "OIZASGB")


def as_letters(text: str) -> str:
    """``text`` of a field that holds letters only, with look-alike digits read as their letters."""
    return text.translate(_LETTERS_OF_DIGITS)
