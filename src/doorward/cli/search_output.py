"""A search evaluation as JSON and as tables."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from doorward.cli.evaluation_output import interval
from doorward.evaluation.rates import Rate
from doorward.wiring.face.measuring_search import GalleryRates, SearchEvaluation

Json = dict[str, object]

RATE_HEADS = ("false alarms (FPIR)", "threshold", "misses (FNIR)", "rule of 30")
DOOR_HEADS = ("false alarms asked for", "false-match rate", "threshold", "foretold", "false alarms", "misses")


def search_json(measured: SearchEvaluation) -> Json:
    """The rates of the largest gallery, and those of each in ``galleries``."""
    largest = measured.galleries[-1]
    return {
        "model": measured.name,
        "seed": measured.seed,
        "left_out": largest.rates.searches.left_out,
        **_gallery_json(largest),
        "failures_to_acquire": measured.acquisition.fta.count,
        "galleries": [_gallery_json(one) for one in measured.galleries],
    }


def _gallery_json(gallery: GalleryRates) -> Json:
    rates = gallery.rates
    return {
        "enrolled": rates.searches.enrolled,
        "mated": len(rates.searches.hits),
        "non_mated": len(rates.searches.candidates),
        "rank1": round(rates.rank1.value, 5),
        "cmc": {str(rank): round(share, 5) for rank, share in rates.cmc.items()},
        "fnir": {f"{fpir:g}": rate and round(rate.value, 5) for fpir, rate in rates.fnir.items()},
        "thresholds": {f"{fpir:g}": rate and round(rate.threshold, 6) for fpir, rate in rates.fnir.items()},
        "firm": {f"{fpir:g}": fpir in rates.firm for fpir in rates.fnir},
        "intervals": {
            "rank1": _interval_json(rates.rank1),
            "fnir": {f"{fpir:g}": rate and _interval_json(rate) for fpir, rate in rates.fnir.items()},
        },
        "at_door": [
            {
                "asked": one.asked,
                "fmr": one.fmr,
                "threshold": round(one.threshold, 6),
                "predicted": round(one.predicted, 6),
                "fpir": _rate_json(one.fpir),
                "fnir": _rate_json(one.fnir),
            }
            for one in gallery.predictions
        ],
    }


def _interval_json(rate: Rate) -> Json:
    return {"low": round(rate.low, 5), "high": round(rate.high, 5)}


def _rate_json(rate: Rate) -> Json:
    return {"value": round(rate.value, 5), **_interval_json(rate)}


def gallery_name(gallery: GalleryRates) -> str:
    """What a table or a line of the drawing is called."""
    return f"{gallery.rates.searches.enrolled:,} enrolled"


def rate_rows(gallery: GalleryRates) -> list[tuple[str, ...]]:
    """A row for each FPIR, at the threshold that gives it here."""
    rates = gallery.rates
    rows: list[tuple[str, ...]] = []
    for fpir, rate in rates.fnir.items():
        if rate is None:
            rows.append((f"{fpir:g}", "too few searches", "", ""))
        else:
            firm = "holds" if fpir in rates.firm else "does not hold"
            rows.append((f"{fpir:g}", f"{rate.threshold:.4f}", interval(rate), firm))
    return rows


def door_rows(gallery: GalleryRates) -> list[tuple[str, ...]]:
    """A row for each FPIR asked for, at the threshold that a door would take for it."""
    return [
        (
            f"{one.asked:g}",
            f"{one.fmr:.1e}",
            f"{one.threshold:.4f}",
            f"{one.predicted:.4f}",
            interval(one.fpir),
            interval(one.fnir),
        )
        for one in gallery.predictions
    ]


def gallery_words(measured: SearchEvaluation, gallery: GalleryRates) -> str:
    """How many were enrolled and searched for, and how often the nearest is right."""
    rates = gallery.rates
    searches = rates.searches
    among = ", ".join(f"{share:.4f} among {rank}" for rank, share in rates.cmc.items() if rank > 1)
    return (
        f"{searches.enrolled:,} people enrolled with one photo each, {searches.left_out:,} left out (seed "
        f"{measured.seed}); {len(searches.hits):,} mated and {len(searches.candidates):,} non-mated searches. The "
        f"nearest candidate is the right one in {interval(rates.rank1)} of the mated searches (rank 1)"
        f"{f'; the right one is in {among} nearest' if among else ''}."
    )


def tell_search(console: Console, measured: SearchEvaluation) -> None:
    """Tables on a terminal."""
    for gallery in measured.galleries:
        name = f"{measured.name}: {gallery_name(gallery)}"
        console.print(_table(name, RATE_HEADS, rate_rows(gallery)))
        console.print(gallery_words(measured, gallery))
        if gallery.predictions:
            console.print(_table("At the threshold that a door would take", DOOR_HEADS, door_rows(gallery)))
    console.print(f"{measured.acquisition.fta.count} photos gave no template and are not searched for.")


def _table(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    table = Table(*heads, title=title)
    for row in rows:
        table.add_row(*row)
    return table
