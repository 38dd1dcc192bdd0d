"""The file that people travel in: frames, each sealed by itself, so that writing and reading go on where they were cut.

    mark, id of the move (16 bytes), then frames: kind, number, position, length, SHA-256, sealed octets

Kind, number and position are in the clear, in the hash, and in what the sealed octets are bound to. The hash finds
what was cut short or damaged before anything is opened; whose the file is says the signature inside.
"""

import fcntl
import os
import stat
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self
from uuid import UUID

from doorward.adapters.backup.files import UNFINISHED
from doorward.adapters.durability import sync_folder
from doorward.errors import Conflict, ExportUnusable, NotFound, SiteInUse, StorageError, WrongUse
from doorward.kernel.ids import MoveId

SUFFIX = ".moving"
LARGEST_FRAME = 256 * 2**20
"""Bytes: one person with ten photos of the largest size."""

_ANY_VERSION = b"doorward moving "
_MARK = _ANY_VERSION + b"1\n"
_HEAD = struct.Struct(">BIQI32s")
_BOUND = struct.Struct(">BIQ")
_PREAMBLE = len(_MARK) + 16

_NO_EXPORT = "That is no file of people from another site, or its beginning is damaged; name another."
_OTHER_VERSION = "Another version of Doorward wrote this file; let both sites run the same version, and move anew."
_CUT = "This file of people is cut short or damaged; get it again from the other site, and run this again."


class FrameKind(IntEnum):
    """What is in a frame: who sends what to whom; people; that this was all."""

    HEADER = 1
    PEOPLE = 2
    END = 3


@dataclass(frozen=True, slots=True)
class Frame:
    """``number`` counts from 0; ``position``: how many of those who were asked for are seen to up to its end."""

    kind: FrameKind
    number: int
    position: int

    def context(self, move: MoveId) -> bytes:
        """What the sealed octets are bound to."""
        return _MARK + UUID(move).bytes + _BOUND.pack(self.kind, self.number, self.position)

    def head(self, move: MoveId, sealed: bytes) -> bytes:
        digest = sha256(self.context(move) + sealed).digest()
        return _HEAD.pack(self.kind, self.number, self.position, len(sealed), digest)


@dataclass(frozen=True, slots=True)
class _Placed:
    frame: Frame
    begin: int
    """Of the sealed octets."""
    length: int

    @property
    def end(self) -> int:
        return self.begin + self.length


class MovingReader:
    """Reads the file at a path. Each frame's hash is checked before its octets are given."""

    def __init__(self, path: Path) -> None:
        """``NotFound`` or ``WrongUse`` when there is no such file, ``ExportUnusable`` when it is of another kind."""
        self._file = _opened(path)
        try:
            self.move = _preamble(self._file)
        except BaseException:
            self._file.close()
            raise
        self.size = os.fstat(self._file.fileno()).st_size

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def check(self) -> int:
        """Read all of it; how many frames there are. ``ExportUnusable`` unless it is whole."""
        last: Frame | None = None
        for frame, _ in self.frames():
            last = frame
        if last is None or last.kind is not FrameKind.END:
            raise ExportUnusable(_CUT)
        return last.number + 1

    def frames(self) -> Iterator[tuple[Frame, bytes]]:
        """Every frame with its sealed octets; ``ExportUnusable`` at the first that is damaged or out of place."""
        at = _PREAMBLE
        before: Frame | None = None
        while at < self.size:
            found = _frame_at(self._file, at, self.move)
            if found is None or not _follows(before, found[0].frame):
                raise ExportUnusable(_CUT)
            placed, sealed = found
            yield placed.frame, sealed
            at, before = placed.end, placed.frame

    @property
    def done(self) -> int:
        """Bytes up to where reading has come."""
        return self._file.tell()


