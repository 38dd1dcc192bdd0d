"""The machine-readable zone found on a page, in looks that differ: the first one quick, further ones within a cap."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from math import inf
from time import monotonic

import cv2
import numpy as np

from doorward.adapters.documents.line_groups import zone_groups
from doorward.adapters.documents.text_detector import TextDetector
from doorward.adapters.documents.text_lines import TextLine, laid_straight, turned_upright
from doorward.adapters.documents.text_recogniser import TextRecogniser
from doorward.documents.check_digits import FILLER
from doorward.documents.zone import Judgement, find_zone, looks_like_part
from doorward.kernel.image import Image

_MOST_GROUPS = 6
_SINGLE_LINES = 3
_TELLING = 2
_TELLING_LINES = 9


# How further looks differ from the first: in contrast evened out, for shadows and patterns under the text, and in how
# much of a line's surroundings is taken in.
_FURTHER = tuple((evened, grow) for evened in (False, True) for grow in (1.12, 0.9, 1.25, 1.0) if evened or grow != 1.0)


@dataclass(frozen=True, slots=True, eq=False)
class ZoneFinding:
    """``judgement``: None where no lines have a zone's form. ``signs``: how many fillers were read in lines that look
    like a zone's; None where no line does.

    ``page``: as it was read, turned. ``lines``: the zone's, each in its reading direction on that page. ``others``: the
    page's other lines. ``looks``: how many there were; ``first_seconds`` and ``seconds``: how long the first and all of
    them took.
    """

    page: Image = field(repr=False)
    judgement: Judgement | None = field(default=None, repr=False)
    signs: int | None = None
    lines: tuple[TextLine, ...] = ()
    others: tuple[TextLine, ...] = ()
    looks: int = 0
    first_seconds: float = 0.0
    seconds: float = 0.0

    @property
    def is_confirmed(self) -> bool:
        return self.judgement is not None and self.judgement.zone is not None

    @property
    def worth(self) -> tuple[bool, int, int]:
        """Of two findings the better one has the greater worth."""
        held = sum(self.judgement.check_digits.values()) if self.judgement else -1
        return self.is_confirmed, held, -1 if self.signs is None else self.signs


class ZoneReader:
    """Finds lines with ``detector`` and reads with ``recogniser`` those that could be a zone's.

    No further look begins later than ``further_seconds`` after the first one ended.
    """

    def __init__(self, detector: TextDetector, recogniser: TextRecogniser, further_seconds: float) -> None:
        self._detector = detector
        self._recogniser = recogniser
        self._further_seconds = further_seconds

    def read(self, page: Image, today: date) -> ZoneFinding:
        """What the best look saw; the first that confirms a zone is the last."""
        began = monotonic()
        page, found = self._level(page)
        best = self._search(page, found, today, inf)
        first_seconds, looks = monotonic() - began, 1
        ends = began + first_seconds + self._further_seconds
        if best.judgement is None and best.lines:
            straight = turned_upright(page, best.lines[0].angle)
            lines = self._detector.detect(straight)
            seen = self._search(straight, lines, today, ends)
            looks += 1
            if seen.worth > best.worth:
                best, found = seen, lines
        for evened, grow in _FURTHER:
            if best.judgement is None or best.is_confirmed or monotonic() > ends:
                break
            picture = _evened(best.page) if evened else best.page
            seen = replace(self._read(picture, best.lines, grow, today), page=best.page)
            best = max(best, seen, key=lambda finding: finding.worth)
            looks += 1
        others = tuple(line for line in found if not _is_among(line, best.lines))
        took = monotonic() - began
        return replace(best, others=others, looks=looks, first_seconds=first_seconds, seconds=took)

    def _level(self, page: Image) -> tuple[Image, list[TextLine]]:
        """``page`` with its lines, turned by a quarter where they run up or down: upright ones break into pieces."""
        found = self._detector.detect(page)
        if not _is_sideways(found):
            return page, found
        page = np.ascontiguousarray(np.rot90(page))
        return page, self._detector.detect(page)

    def _search(self, page: Image, found: Sequence[TextLine], today: date, ends: float) -> ZoneFinding:
        """The best of the groups among ``found``, up to the first that holds a confirmed zone, or until ``ends``."""
        groups = [*zone_groups(found)[:_MOST_GROUPS], *((line,) for line in found[:_SINGLE_LINES])]
        best = ZoneFinding(page)
        for lines in (lines for group in groups for lines in (group, _turned(group))):
            if best.is_confirmed or monotonic() > ends:
                break
            best = max(best, self._read(page, lines, 1.0, today), key=lambda finding: finding.worth)
        return best

    def _read(self, page: Image, lines: tuple[TextLine, ...], grow: float, today: date) -> ZoneFinding:
        """All of ``lines``, unless neither of the first two looks like a zone's."""
        texts: list[str] = []
        for line in lines:
            texts.append(self._recogniser.read_zone(laid_straight(page, line, grow)))
            if len(texts) == min(_TELLING, len(lines)) and not any(map(looks_like_part, texts)):
                return ZoneFinding(page)
        signs = sum(text.count(FILLER) for text in texts if looks_like_part(text))
        return ZoneFinding(page, find_zone(texts, today), signs, lines)


def _is_sideways(lines: Sequence[TextLine]) -> bool:
    upright = [abs(line.angle) > 45 for line in lines[:_TELLING_LINES]]
    return sum(upright) * 2 > len(upright)


def _turned(lines: tuple[TextLine, ...]) -> tuple[TextLine, ...]:
    return tuple(line.turned() for line in reversed(lines))


def _evened(page: Image) -> Image:
    grey = cv2.createCLAHE(clipLimit=3.0, tileGridSize=(8, 8)).apply(cv2.cvtColor(page, cv2.COLOR_BGR2GRAY))
    return cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR).astype(np.uint8, copy=False)


def _is_among(line: TextLine, lines: Sequence[TextLine]) -> bool:
    """Whether ``line`` lies on one of ``lines``."""
    return any(
        abs(along) < other.length / 2 and abs(below) < other.height / 2
        for other in lines
        for along, below in [line.seen_from(other)]
    )
