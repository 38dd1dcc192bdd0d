"""Claims at a checkpoint: badge numbers as a reader types them, one a line."""

from collections import deque
from collections.abc import Iterable, Iterator
from threading import Thread
from typing import Protocol

from doorward.adapters.credentials.text import is_credential, octets_of
from doorward.kernel.image import Frame
from doorward.people.person import Identifier
from doorward.verify.claim import Number, Shown


class CheckpointClaims(Protocol):
    """How people at a checkpoint say who they are, each before their face is looked at."""

    @property
    def waiting(self) -> bool:
        """Whether somebody has said it, and was not decided upon."""
        ...

    @property
    def ask(self) -> str:
        """What to tell whoever stands there while nothing waits."""
        ...

    def take(self) -> str | None:
        """The claim for the decision that is made now: a badge number or the text of a credential's code."""
        ...

    def watching(self, frames: Iterator[Frame]) -> Iterator[Frame]:
        """``frames`` as they are, each looked at before it goes on."""
        ...

    def see_face(self, seconds: float, *, is_there: bool) -> None:
        """Told of every frame that was judged."""
        ...


class Claims:
    """Badge numbers that wait for their holder's face. Lines are read in the background, as a reader sends them."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._waiting: deque[str] = deque(maxlen=100)
        self._reader = Thread(target=self._read, args=(lines,), daemon=True)
        self._reader.start()

    @property
    def waiting(self) -> bool:
        return bool(self._waiting)

    def take(self) -> str | None:
        """The oldest badge number shown and not yet used; ``None`` when nobody showed one."""
        return self._waiting.popleft() if self._waiting else None

    @property
    def ask(self) -> str:
        return "Show your badge first."

    def watching(self, frames: Iterator[Frame]) -> Iterator[Frame]:
        return frames

    def see_face(self, seconds: float, *, is_there: bool) -> None:
        """A reader's line waits for the next face, whoever stands there."""

    def clear(self) -> None:
        """Forget what waits: it was shown for somebody who has gone."""
        self._waiting.clear()

    def _read(self, lines: Iterable[str]) -> None:
        for line in lines:
            if badge := line.strip():
                self._waiting.append(badge)


def shown_by(line: str | None) -> Shown:
    """What a reader sent: the text of a credential's code, else a badge number."""
    if line is None:
        return Shown()
    if is_credential(line):
        return Shown(credential=octets_of(line))
    return Shown(number=Number(Identifier.BADGE, line))
