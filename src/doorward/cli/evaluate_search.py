"""`doorward evaluate search`: error rates of searches among those who are enrolled."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from doorward.adapters.models.library import ModelPlaces
from doorward.cli.drawings import check_drawing, drawn
from doorward.cli.output import console, json_option, print_json, write_result
from doorward.cli.parameters import SIZES
from doorward.cli.progress import counting_progress
from doorward.settings.embedders import embedder_card
from doorward.settings.site import DEFAULT_EMBEDDER

if TYPE_CHECKING:
    from doorward.wiring.face.measuring_search import SearchEvaluation


@click.command("search")
@click.argument("images", metavar="PEOPLE", type=click.Path(path_type=Path))
@click.option(
    "--left-out", type=click.FloatRange(0.01, 0.99), default=0.5, show_default=True, help="Share not enrolled."
)
@click.option("--sizes", type=SIZES, default="", metavar="N,N,…", help="Search galleries of so many people as well.")
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=1, show_default=True, help="Draws who is enrolled.")
@click.option(
    "--curve",
    "drawings",
    type=click.Path(path_type=Path, dir_okay=False),
    multiple=True,
    help="Draw misses against false alarms to this .svg or .png file.",
)
@click.option("--report", type=click.Path(path_type=Path, dir_okay=False), help="Write an HTML page to this file.")
@click.option("--title", help="What the photos are, for the page; the folder's name if not given.")
@click.option("--embedder", default=DEFAULT_EMBEDDER, show_default=True, help="The model to evaluate.")
@click.option("--models", "model_folder", type=click.Path(path_type=Path), help="A site's folder models/.")
@json_option
def search_command(
    images: Path,
    left_out: float,
    sizes: tuple[int, ...],
    seed: int,
    drawings: tuple[Path, ...],
    report: Path | None,
    title: str | None,
    embedder: str,
    model_folder: Path | None,
    as_json: bool,
) -> None:
    """How often a search misses who is enrolled (FNIR) where it names somebody who is not (FPIR) so often.

    PEOPLE holds a folder of photos for each person. A share of them, drawn with the seed, is left out of enrolment;
    everybody else is enrolled with one photo and searched for with the others. Intervals are 95%, resampled by person.

    \b
    Example:
      doorward evaluate search photos --curve search.svg --report search.html
      doorward evaluate search photos --sizes 100,300 --left-out 0.3 --seed 7 --json
    """
    from doorward.cli.search_output import search_json, tell_search  # loads the runtimes
    from doorward.wiring.face.evaluating import people_in
    from doorward.wiring.face.measuring_search import measure_search

    for drawing in drawings:
        check_drawing(drawing)
    photos, places = people_in(images), ModelPlaces(model_folder)
    card = embedder_card(places.folder, embedder)
    with counting_progress() as bar:
        task = bar.add_task("photos", total=len(photos))
        measured = measure_search(
            photos, places, card, left_out, seed, sizes, lambda done: bar.update(task, completed=done)
        )
    for path, content in _files(measured, drawings, report, title or images.resolve().name):
        write_result(path, content)
    if as_json:
        print_json(search_json(measured))
    else:
        tell_search(console(), measured)


def _files(
    measured: "SearchEvaluation", drawings: tuple[Path, ...], report: Path | None, title: str
) -> Iterator[tuple[Path, bytes]]:
    from doorward.cli.search_output import gallery_name
    from doorward.cli.search_page import search_page
    from doorward.evaluation.det_plot import det_svg, search_plot

    plot = search_plot({gallery_name(one): one.rates.curve for one in measured.galleries})
    for path in drawings:
        yield path, drawn(path, plot)
    if report is not None:
        yield report, search_page(measured, title, det_svg(plot)).encode()
