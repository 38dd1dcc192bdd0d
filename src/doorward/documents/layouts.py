"""Where each field stands in the five formats, after ICAO Doc 9303 parts 4 (TD3), 5 (TD1), 6 (TD2) and 7 (visas).

Sex and nationality have no place here: nothing of Doorward reads them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TypeVar

T = TypeVar("T")


class Format(StrEnum):
    """TD1: cards of three lines; TD2: larger cards; TD3: passports; MRVA and MRVB: visas of their two sizes."""

    TD1 = "TD1"
    TD2 = "TD2"
    TD3 = "TD3"
    MRVA = "MRVA"
    MRVB = "MRVB"


@dataclass(frozen=True, slots=True)
class Span:
    """Characters ``start`` to ``end`` (without it) of ``line``, all from 0."""

    line: int
    start: int
    end: int

    def of(self, lines: Sequence[str]) -> str:
        return lines[self.line][self.start : self.end]

    def of_all(self, lines: Sequence[Sequence[T]]) -> Sequence[T]:
        """What belongs to the characters, of lines of something else than text."""
        return lines[self.line][self.start : self.end]

    @property
    def places(self) -> range:
        return range(self.start, self.end)


@dataclass(frozen=True, slots=True)
class Layout:
    """``codes``: the letters a document of this format may begin with.

    ``continued``: where a long document number goes on. ``personal``: an optional field with a digit of its own, which
    may be ``<`` where the field is empty. ``optional``: by line, where the fields end that every document of the format
    fills in. ``composite``: what the last digit covers, in order.
    """

    format: Format
    lines: int
    length: int
    codes: str
    name: Span
    number: Span
    birth: Span
    expiry: Span
    optional: Mapping[int, int]
    continued: Span | None = None
    personal: Span | None = None
    composite: tuple[Span, ...] = ()
    composite_digit: Span | None = None

    code = Span(0, 0, 2)
    state = Span(0, 2, 5)


def digit_of(field: Span) -> Span:
    """Where the check digit of ``field`` stands: behind it."""
    return Span(field.line, field.end, field.end + 1)


def _second_line(start: int, end: int) -> Span:
    return Span(1, start, end)


_NUMBER, _BIRTH, _EXPIRY = _second_line(0, 9), _second_line(13, 19), _second_line(21, 27)
_OPTIONAL: Mapping[int, int] = MappingProxyType({1: 28})

TD1 = Layout(
    Format.TD1,
    lines=3,
    length=30,
    codes="ACI",
    name=Span(2, 0, 30),
    number=Span(0, 5, 14),
    birth=_second_line(0, 6),
    expiry=_second_line(8, 14),
    optional=MappingProxyType({0: 15, 1: 18}),
    continued=Span(0, 15, 30),
    composite=(Span(0, 5, 30), _second_line(0, 7), _second_line(8, 15), _second_line(18, 29)),
    composite_digit=_second_line(29, 30),
)
TD2 = Layout(
    Format.TD2,
    lines=2,
    length=36,
    codes="ACI",
    name=Span(0, 5, 36),
    number=_NUMBER,
    birth=_BIRTH,
    expiry=_EXPIRY,
    optional=_OPTIONAL,
    continued=_second_line(28, 35),
    composite=(_second_line(0, 10), _second_line(13, 20), _second_line(21, 35)),
    composite_digit=_second_line(35, 36),
)
TD3 = Layout(
    Format.TD3,
    lines=2,
    length=44,
    codes="P",
    name=Span(0, 5, 44),
    number=_NUMBER,
    birth=_BIRTH,
    expiry=_EXPIRY,
    optional=_OPTIONAL,
    personal=_second_line(28, 42),
    composite=(_second_line(0, 10), _second_line(13, 20), _second_line(21, 43)),
    composite_digit=_second_line(43, 44),
)
MRVA = Layout(
    Format.MRVA,
    lines=2,
    length=44,
    codes="V",
    name=Span(0, 5, 44),
    number=_NUMBER,
    birth=_BIRTH,
    expiry=_EXPIRY,
    optional=_OPTIONAL,
)
MRVB = Layout(
    Format.MRVB,
    lines=2,
    length=36,
    codes="V",
    name=Span(0, 5, 36),
    number=_NUMBER,
    birth=_BIRTH,
    expiry=_EXPIRY,
    optional=_OPTIONAL,
)

LAYOUTS = (TD1, TD2, TD3, MRVA, MRVB)
LENGTHS = frozenset(layout.length for layout in LAYOUTS)
