"""The machine-readable zone: lines of text judged by their check digits."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from doorward.documents.check_digits import ALPHABET, FILLER, check_digit
from doorward.documents.dates import birth_date, expiry_date, is_a_day
from doorward.documents.doubts import Rivals, other_fields, printed_among
from doorward.documents.layouts import LAYOUTS, LENGTHS, Format, Layout, Span, digit_of
from doorward.documents.names import DocumentName
from doorward.documents.states import stated
from doorward.documents.twins import DIGITS_OF_LETTERS, as_letters

_FAULT = 2
"""How many fillers of a row of them a reader may miss or add. Those behind a name and in an optional field stand behind
everything that has a check digit of its own, and are worth nothing in the composite one."""
_ROW = re.compile(f"{FILLER}{{4,}}")
_SHORTEST_PART = 12


@dataclass(frozen=True, slots=True)
class MachineReadableZone:
    """What a confirmed zone says, without sex and nationality, which are never read.

    ``birth_date`` is None where the zone leaves it open. ``repaired``: one letter was read where only a digit may
    stand, and its look-alike digit is the one that the check digit allows; or a state was read that there is not, in
    place of the one that it nearly was read as. What is personal stays out of ``repr``.
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
    """``check_digits``: whether each holds, by the name of its field. ``zone``: None unless all of them hold.

    ``other_numbers``: what the document's number may be as well, for the reader nearly read it, and its check digit
    holds too. ``in_doubt``: the other fields of which that is so. ``mendable``: zones in which all digits hold, after
    one sign of the number was exchanged for another that the reader nearly read.
    """

    format: Format
    check_digits: Mapping[str, bool]
    zone: MachineReadableZone | None = field(repr=False)
    other_numbers: tuple[str, ...] = field(default=(), repr=False)
    in_doubt: frozenset[str] = frozenset()
    mendable: tuple[MachineReadableZone, ...] = field(default=(), repr=False)

    @property
    def is_in_doubt(self) -> bool:
        """Whether the fields that the check digits confirm may say something else as well."""
        return self.zone is not None and bool(self.other_numbers or self.in_doubt)

    def settled_by(self, texts: Sequence[str]) -> "Judgement":
        """The same after what the page prints in ``texts`` was heard, its zone there where nothing is in doubt.

        A number is settled when the page prints it and none of the others. One that the zone does not hold is taken
        from the page where it is the only one there of those that one exchanged sign gives.
        """
        candidates = (self.zone,) if self.zone else self.mendable
        printed = printed_among([*(one.number for one in candidates), *self.other_numbers], texts)
        believed = [one for one in candidates if printed == [one.number] and not self.in_doubt]
        return replace(self, zone=believed[0] if len(believed) == 1 else None)


def find_zone(lines: Sequence[str], today: date, rivals: Sequence[Sequence[Rivals]] | None = None) -> Judgement | None:
    """The best judgement on any run of ``lines``, given from top to bottom; None where none has a zone's form.

    ``rivals``: of every sign of every line, where they are known.
    """
    doubts = rivals if rivals is not None else [[{}] * len(line) for line in lines]
    judged = [
        judgement
        for layout in LAYOUTS
        for start in range(len(lines) - layout.lines + 1)
        for end in [start + layout.lines]
        if (judgement := judge(lines[start:end], layout, today, doubts[start:end])) is not None
    ]
    return max(judged, key=lambda one: (one.zone is not None, _share(one)), default=None)


def looks_like_part(text: str) -> bool:
    """Whether ``text`` could be a line of a zone, or half of one: by its length, or by its fillers."""
    nearly = any(abs(len(text) - length) <= _FAULT for length in LENGTHS)
    return nearly or (len(text) >= _SHORTEST_PART and (FILLER * 2 in text or text.count(FILLER) >= _FAULT))


def judge(lines: Sequence[str], layout: Layout, today: date, rivals: Sequence[Sequence[Rivals]]) -> Judgement | None:
    """``lines`` read as ``layout`` has them; None where their number, lengths, signs or first letter do not fit."""
    fitted = _fitted(lines, layout)
    if fitted is None or as_letters(fitted[0][0]) not in layout.codes:
        return None
    places = _digit_places(layout)
    strange = [(line, place) for line, place in places if fitted[line][place] in DIGITS_OF_LETTERS]
    if len(strange) == 1:
        (line, place) = strange[0]
        fitted = _with(fitted, line, place, DIGITS_OF_LETTERS[fitted[line][place]])
    digits = _check_digits(fitted, layout)
    states = stated(layout.state.of(fitted), layout.state.of_all(rivals))
    repaired = bool(strange) or states[0] != _letters(layout.state, fitted)
    doubted = frozenset(_doubted_dates(fitted, layout, rivals) | ({"issuing_state"} if len(states) > 1 else set()))
    if all(digits.values()):
        zone = _zone(fitted, layout, today, states[0], repaired=repaired)
        others = _other_numbers(fitted, layout, rivals) if zone else ()
        return Judgement(layout.format, digits, zone, others, doubted)
    numbers_fault = {name for name, holds in digits.items() if not holds} <= {"number", "composite"}
    mended: Iterable[list[str]] = ()
    if numbers_fault and not repaired and not doubted:
        mended = _one_sign_exchanged(fitted, layout, rivals)
    zones = (_zone(lines, layout, today, states[0], repaired=True) for lines in mended)
    return Judgement(layout.format, digits, None, mendable=tuple(zone for zone in zones if zone))


