"""A list of people in a file, CSV or JSON Lines in UTF-8: a row a line, within limits; and the photos it names."""

import csv
import json
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from doorward.adapters.images import MAX_PHOTO_BYTES
from doorward.errors import NotFound, PhotoTooLarge, PhotoUnreadable, WrongUse

LARGEST_FILE = 256 * 2**20
LONGEST_LINE = 16 * 1024
"""Bytes. A line that is longer is refused and passed over."""
MOST_ROWS = 1_000_000

_NOT_TEXT = "The line is no text in UTF-8."
_NO_PHOTO = "The photo that the row names is no file that can be read."
_OUTSIDE = "A photo is named by a path below the list's own folder, with / and without .. in it."


@dataclass(frozen=True, slots=True)
class Row:
    """``number`` counts the file's lines from 1, as editors do; ``fields`` are ``None`` where ``fault`` says why.

    ``end``: bytes of the file up to the line's end.
    """

    number: int
    fields: dict[str, str] | None
    fault: str | None
    end: int


def rows_in(path: Path, columns: Sequence[str], required: Sequence[str]) -> Iterator[Row]:
    """The rows of the .csv or .jsonl file at ``path``; blank lines are none. Faults of one line are told in its row.

    ``NotFound``, or ``WrongUse`` when the file as a whole cannot be taken: too large, of another kind, or with a
    heading that lacks one of ``required`` or has what is not among ``columns``.
    """
    kind = path.suffix.lower()
    if kind not in (".csv", ".jsonl"):
        raise WrongUse(f"{path} is neither .csv nor .jsonl; name such a list.")
    with _opened(path) as file:
        lines = _lines(file)
        heading = _heading(lines, columns, required) if kind == ".csv" else None
        for rows, (number, line, end) in enumerate((one for one in lines if one[1] is None or one[1].strip()), 1):
            if rows > MOST_ROWS:
                raise WrongUse(f"The list has more than {MOST_ROWS:,} rows; divide it, and import its parts.")
            try:
                text = _text(line)
                fields = _object(text, columns) if heading is None else _record(text, heading)
            except WrongUse as fault:
                yield Row(number, None, fault.message, end)
            else:
                yield Row(number, fields, None, end)


def photo_beside(folder: Path, name: str) -> bytes:
    """The photo that a list in ``folder`` calls ``name``; ``WrongUse`` unless it lies below, links followed.

    ``PhotoUnreadable`` when there is none, ``PhotoTooLarge`` above ``MAX_PHOTO_BYTES``. No message has its name.
    """
    parts = PurePosixPath(name)
    if parts.is_absolute() or ".." in parts.parts or "\\" in name or ":" in name or not name.isprintable():
        raise WrongUse(_OUTSIDE)
    try:
        root = folder.resolve(strict=True)
        place = (root / name).resolve(strict=True)
        if not place.is_relative_to(root):
            raise WrongUse(_OUTSIDE)
        with os.fdopen(
            os.open(place, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)), "rb"
        ) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise PhotoUnreadable(_NO_PHOTO)
            octets = file.read(MAX_PHOTO_BYTES + 1)
    except (OSError, RuntimeError, ValueError):  # a loop of links is a RuntimeError
        raise PhotoUnreadable(_NO_PHOTO) from None
    if len(octets) > MAX_PHOTO_BYTES:
        raise PhotoTooLarge(f"The photo is larger than {MAX_PHOTO_BYTES // 2**20} MB; name a smaller one.")
    return octets


def _opened(path: Path) -> BinaryIO:
    try:
        file = os.fdopen(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), "rb")
    except FileNotFoundError:
        raise NotFound(f"There is no file {path}; name the list of people.") from None
    except OSError as error:
        raise WrongUse(f"{path} cannot be read ({error.strerror}); name the list of people.") from None
    about = os.fstat(file.fileno())
    if not stat.S_ISREG(about.st_mode) or about.st_size > LARGEST_FILE:
        with suppress(OSError):
            file.close()
        raise WrongUse(f"{path} is no file of at most {LARGEST_FILE // 2**20} MB; name the list, or a part of it.")
    return file


def _lines(file: BinaryIO) -> Iterator[tuple[int, bytes | None, int]]:
    """Number, bytes (``None`` of a line that is too long) and end of each line."""
    number, end = 0, 0
    while line := file.readline(LONGEST_LINE + 1):
        number, end, whole = number + 1, end + len(line), len(line) <= LONGEST_LINE
        while not line.endswith(b"\n") and (more := file.readline(LONGEST_LINE + 1)):
            line, end, whole = more, end + len(more), False
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")
        yield number, line if whole else None, end


def _text(line: bytes | None) -> str:
    if line is None:
        raise WrongUse(f"The line is longer than {LONGEST_LINE} bytes.")
    try:
        text = line.decode().rstrip("\r\n")
    except UnicodeDecodeError:
        raise WrongUse(_NOT_TEXT) from None
    if "\0" in text:
        raise WrongUse(_NOT_TEXT)
    return text


def _heading(
    lines: Iterator[tuple[int, bytes | None, int]], columns: Sequence[str], required: Sequence[str]
) -> list[str]:
    _, line, _ = next(lines, (1, b"", 0))
    names = [name.strip() for name in _cells(_text(line))]
    if len(set(names)) != len(names) or not set(required) <= set(names) or not set(names) <= set(columns):
        raise WrongUse(
            f"The list's first line names its columns, commas between them: {', '.join(required)} and what else there "
            f"is of {', '.join(name for name in columns if name not in required)}."
        )
    return names


def _cells(text: str) -> list[str]:
    """A line by itself: no field of a person's holds a line's end, and an open quote swallows no other row."""
    try:
        return next(csv.reader([text], strict=True), [])
    except csv.Error:
        raise WrongUse("The line is no CSV: its quotation marks do not close.") from None


def _record(text: str, heading: Sequence[str]) -> dict[str, str]:
    cells = _cells(text)
    if len(cells) != len(heading):
        raise WrongUse(f"The line has {len(cells)} fields and the list {len(heading)} columns.")
    return dict(zip(heading, cells, strict=True))


def _object(text: str, columns: Sequence[str]) -> dict[str, str]:
    try:
        pairs = json.loads(text, object_pairs_hook=_Pairs)
    except (ValueError, RecursionError):
        raise WrongUse("The line is no JSON.") from None
    if not isinstance(pairs, _Pairs) or len({name for name, _ in pairs}) != len(pairs):
        raise WrongUse("The line is no JSON object whose names differ.")
    if any(name not in columns for name, _ in pairs):
        raise WrongUse("The line has a name that a list of people does not have.")
    return {name: _value(value) for name, value in pairs if value is not None}


class _Pairs(list[tuple[str, Any]]):
    """A JSON object with its names as they stand."""


def _value(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list) and not isinstance(value, _Pairs) and all(isinstance(part, str) for part in value):
        if any(";" in part for part in value):
            raise WrongUse("A value in a list holds a ; and no group or purpose has one.")
        return ";".join(value)
    raise WrongUse("A value is neither text nor a list of texts.")
