"""A search evaluation as one page."""

from collections.abc import Iterable
from html import escape

from doorward.cli.page import page, table
from doorward.cli.search_output import (
    DOOR_HEADS,
    RATE_HEADS,
    door_rows,
    gallery_name,
    gallery_words,
    rate_rows,
)
from doorward.wiring.face.measuring_search import SearchEvaluation


def search_page(measured: SearchEvaluation, title: str, svg: str) -> str:
    """The whole page; it names no person. ``title``: of the photos. ``svg``: the drawing of the curves."""
    return page(f"Evaluation of searches: {title}", _parts(measured, svg))


def _parts(measured: SearchEvaluation, svg: str) -> Iterable[str]:
    yield (
        f"<p>Error rates of open-set identification after ISO/IEC 19795-1, with {escape(measured.name)}. They hold for "
        "galleries of these sizes and for photos like these. Presentation attacks are not evaluated here.</p>"
    )
    for gallery in measured.galleries:
        yield f"<h2>{escape(gallery_name(gallery))}</h2>"
        yield f"<p>{escape(gallery_words(measured, gallery))}</p>"
        yield table("Misses where strangers are taken for somebody so often", RATE_HEADS, rate_rows(gallery))
        if gallery.predictions:
            caption = "At the threshold that a door would take, from the false-match rate of pairs"
            yield table(caption, DOOR_HEADS, door_rows(gallery))
    yield "<h2>Misses against false alarms</h2>"
    yield svg
    yield "<h2>How to read this</h2>"
    yield (
        "<p>Somebody left out of enrolment who is taken for somebody is a false alarm (FPIR: the share of their "
        "searches). Somebody enrolled who is not returned is a miss (FNIR): another is nearer, or the threshold is "
        "not reached. Intervals are 95%, whole people resampled 1,000 times. A rate is told where three searches "
        "decide it, and is firm where thirty do. A door takes the threshold at which the "
        "false-match rate of pairs is the FPIR asked for, divided by the number enrolled; foretold is what independent "
        "comparisons would give there.</p>"
    )
    fta = measured.acquisition.fta
    yield f"<p>{fta.count:,} of {fta.of:,} photos gave no template and are not searched for.</p>"
