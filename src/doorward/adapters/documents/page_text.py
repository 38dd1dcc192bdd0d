"""What a page prints beside its machine-readable zone."""

from collections.abc import Sequence
from math import log
from time import monotonic

from doorward.adapters.documents.text_lines import TextLine, laid_straight
from doorward.adapters.documents.text_recogniser import TextRecogniser
from doorward.kernel.image import Image

_MOST_LINES = 60


def read_beside(
    page: Image, zone: TextLine, others: Sequence[TextLine], recogniser: TextRecogniser, seconds: float
) -> list[str]:
    """The texts of ``others`` that run as the ``zone``'s lines do; no further one is read after ``seconds``.

    Those as long as a name or a number come first: a quarter of the zone's length.
    """
    ends = monotonic() + seconds
    texts: list[str] = []
    for line in sorted(others, key=lambda line: abs(log(4 * line.length / zone.length)))[:_MOST_LINES]:
        if monotonic() > ends:
            break
        same_way = float(line.along @ zone.along)
        if abs(same_way) > 0.9:
            texts.append(recogniser.read(laid_straight(page, line if same_way > 0 else line.turned())))
    return texts
