"""`doorward evaluate search`: error rates of searches among those who are enrolled."""

from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.progress import Progress
from rich.table import Table

from doorward.adapters.models.library import ModelPlaces
from doorward.cli.output import console, json_option, print_json, progress_console
from doorward.errors import WrongUse
from doorward.evaluation.rates import Rate
from doorward.settings.embedders import embedder_card
from doorward.settings.site import DEFAULT_EMBEDDER

if TYPE_CHECKING:
    from doorward.evaluation.search import SearchReport
    from doorward.wiring.face.measuring_search import SearchEvaluation


@click.command("search")
@click.argument("images", metavar="PEOPLE", type=click.Path(path_type=Path))
@click.option(
    "--left-out", type=click.FloatRange(0.01, 0.99), default=0.5, show_default=True, help="Share not enrolled."
)
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=1, show_default=True, help="Draws who is enrolled.")
@click.option(
    "--curve",
    "drawings",
    type=click.Path(path_type=Path, dir_okay=False),
    multiple=True,
    help="Draw misses against false alarms to this .svg or .png file.",
)
@click.option("--embedder", default=DEFAULT_EMBEDDER, show_default=True, help="The model to evaluate.")
@click.option("--models", "model_folder", type=click.Path(path_type=Path), help="A site's folder models/.")
@json_option
def search_command(
    images: Path,
    left_out: float,
    seed: int,
    drawings: tuple[Path, ...],
    embedder: str,
    model_folder: Path | None,
    as_json: bool,
) -> None:
    """How often a search misses who is enrolled (FNIR) where it names somebody who is not (FPIR) so often.

    PEOPLE holds a folder of photos for each person. A share of them, drawn with the seed, is left out of enrolment;
    everybody else is enrolled with one photo and searched for with the others. Intervals are 95%, resampled by person.

    \b
    Example:
      doorward evaluate search photos --curve search.svg
      doorward evaluate search photos --left-out 0.3 --seed 7 --json
    """
    from doorward.wiring.face.evaluating import people_in  # loads the runtimes
    from doorward.wiring.face.measuring_search import measure_search

    for drawing in drawings:
        if drawing.suffix.lower() not in (".svg", ".png"):
            raise WrongUse(f"{drawing} is neither .svg nor .png; name such a file.")
    photos, places = people_in(images), ModelPlaces(model_folder)
    card = embedder_card(places.folder, embedder)
    with Progress(console=progress_console(), transient=True) as bar:
        task = bar.add_task("photos", total=len(photos))
        measured = measure_search(photos, places, card, left_out, seed, lambda done: bar.update(task, completed=done))
    _draw(measured, drawings)
    if as_json:
        print_json(_json(measured))
    else:
        _tell(measured)


def _draw(measured: "SearchEvaluation", drawings: tuple[Path, ...]) -> None:
    from doorward.adapters.det_png import det_png
    from doorward.evaluation.det_plot import det_svg, search_plot

    plot = search_plot({measured.name: measured.rates.curve})
    for path in drawings:
        content = det_png(plot) if path.suffix.lower() == ".png" else det_svg(plot).encode()
        try:
            path.write_bytes(content)
        except OSError as error:
            raise WrongUse(f"{path} cannot be written ({error.strerror}); name another file.") from None


def _json(measured: "SearchEvaluation") -> dict[str, object]:
    rates = measured.rates
    return {
        "model": measured.name,
        "seed": measured.seed,
        "left_out": rates.searches.left_out,
        "enrolled": rates.searches.enrolled,
        "mated": len(rates.searches.hits),
        "non_mated": len(rates.searches.candidates),
        "failures_to_acquire": measured.acquisition.fta.count,
        "rank1": round(rates.rank1.value, 5),
        "fnir": {f"{fpir:g}": rate and round(rate.value, 5) for fpir, rate in rates.fnir.items()},
        "thresholds": {f"{fpir:g}": rate and round(rate.threshold, 6) for fpir, rate in rates.fnir.items()},
        "firm": {f"{fpir:g}": fpir in rates.firm for fpir in rates.fnir},
        "intervals": {
            "rank1": _interval(rates.rank1),
            "fnir": {f"{fpir:g}": rate and _interval(rate) for fpir, rate in rates.fnir.items()},
        },
    }


def _interval(rate: Rate) -> dict[str, float]:
    return {"low": round(rate.low, 5), "high": round(rate.high, 5)}


def _tell(measured: "SearchEvaluation") -> None:
    rates = measured.rates
    searches = rates.searches
    console().print(_table(measured.name, rates))
    console().print(
        f"{searches.enrolled:,} people enrolled with one photo each, {searches.left_out:,} left out (seed "
        f"{measured.seed}); {len(searches.hits):,} mated and {len(searches.candidates):,} non-mated searches. "
        f"{measured.acquisition.fta.count} photos gave no template and are not searched for."
    )
    console().print(f"The best candidate is the right one in {_words(rates.rank1)} of the mated searches (rank 1).")


def _table(title: str, rates: "SearchReport") -> Table:
    table = Table("false alarms (FPIR)", "threshold", "misses (FNIR)", "rule of 30", title=title)
    for fpir, rate in rates.fnir.items():
        if rate is None:
            table.add_row(f"{fpir:g}", "too few searches", "", "")
        else:
            firm = "holds" if fpir in rates.firm else "does not hold"
            table.add_row(f"{fpir:g}", f"{rate.threshold:.4f}", _words(rate), firm)
    return table


def _words(rate: Rate) -> str:
    return f"{rate.value:.4f} ({rate.low:.4f} to {rate.high:.4f})"
