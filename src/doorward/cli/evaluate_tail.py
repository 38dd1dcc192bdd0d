"""`doorward evaluate tail`: how far the tail of the non-mated scores carries a threshold."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import numpy as np
from rich.table import Table

from doorward.adapters.models.library import ModelPlaces
from doorward.cli.output import console, json_option, print_json
from doorward.cli.progress import counting_progress
from doorward.settings.embedders import embedder_card
from doorward.settings.site import DEFAULT_EMBEDDER

if TYPE_CHECKING:
    from doorward.evaluation.tail_check import TailCheck
    from doorward.wiring.face.measuring_tail import TailEvaluation


@click.command("tail")
@click.argument("images", metavar="PEOPLE", type=click.Path(path_type=Path))
@click.option("--splits", type=click.IntRange(2, 1000), default=100, show_default=True, help="Splits for each share.")
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=1, show_default=True, help="Draws the splits.")
@click.option("--embedder", default=DEFAULT_EMBEDDER, show_default=True, help="The model to evaluate.")
@click.option("--models", "model_folder", type=click.Path(path_type=Path), help="A site's folder models/.")
@json_option
def tail_command(images: Path, splits: int, seed: int, embedder: str, model_folder: Path | None, as_json: bool) -> None:
    """How far a fit of the highest non-mated scores tells the thresholds of rates too rare to be measured.

    PEOPLE holds a folder of photos for each person. Of a half, a quarter and an eighth of the people, drawn again and
    again, the tail is fitted; at the thresholds it tells, false matches are counted among all the others.

    \b
    Example:
      doorward evaluate tail photos --splits 40
    """
    from doorward.evaluation.tail_check import SHARES  # loads with the runtimes
    from doorward.wiring.face.evaluating import embed_photos, people_in
    from doorward.wiring.face.measuring_tail import measure_tail

    photos, places = people_in(images), ModelPlaces(model_folder)
    card = embedder_card(places.folder, embedder)
    with counting_progress() as progress:
        embedding = progress.add_task("photos", total=len(photos))
        embedded = embed_photos(photos, places, (card,), lambda done: progress.update(embedding, completed=done))
        splitting = progress.add_task("splits", total=splits * len(SHARES))
        measured = measure_tail(embedded, splits, seed, lambda more: progress.advance(splitting, more))
    if as_json:
        print_json(tail_json(measured))
    else:
        tell_tail(measured)


def tail_json(measured: "TailEvaluation") -> dict[str, Any]:
    """As `--json` prints it."""
    origin = measured.origin
    return {
        "model": f"{origin.model} ({origin.runtime}, {origin.precision})",
        "people": measured.people,
        "splits": measured.splits,
        "seed": measured.seed,
        "checks": [
            {
                "share": check.share,
                "fmr": check.rate,
                "pairs": check.pairs,
                "others": check.others,
                "carried_to": check.carried_to,
                "median": round(_ratio(check, 50), 3),
                "highest_of_95": round(_ratio(check, 95), 3),
                "held": round(check.held, 4),
            }
            for check in measured.checks
        ],
    }


def tell_tail(measured: "TailEvaluation") -> None:
    """As a table on the terminal."""
    table = Table(
        "people", "pairs", "carried to", "FMR told", "measured / told", "95th %", "held",
        title="False matches among the others, at the threshold that the tail tells",
    )  # fmt: skip
    for check in measured.checks:
        table.add_row(
            f"{check.share:.1%}",
            f"{check.pairs:,}",
            f"{check.carried_to:g}",
            f"{check.rate:g}",
            f"{_ratio(check, 50):.2f}",
            f"{_ratio(check, 95):.2f}",
            f"{check.held:.3f}",
        )
    console().print(table)
    console().print(
        f"{measured.people:,} people, {measured.splits} splits for each share (seed {measured.seed}). Measured / told: "
        "the median of the splits, and what 95% stay below; below 1 the threshold gives fewer false matches than it "
        "promises. Held: the share of splits where it does."
    )


def _ratio(check: "TailCheck", percentile: float) -> float:
    return float(np.percentile(check.ratios, percentile))