def _share(judgement: Judgement) -> float:
    return sum(judgement.check_digits.values()) / len(judgement.check_digits)


def _fitted(lines: Sequence[str], layout: Layout) -> list[str] | None:
    """``lines`` at their full length, or None."""
    fitted = []
    for place, line in enumerate(lines):
        text = line
        if place == layout.name.line and abs(len(line) - layout.length) <= _FAULT and line.endswith(FILLER * 2):
            text = line.rstrip(FILLER).ljust(layout.length, FILLER)
        elif place in layout.optional and 0 < abs(len(line) - layout.length) <= _FAULT:
            text = _refilled(line, layout.optional[place], layout.length)
        if len(text) != layout.length or set(text) - {*ALPHABET, FILLER}:
            return None
        fitted.append(text)
    return fitted if len(fitted) == layout.lines else None


def _refilled(line: str, start: int, length: int) -> str:
    """``line`` with the longest row of fillers from ``start`` on made so long that the line has ``length``."""
    row = max(_ROW.finditer(line, start), key=lambda one: one.end() - one.start(), default=None)
    if row is None:
        return line
    return line[: row.start()] + FILLER * (length - len(line) + row.end() - row.start()) + line[row.end() :]


def _digit_places(layout: Layout) -> list[tuple[int, int]]:
    """Positions that hold nothing but digits."""
    fields = [layout.birth, layout.expiry, *(digit_of(one) for one in (layout.number, layout.birth, layout.expiry))]
    if layout.composite_digit:
        fields.append(layout.composite_digit)
    return [(span.line, place) for span in fields for place in span.places]


def _with(lines: list[str], line: int, place: int, sign: str) -> list[str]:
    text = lines[line]
    return [*lines[:line], text[:place] + sign + text[place + 1 :], *lines[line + 1 :]]


def _check_digits(lines: Sequence[str], layout: Layout) -> dict[str, bool]:
    number, digit = (_text(spans, lines) for spans in _number(lines, layout))
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


def _number(lines: Sequence[str], layout: Layout) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
    """Where the document number and its digit stand; a long one goes on in the optional field (Doc 9303-5, note j)."""
    first, digit = layout.number, digit_of(layout.number)
    if layout.continued and digit.of(lines) == FILLER and FILLER not in first.of(lines):
        length = len(layout.continued.of(lines).partition(FILLER)[0])
        if length > 1:
            line, start = layout.continued.line, layout.continued.start
            last = start + length - 1
            return (first, Span(line, start, last)), (Span(line, last, last + 1),)
    return (first,), (digit,)


def _text(spans: Sequence[Span], lines: Sequence[str]) -> str:
    return "".join(span.of(lines) for span in spans)


def _one_sign_exchanged(lines: list[str], layout: Layout, rivals: Sequence[Sequence[Rivals]]) -> Iterator[list[str]]:
    """``lines`` with one sign of the number exchanged for a rival, wherever all check digits hold then."""
    for span in _number(lines, layout)[0]:
        for place, others in zip(span.places, span.of_all(rivals), strict=True):
            for other in others:
                exchanged = _with(lines, span.line, place, other)
                if all(_check_digits(exchanged, layout).values()):
                    yield exchanged


def _other_numbers(lines: Sequence[str], layout: Layout, rivals: Sequence[Sequence[Rivals]]) -> tuple[str, ...]:
    number, digit = _number(lines, layout)
    doubts = [doubt for span in (*number, *digit) for doubt in span.of_all(rivals)]
    others = other_fields(_text(number, lines), _text(digit, lines), doubts)
    return tuple(other.rstrip(FILLER) for other in others)


def _doubted_dates(lines: Sequence[str], layout: Layout, rivals: Sequence[Sequence[Rivals]]) -> set[str]:
    """Those that may be another day as well."""
    fields = {"birth_date": layout.birth, "expiry_date": layout.expiry}
    return {
        name
        for name, span in fields.items()
        for other in other_fields(
            span.of(lines), digit_of(span).of(lines), [*span.of_all(rivals), *digit_of(span).of_all(rivals)]
        )
        if _is_birth(other)
    }


def _zone(
    lines: Sequence[str], layout: Layout, today: date, state: str, *, repaired: bool
) -> MachineReadableZone | None:
    """The fields, or None where they hold what no document has: no number, no such day."""
    number = _text(_number(lines, layout)[0], lines).rstrip(FILLER)
    birth, expiry = layout.birth.of(lines), expiry_date(layout.expiry.of(lines), today)
    if not number or expiry is None or not _is_birth(birth):
        return None
    return MachineReadableZone(
        format=layout.format,
        document_code=_letters(layout.code, lines),
        issuing_state=state,
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