class MovingWriter:
    """Writes the file of one move, frame by frame; it has its name once it is whole.

    What an earlier attempt wrote whole stays: ``last`` is its last frame. Nobody else writes it meanwhile.
    """

    def __init__(self, path: Path, move: MoveId) -> None:
        """``Conflict`` when ``path`` exists or another move is being written there, ``StorageError`` when it cannot be.

        ``SiteInUse`` while another process writes it.
        """
        if path.exists():
            raise Conflict(f"{path} exists already; name another file, so that nothing is overwritten.")
        self.path = path
        self._move = move
        self._unfinished = unfinished_of(path)
        try:
            flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
            self._file = os.fdopen(os.open(self._unfinished, flags, 0o600), "r+b", buffering=0)
        except OSError as error:
            raise _unwritable(path, error) from None
        try:
            self.last = self._taken_up()
        except OSError as error:
            self._file.close()
            raise _unwritable(path, error) from None
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def next_frame(self, kind: FrameKind, position: int) -> Frame:
        return Frame(kind, 0 if self.last is None else self.last.number + 1, position)

    def append(self, frame: Frame, sealed: bytes) -> None:
        """The frame is on the disk when this returns. ``StorageError`` leaves those before it."""
        try:
            _write_all(self._file, frame.head(self._move, sealed) + sealed)
            os.fsync(self._file.fileno())
        except OSError as error:
            raise _unwritable(self.path, error) from None
        self.last = frame

    def finish(self) -> None:
        """Give the file its name."""
        try:
            os.replace(self._unfinished, self.path)
        except OSError as error:
            raise _unwritable(self.path, error) from None
        sync_folder(self.path.parent)

    def _taken_up(self) -> Frame | None:
        try:
            fcntl.flock(self._file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SiteInUse("Another process writes this file; let it finish first.") from None
        size = os.fstat(self._file.fileno()).st_size
        preamble = _MARK + UUID(self._move).bytes
        if size < len(preamble):
            self._file.truncate(0)
            self._file.seek(0)
            _write_all(self._file, preamble)
            return None
        self._file.seek(0)
        if self._file.read(len(preamble)) != preamble:
            raise Conflict(f"{self._unfinished} is the beginning of something else; remove it, or name another file.")
        last, end = None, len(preamble)
        while (found := _frame_at(self._file, end, self._move)) and _follows(last, found[0].frame):
            last, end = found[0].frame, found[0].end
        self._file.truncate(end)
        self._file.seek(end)
        return last


def unfinished_of(path: Path) -> Path:
    """Where a file that is to be at ``path`` lies until it is whole."""
    return path.with_name(f".{path.name}{UNFINISHED}")


def is_moving_file(path: Path) -> bool:
    """Whether the file at ``path`` begins as one of people from another site does."""
    try:
        with _opened(path) as file:
            return file.read(len(_ANY_VERSION)) == _ANY_VERSION
    except (NotFound, WrongUse, OSError):
        return False


def _opened(path: Path) -> BinaryIO:
    try:
        file = os.fdopen(os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK), "rb")
    except FileNotFoundError:
        raise NotFound(f"There is no file {path}; name the one that the other site wrote.") from None
    except OSError as error:
        raise WrongUse(f"{path} cannot be read ({error.strerror}); name the file that the other site wrote.") from None
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise WrongUse(f"{path} is no file; name the one that the other site wrote.")
    return file


def _preamble(file: BinaryIO) -> MoveId:
    read = file.read(_PREAMBLE)
    if not read.startswith(_ANY_VERSION):
        raise ExportUnusable(_NO_EXPORT)
    if not read.startswith(_MARK):
        raise ExportUnusable(_OTHER_VERSION)
    if len(read) < _PREAMBLE:
        raise ExportUnusable(_CUT)
    return MoveId(str(UUID(bytes=read[len(_MARK) :])))


def _frame_at(file: BinaryIO, at: int, move: MoveId) -> tuple[_Placed, bytes] | None:
    """The frame that begins there; ``None`` when there is none, or not all of it as it was written."""
    file.seek(at)
    head = _read(file, _HEAD.size)
    if len(head) < _HEAD.size:
        return None
    kind, number, position, length, digest = _HEAD.unpack(head)
    if kind not in tuple(FrameKind) or length > LARGEST_FRAME:
        return None
    frame, sealed = Frame(FrameKind(kind), number, position), _read(file, length)
    if len(sealed) < length or sha256(frame.context(move) + sealed).digest() != digest:
        return None
    return _Placed(frame, at + _HEAD.size, length), sealed


def _read(file: BinaryIO, length: int) -> bytes:
    parts = []
    while length and (part := file.read(length)):
        parts.append(part)
        length -= len(part)
    return b"".join(parts)


def _follows(before: Frame | None, frame: Frame) -> bool:
    if before is None:
        return frame.kind is FrameKind.HEADER and frame.number == 0
    goes_on = frame.number == before.number + 1 and frame.position >= before.position
    return goes_on and frame.kind is not FrameKind.HEADER and before.kind is not FrameKind.END


def _write_all(file: BinaryIO, octets: bytes) -> None:
    left = memoryview(octets)
    while left:
        left = left[file.write(left) :]


def _unwritable(path: Path, error: OSError) -> StorageError:
    return StorageError(
        f"{path} cannot be written ({error.strerror}); check the folder and free space, and run this again: what was "
        "written stays."
    )
