"""The machine-readable zone found on a page, in looks that differ: the first one quick, further ones within a cap."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from math import inf
from time import monotonic

import cv2
import numpy as np

from doorward.adapters.documents.line_groups import zone_groups
from doorward.adapters.documents.page_text import read_beside
from doorward.adapters.documents.straightening import laid_flat
from doorward.adapters.documents.text_detector import TextDetector
from doorward.adapters.documents.text_lines import TextLine, laid_straight
from doorward.adapters.documents.text_recogniser import TextRecogniser, ZoneText
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

    ``page``: as it was searched, turned. ``lines``: the zone's, each in its reading direction on that page. ``others``:
    the page's other lines, and ``texts`` what those say, where that was asked for. ``looks``: how many there were;
    ``first_seconds`` and ``seconds``: how long the first and all of them took.
    """

    page: Image = field(repr=False)
    judgement: Judgement | None = field(default=None, repr=False)
    signs: int | None = None
    lines: tuple[TextLine, ...] = ()
    others: tuple[TextLine, ...] = ()
    texts: tuple[str, ...] | None = field(default=None, repr=False)
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

    No further look begins later than ``further_seconds`` after the first one ended, and no line beside the zone is
    read later than ``text_seconds`` after the first of them.
    """

    def __init__(
        self, detector: TextDetector, recogniser: TextRecogniser, further_seconds: float, text_seconds: float
    ) -> None:
        self._detector = detector
        self._recogniser = recogniser
        self._further_seconds = further_seconds
        self._text_seconds = text_seconds

    def read(self, page: Image, today: date) -> ZoneFinding:
        """What the best look saw; the first that confirms a zone is the last.

        One whose check digits hold for something else as well is believed if the page prints what was read, and
        nothing of the rest; further looks do not take a doubt away.
        """
        began = monotonic()
        page, found = self._level(page)
        best = replace(self._search(page, found, today, inf), looks=1)
        first_seconds = monotonic() - began
        for seen in self._further_looks(best, today, monotonic() + self._further_seconds):
            best = max(best, seen, key=lambda finding: finding.worth)
            best = replace(best, looks=seen.looks)
            if best.is_confirmed:
                break
        best = replace(best, others=tuple(line for line in found if not _is_among(line, best.lines)))
        return replace(self._settled(best), first_seconds=first_seconds, seconds=monotonic() - began)

    def read_beside(self, finding: ZoneFinding) -> tuple[str, ...]:
        """What the page prints besides its zone, as far as there is time."""
        if finding.texts is not None:
            return finding.texts
        zone = finding.lines[0]
        return tuple(read_beside(finding.page, zone, finding.others, self._recogniser, self._text_seconds))

    def _settled(self, finding: ZoneFinding) -> ZoneFinding:
        """``finding`` after what the page prints beside its zone was asked, where anything is open."""
        judgement = finding.judgement
        if judgement is None or not (judgement.is_in_doubt or judgement.mendable):
            return finding
        texts = self.read_beside(finding)
        return replace(finding, judgement=judgement.settled_by(texts), texts=texts)

    def _further_looks(self, first: ZoneFinding, today: date, ends: float) -> Iterator[ZoneFinding]:
        """Looks that begin before ``ends``, at what the ``first`` took for a zone; none where it took nothing for one.

        The first of them sees its surroundings laid flat and larger, and finds the lines there anew.
        """
        if first.is_confirmed or not first.lines or monotonic() >= ends:
            return
        strip = laid_flat(first.page, first.lines)
        flat = self._search(strip.picture, self._detector.detect(strip.picture), today, ends)
        on_page = tuple(strip.on_page(line) for line in flat.lines) or first.lines
        looks = 2
        yield replace(flat, page=first.page, lines=on_page, looks=looks)
        best = max(first, flat, key=lambda finding: finding.worth)
        for evened, grow in _FURTHER:
            if monotonic() >= ends:
                return
            looks += 1
            picture = _evened(best.page) if evened else best.page
            seen = self._read(picture, best.lines, grow, today)
            yield replace(seen, page=first.page, lines=first.lines if best is first else on_page, looks=looks)

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
            if best.is_confirmed or monotonic() >= ends:
                break
            best = max(best, self._read(page, lines, 1.0, today), key=lambda finding: finding.worth)
        return best

    def _read(self, page: Image, lines: tuple[TextLine, ...], grow: float, today: date) -> ZoneFinding:
        """All of ``lines``, unless neither of the first two looks like a zone's."""
        read: list[ZoneText] = []
        for line in lines:
            read.append(self._recogniser.read_zone(laid_straight(page, line, grow)))
            if len(read) == min(_TELLING, len(lines)) and not any(looks_like_part(one.text) for one in read):
                return ZoneFinding(page)
        texts, rivals = [one.text for one in read], [one.rivals for one in read]
        signs = sum(text.count(FILLER) for text in texts if looks_like_part(text))
        return ZoneFinding(page, find_zone(texts, today, rivals), signs, lines)


def _is_sideways(lines: Sequence[TextLine]) -> bool:
    upright = [abs(line.angle) > 45 for line in lines[:_TELLING_LINES]]
    return sum(upright) * 2 > len(upright)


def _turned(lines: tuple[TextLine, ...]) -> tuple[TextLine, ...]:
    return tuple(line.turned() for line in reversed(lines))


def _evened(page: Image) -> Image:
    grey = cv2.createCLAHE(clipLimit=3.0, tileGridSize=(8, 8)).apply(cv2.cvtColor(page, cv2.COLOR_BGR2GRAY))
    return cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR).astype(np.uint8, copy=False)


def _is_among(line: TextLine, lines: Sequence[TextLine]) -> bool:
    """Whether ``line`` lies on one of ``lines``, or where it would go on: no page prints anything beside its zone."""
    return any(abs(line.seen_from(other)[1]) < other.height / 2 for other in lines)
