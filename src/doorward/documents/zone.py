"""The machine-readable zone: lines of text judged by their check digits."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from doorward.documents.check_digits import ALPHABET, FILLER, check_digit
from doorward.documents.dates import birth_date, expiry_date, is_a_day
from doorward.documents.layouts import LAYOUTS, LENGTHS, Format, Layout, Span, digit_of
from doorward.documents.names import DocumentName
from doorward.documents.twins import DIGITS_OF_LETTERS, as_letters

_FAULT = 2
"""How many fillers at the end of the line of names a reader may miss or add: no check digit covers them."""
_SHORTEST_PART = 12


@dataclass(frozen=True, slots=True)
class MachineReadableZone:
    """What a confirmed zone says, without sex and nationality, which are never read.

    ``birth_date`` is None where the zone leaves it open. ``repaired``: one letter was read where only a digit may
    stand, and its look-alike digit is the one that the check digit allows. What is personal stays out of ``repr``.
    """

    format: Format
    document_code: str
    issuing_state: str
    number: str = field(repr=False)
    name: DocumentName = field(repr=False)
    birth_date: date | None = field(repr=False)
    expiry_date: date = field(repr=False)
    repaired: bool
    birth_digits: str = field(repr=False)

    def is_expired(self, today: date) -> bool:
        """Whether ``today`` lies behind the last day of validity."""
        return today > self.expiry_date

    def with_printed_years(self, years: Collection[int], today: date) -> "MachineReadableZone":
        """The same, its century of birth chosen by the years that the page prints."""
        return replace(self, birth_date=birth_date(self.birth_digits, today, years))


@dataclass(frozen=True, slots=True)
class Judgement:
    """``check_digits``: whether each holds, by the name of its field. ``zone``: None unless all of them hold."""

    format: Format
    check_digits: Mapping[str, bool]
    zone: MachineReadableZone | None = field(repr=False)


def find_zone(lines: Sequence[str], today: date) -> Judgement | None:
    """The best judgement on any run of ``lines``, given from top to bottom; None where none has a zone's form."""
    judged = [
        judgement
        for layout in LAYOUTS
        for start in range(len(lines) - layout.lines + 1)
        if (judgement := judge(lines[start : start + layout.lines], layout, today)) is not None
    ]
    return max(judged, key=lambda one: (one.zone is not None, _share(one)), default=None)


def looks_like_part(text: str) -> bool:
    """Whether ``text`` could be a line of a zone, or half of one: by its length, or by its fillers."""
    nearly = any(abs(len(text) - length) <= _FAULT for length in LENGTHS)
    return nearly or (len(text) >= _SHORTEST_PART and FILLER * 2 in text)


def judge(lines: Sequence[str], layout: Layout, today: date) -> Judgement | None:
    """``lines`` read as ``layout`` has them; None where their number, lengths, signs or first letter do not fit."""
    fitted = _fitted(lines, layout)
    if fitted is None or as_letters(fitted[0][0]) not in layout.codes:
        return None
    places = _digit_places(layout)
    strange = [(line, place) for line, place in places if fitted[line][place] in DIGITS_OF_LETTERS]
    if len(strange) == 1:
        fitted = _swapped(fitted, *strange[0])
    digits = _check_digits(fitted, layout)
    zone = _zone(fitted, layout, today, repaired=bool(strange)) if all(digits.values()) else None
    return Judgement(layout.format, digits, zone)


def _share(judgement: Judgement) -> float:
    return sum(judgement.check_digits.values()) / len(judgement.check_digits)


def _fitted(lines: Sequence[str], layout: Layout) -> list[str] | None:
    """``lines`` at their full length, or None."""
    fitted = []
    for place, line in enumerate(lines):
        text = line
        if place == layout.name.line and abs(len(line) - layout.length) <= _FAULT and line.endswith(FILLER * 2):
            text = line.rstrip(FILLER).ljust(layout.length, FILLER)
        if len(text) != layout.length or set(text) - {*ALPHABET, FILLER}:
            return None
        fitted.append(text)
    return fitted if len(fitted) == layout.lines else None


def _digit_places(layout: Layout) -> list[tuple[int, int]]:
    """Positions that hold nothing but digits."""
    fields = [layout.birth, layout.expiry, *(digit_of(one) for one in (layout.number, layout.birth, layout.expiry))]
    if layout.composite_digit:
        fields.append(layout.composite_digit)
    return [(span.line, place) for span in fields for place in span.places]


def _swapped(lines: list[str], line: int, place: int) -> list[str]:
    text = lines[line]
    swapped = text[:place] + DIGITS_OF_LETTERS[text[place]] + text[place + 1 :]
    return [*lines[:line], swapped, *lines[line + 1 :]]


def _check_digits(lines: Sequence[str], layout: Layout) -> dict[str, bool]:
    number, digit = _number(lines, layout)
    found = {"number": digit == check_digit(number)}
    for name, span in (("birth_date", layout.birth), ("expiry_date", layout.expiry)):
        found[name] = digit_of(span).of(lines) == check_digit(span.of(lines))
    if layout.personal:
        personal, digit = layout.personal.of(lines), digit_of(layout.personal).of(lines)
        found["personal_number"] = digit == check_digit(personal) or (digit == FILLER and not personal.strip(FILLER))
    if layout.composite_digit:
        covered = "".join(span.of(lines) for span in layout.composite)
        found["composite"] = layout.composite_digit.of(lines) == check_digit(covered)
    return found


def _number(lines: Sequence[str], layout: Layout) -> tuple[str, str]:
    """The document number and its digit; a long number goes on in the optional field (Doc 9303-5, note j)."""
    first, digit = layout.number.of(lines), digit_of(layout.number).of(lines)
    rest = layout.continued.of(lines).partition(FILLER)[0] if layout.continued else ""
    if digit == FILLER and len(rest) > 1 and FILLER not in first:
        return first + rest[:-1], rest[-1]
    return first, digit


def _zone(lines: Sequence[str], layout: Layout, today: date, *, repaired: bool) -> MachineReadableZone | None:
    """The fields, or None where they hold what no document has: no number, no such day."""
    number = _number(lines, layout)[0].rstrip(FILLER)
    birth, expiry = layout.birth.of(lines), expiry_date(layout.expiry.of(lines), today)
    if not number or expiry is None or not _is_birth(birth):
        return None
    return MachineReadableZone(
        format=layout.format,
        document_code=_letters(layout.code, lines),
        issuing_state=_letters(layout.state, lines),
        number=number,
        name=DocumentName.of_zone(layout.name.of(lines)),
        birth_date=birth_date(birth, today),
        expiry_date=expiry,
        repaired=repaired,
        birth_digits=birth,
    )


def _is_birth(digits: str) -> bool:
    """A day, or one of which the month or the day is left open by fillers."""
    year, month, day = digits[:2], digits[2:4], digits[4:]
    if FILLER in digits:
        return all(part == FILLER * 2 or part.isdecimal() for part in (year, month, day))
    return digits.isdecimal() and is_a_day(digits)


def _letters(span: Span, lines: Sequence[str]) -> str:
    return as_letters(span.of(lines)).rstrip(FILLER)
