"""Lines that could be the lines of one zone: level with each other, of one length, one below the other."""

from collections.abc import Sequence
from dataclasses import replace

from doorward.adapters.documents.text_lines import TextLine

_WIDEST = 8
"""How many lines may begin a group: a zone's lines are among the longest of a page."""
_PARALLEL = 6.0
_ALIGNED = 0.06
"""How far the ends of two lines may lie apart, of their length."""
_NEIGHBOURS = (0.6, 5.0)
"""Distance of the outermost lines, in heights of one."""
_SHORTEST_PIECE = 3.0
_MOST_LINES = 4


def zone_groups(lines: Sequence[TextLine]) -> list[tuple[TextLine, ...]]:
    """Groups of ``lines`` (longest first), the likeliest first, each from top to bottom as it is read.

    First those of whole lines, then those in which a piece that begins where the others do counts as a whole line: the
    fillers behind it may have been overlooked.
    """
    longest = lines[:_WIDEST]
    whole = {first: [line for line in lines if _has_its_ends(line, first)] for first in longest}
    groups = [_ordered([first, *others], first) for first, others in whole.items() if others]
    for first, others in whole.items():
        pieces = _pieces_beside(lines, [first, *others], first)
        if pieces:
            groups.append(_ordered([first, *others, *pieces], first))
    return list(dict.fromkeys(groups))


def _ordered(group: list[TextLine], first: TextLine) -> tuple[TextLine, ...]:
    nearest = sorted(group, key=lambda line: abs(line.seen_from(first)[1]))[:_MOST_LINES]
    return tuple(sorted(nearest, key=lambda line: line.seen_from(first)[1]))


def _pieces_beside(lines: Sequence[TextLine], group: list[TextLine], first: TextLine) -> list[TextLine]:
    """Pieces of lines where ``group`` has none yet, made as long as ``first``."""
    taken = [line.seen_from(first)[1] for line in group]
    found: list[TextLine] = []
    for piece in lines:
        below = piece.seen_from(first)[1]
        if _begins_beside(piece, first) and all(abs(below - other) > first.height / 2 for other in taken):
            found.append(_as_long_as(first, piece))
            taken.append(below)
    return found


def _is_level(line: TextLine, other: TextLine) -> bool:
    tilt = abs((line.angle - other.angle + 90) % 180 - 90)
    return tilt <= _PARALLEL and 0.5 <= line.height / other.height <= 2.0


def _is_near(below: float, other: TextLine) -> bool:
    return _NEIGHBOURS[0] * other.height <= abs(below) <= _NEIGHBOURS[1] * other.height


def _has_its_ends(line: TextLine, other: TextLine) -> bool:
    aside, below = line.seen_from(other)
    longer = abs(line.length - other.length) / 2
    aligned = abs(aside) + longer <= _ALIGNED * other.length
    return line != other and aligned and _is_near(below, other) and _is_level(line, other)


def _begins_beside(piece: TextLine, other: TextLine) -> bool:
    """At either end, for which of them is the beginning is not known yet."""
    aside, below = piece.seen_from(other)
    long_enough = _SHORTEST_PIECE * other.height <= piece.length < other.length
    at_an_end = abs(abs(aside) + piece.length / 2 - other.length / 2) <= _ALIGNED * other.length
    return long_enough and at_an_end and _is_near(below, other) and _is_level(piece, other)


def _as_long_as(other: TextLine, piece: TextLine) -> TextLine:
    _, below = piece.seen_from(other)
    x, y = other.centre + other.down * below
    return replace(other, x=float(x), y=float(y), height=min(piece.height, other.height))
