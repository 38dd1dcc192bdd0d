"""Names: as the zone spells them, and whether the page prints the same.

No check digit covers a name: ``ERIKSSDN`` passes as well as ``ERIKSSON``. What the page prints is the only witness.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field

from doorward.documents.check_digits import FILLER
from doorward.documents.twins import as_letters

# ICAO Doc 9303-3, section 6.A: letters that a zone spells with two.
_TRANSLITERATED = str.maketrans({
    "Ä": "AE", "Æ": "AE", "Å": "AA", "Ð": "D", "Đ": "D", "Ħ": "H", "İ": "I", "Ł": "L", "Ñ": "N", "Ö": "OE", "Ø": "OE",
    "Œ": "OE", "ẞ": "SS", "ß": "SS", "Þ": "TH", "Ü": "UE", "Ĳ": "IJ",
})  # fmt: skip
_NO_LETTERS = re.compile(r"[^A-Z]+")


@dataclass(frozen=True, slots=True)
class DocumentName:
    """The primary identifier (family names) and the secondary one (given names), as words between single spaces."""

    primary: str = field(repr=False)
    secondary: str = field(repr=False)

    @classmethod
    def of_zone(cls, text: str) -> "DocumentName":
        """The name in a zone's name field; look-alike digits are read as letters, for a name has no digits."""
        primary, _, secondary = as_letters(text).partition(FILLER * 2)
        return cls(_words(primary), _words(secondary))

    def is_printed_in(self, texts: Iterable[str]) -> bool:
        """Whether every word of the name stands as a word in ``texts``, as spelled or transliterated."""
        wanted = {*self.primary.split(), *self.secondary.split()}
        printed: set[str] = set()
        for text in texts:
            printed.update(_spellings(text))
        return bool(wanted) and wanted <= printed


def _words(text: str) -> str:
    return " ".join(part for part in text.split(FILLER) if part)


def _spellings(text: str) -> Iterable[str]:
    """The words of ``text``, its accents dropped, and spelled as a zone would."""
    upper = text.upper()
    for spelling in (upper, upper.translate(_TRANSLITERATED)):
        plain = unicodedata.normalize("NFD", spelling)
        bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
        # An apostrophe joins what it stands between, every other sign parts it (Doc 9303-3, section 4.6).
        yield from _NO_LETTERS.sub(" ", bare.replace("'", "").replace("’", "")).split()
