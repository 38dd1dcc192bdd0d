"""What else a field may say, when the reader nearly took its signs for others that the check digit allows as well.

A check digit sees one wrong sign, and misses two that outweigh each other: ``ZS`` and ``25`` are such a pair, and so
are ``BD`` and ``80``. Of what it lets pass the reader is therefore asked: how likely was the other sign at that place?
"""

from collections.abc import Iterable, Mapping, Sequence

from doorward.documents.check_digits import FILLER, check_digit

Rivals = Mapping[str, float]
"""The signs that a place may hold besides the one that was read, each with its likelihood over that one's."""

UNLIKELY = 5e-5
"""From here on, over what was read, another text casts doubt on it that has more letters in place of digits. A reader
takes a letter among digits for a digit more easily than the other way round: docs/figures.md, Documents, has what was
measured."""
UNUSUAL = 1e-3
"""The same for one that has a sign where none was read, so that the field goes on."""
RARE = 0.2
"""The same for any other."""

_MOST = 500
_SHORTEST_PRINTED = 6


def other_fields(field: str, digit: str, rivals: Sequence[Rivals]) -> tuple[str, ...]:
    """Texts that ``field`` may be as well, with ``digit`` or a rival of it behind.

    ``rivals``: of every sign of ``field``, and then of ``digit``.
    """
    return tuple(
        text[:-1]
        for text, share in combined(field + digit, rivals)
        if text[:-1] != field and text[-1] == check_digit(text[:-1]) and share >= _least(field + digit, text)
    )


def combined(read: str, rivals: Sequence[Rivals]) -> list[tuple[str, float]]:
    """The texts of the same length as ``read`` that it may be, itself among them, each with its likelihood over it.

    Only those from ``UNLIKELY`` on, and of very many the likeliest.
    """
    found = [("", 1.0)]
    for sign, others in zip(read, rivals, strict=True):
        longer = [
            (text + choice, share * likelihood)
            for text, share in found
            for choice, likelihood in ((sign, 1.0), *others.items())
            if share * likelihood >= UNLIKELY
        ]
        found = sorted(longer, key=lambda one: -one[1])[:_MOST]
    return found


def printed_among(numbers: Iterable[str], texts: Iterable[str]) -> list[str]:
    """Those of ``numbers`` that stand in ``texts``, wherever and however parted; none that is too short to tell."""
    printed = ["".join(sign for sign in text.upper() if sign.isalnum()) for text in texts]
    return [
        number for number in numbers if len(number) >= _SHORTEST_PRINTED and any(number in text for text in printed)
    ]


def _least(read: str, other: str) -> float:
    changed = [(before, after) for before, after in zip(read, other, strict=True) if before != after]
    letters = [after.isalpha() - before.isalpha() for before, after in changed if FILLER not in (before, after)]
    if sum(letters) > 0:
        return UNLIKELY
    return UNUSUAL if any(before == FILLER for before, _ in changed) else RARE
