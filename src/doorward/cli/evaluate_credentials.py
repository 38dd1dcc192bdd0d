"""`doorward evaluate credentials`: what quantised references cost."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.table import Table

from doorward.adapters.models.library import ModelPlaces
from doorward.cli.output import console, json_option, print_json, progress_console
from doorward.settings.embedders import embedder_card
from doorward.settings.site import DEFAULT_EMBEDDER

if TYPE_CHECKING:
    from doorward.wiring.face.measuring_credentials import CarriedEvaluation


@click.command("credentials")
@click.argument("images", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--embedder", default=DEFAULT_EMBEDDER, show_default=True, help="The model to evaluate.")
@click.option("--models", "model_folder", type=click.Path(path_type=Path), help="A site's folder models/.")
@json_option
def credentials_command(images: Path, embedder: str, model_folder: Path | None, as_json: bool) -> None:
    """How many fewer are accepted with the quantised references that credentials carry, over the photos in DIR.

    DIR holds a folder of photos for each person. At each false-match rate either kind has its own threshold; the
    interval is 95%, the same people drawn for both.

    \b
    Example:
      doorward evaluate credentials photos --json
    """
    from doorward.wiring.face.evaluating import embed_photos, people_in
    from doorward.wiring.face.measuring_credentials import measure_carried

    places = ModelPlaces(model_folder)
    with progress_console().status("Comparing every photo with every other …"):
        embedded = embed_photos(
            people_in(images), places, (embedder_card(places.folder, embedder),), lambda _done: None
        )
        measured = measure_carried(embedded, lambda _done: None)
    if as_json:
        print_json(_json(measured, embedder))
        return
    console().print(_table(measured))
    console().print(
        f"{len(measured.pairs.mated):,} mated and {measured.pairs.non_mated:,} non-mated pairs; {measured.bits} bits a "
        f"number; no mated score changed by more than {measured.largest_change:.4f}."
    )


def _json(measured: "CarriedEvaluation", embedder: str) -> dict[str, Any]:
    points = []
    for fmr, difference in measured.differences.items():
        kept, carried = measured.kept[fmr], measured.carried[fmr]
        points.append(
            {
                "fmr": fmr,
                "kept": kept and round(kept.value, 5),
                "carried": carried and round(carried.value, 5),
                "difference": difference and round(difference.value, 5),
                "low": difference and round(difference.low, 5),
                "high": difference and round(difference.high, 5),
            }
        )
    return {
        "model": embedder,
        "bits": measured.bits,
        "mated": len(measured.pairs.mated),
        "non_mated": measured.pairs.non_mated,
        "largest_change": round(measured.largest_change, 5),
        "tar": points,
    }


def _table(measured: "CarriedEvaluation") -> Table:
    table = Table()
    for heading in ("false-match rate", "kept", "carried", "difference", "95% interval"):
        table.add_column(heading, justify="right")
    for fmr, difference in measured.differences.items():
        kept, carried = measured.kept[fmr], measured.carried[fmr]
        if kept is None or carried is None or difference is None:
            table.add_row(f"{fmr:g}", "too few pairs", "", "", "")
            continue
        between = f"{difference.low:+.4f} to {difference.high:+.4f}"
        table.add_row(f"{fmr:g}", f"{kept.value:.4f}", f"{carried.value:.4f}", f"{difference.value:+.4f}", between)
    return table
