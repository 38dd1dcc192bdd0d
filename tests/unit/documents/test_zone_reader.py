"""How long a zone is looked at: the first look whole, and none after its time."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pytest

from doorward.adapters.documents import zone_reader
from doorward.adapters.documents.text_lines import TextLine
from doorward.adapters.documents.text_recogniser import ZoneText
from doorward.adapters.documents.zone_reader import ZoneReader
from doorward.wiring.face.documents import DEFAULT_PATIENCE
from zones import Fields, zone_of

PAGE = np.full((400, 900, 3), 200, np.uint8)
LINES = [TextLine(450, 300, 800, 20, 0), TextLine(450, 340, 800, 20, 0)]
TODAY = date(2026, 11, 23)
FIRST, SECOND = zone_of(Fields())
UNREADABLE = [FIRST, SECOND[:9] + str((int(SECOND[9]) + 1) % 10) + SECOND[10:]]


@dataclass
class Reader:
    """Detector, recogniser and clock in one: every line takes ``seconds``."""

    texts: list[str]
    seconds: float
    now: float = 0.0
    lines_read: int = 0

    def detect(self, _page: np.ndarray) -> list[TextLine]:
        return LINES

    def read_zone(self, _line: np.ndarray) -> ZoneText:
        self.now += self.seconds
        text = self.texts[self.lines_read % 2]
        self.lines_read += 1
        return ZoneText(text, ({},) * len(text))

    def monotonic(self) -> float:
        return self.now


def read(monkeypatch: pytest.MonkeyPatch, reader: Reader, further: float) -> zone_reader.ZoneFinding:
    monkeypatch.setattr(zone_reader, "monotonic", reader.monotonic)
    return ZoneReader(reader, reader, further, 0).read(PAGE, TODAY)  # type: ignore[arg-type] # a stand-in for both


def test_a_zone_that_is_read_at_once_is_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    finding = read(monkeypatch, Reader([FIRST, SECOND], 0.1), DEFAULT_PATIENCE.zone)
    assert (finding.is_confirmed, finding.looks) == (True, 1)


def test_further_looks_end_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """By no more than the one that is under way."""
    reader = Reader(UNREADABLE, 0.15)
    finding = read(monkeypatch, reader, DEFAULT_PATIENCE.zone)
    assert not finding.is_confirmed
    assert finding.looks > 2
    assert finding.seconds <= finding.first_seconds + DEFAULT_PATIENCE.zone + 4 * reader.seconds


def test_a_slow_machine_takes_the_first_look_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    finding = read(monkeypatch, Reader(UNREADABLE, 1.0), 0.0)
    assert finding.looks == 1
    assert finding.first_seconds == finding.seconds > 1
