"""`doorward evaluate`: error rates of the models that serve, on photos of one's own."""

from collections.abc import Sequence
from pathlib import Path

import click
import numpy as np
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from doorward.cli.evaluate_pad import pad_command
from doorward.cli.output import console, json_option, print_json, progress_console
from doorward.errors import NotFound, WrongUse
from doorward.evaluation.pairs import Pair, accuracy_by_fold, mean_and_spread, parse_pairs
from doorward.evaluation.rates import AllPairs, Rate, compare_all, true_accept_rates


@click.group()
def evaluate() -> None:
    """Measure how often the models that serve here are right.

    Example: doorward evaluate pairs pairs.txt images
    """


evaluate.add_command(pad_command)


@evaluate.command("pairs")
@click.argument("pairs_file", metavar="PAIRS", type=click.Path(path_type=Path))
@click.argument("images", type=click.Path(path_type=Path))
@click.option("--models", "model_folder", type=click.Path(path_type=Path), help="A site's folder models/.")
@json_option
def pairs_command(pairs_file: Path, images: Path, model_folder: Path | None, as_json: bool) -> None:
    """Accuracy by fold over PAIRS, and acceptance at fixed false-match rates over all pairs among IMAGES.

    PAIRS has LFW's format; IMAGES holds name/name_0001.jpg and so on. Accuracy is taken in each fold at the
    threshold that is best on the others. Intervals are 95%, resampled by person. Example:

    doorward evaluate pairs lfw/pairs.txt lfw/images --json
    """
    from doorward.wiring.face.evaluating import embed_photos, photos_in  # loads the runtimes

    pairs = parse_pairs(_text(pairs_file))
    photos = photos_in(images)
    for pair in pairs:
        if pair.first not in photos or pair.second not in photos:
            missing = pair.first if pair.first not in photos else pair.second
            raise NotFound(f"The photo {missing[0]}_{missing[1]:04d} of the pairs is not in {images}; add it.")
    with _progress() as progress:
        embedding = progress.add_task("photos", total=len(photos))
        embedded = embed_photos(photos, model_folder, lambda done: progress.update(embedding, completed=done))
        comparing = progress.add_task("comparisons", total=len(embedded.names))
        _, subjects = np.unique([name for name, _ in embedded.names], return_inverse=True)
        compared = compare_all(embedded.vectors, subjects, lambda done: progress.update(comparing, completed=done))
    place = {name: row for row, name in enumerate(embedded.names)}
    scores = np.array([_score(pair, place, embedded.vectors) for pair in pairs])
    accuracies = accuracy_by_fold(
        scores, np.array([pair.mated for pair in pairs]), np.array([pair.fold for pair in pairs])
    )
    origin = embedded.origin
    model = f"{origin.model} ({origin.runtime}, {origin.precision})"
    _print(model, pairs, accuracies, compared, len(embedded.failures), as_json)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise NotFound(f"There is no file {path}; name the list of pairs.") from None
    except (IsADirectoryError, UnicodeDecodeError):
        raise WrongUse(f"{path} is no text file; name the list of pairs.") from None


def _score(pair: Pair, place: dict[tuple[str, int], int], vectors: np.ndarray) -> float:
    if pair.first not in place or pair.second not in place:
        return -np.inf
    return float(vectors[place[pair.first]] @ vectors[place[pair.second]])


def _progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=progress_console(), transient=True)


def _print(
    model: str, pairs: Sequence[Pair], accuracies: Sequence[float], compared: AllPairs, failures: int, as_json: bool
) -> None:
    mean, spread = mean_and_spread(accuracies)
    rates = {_rate_name(fmr): rate for fmr, rate in true_accept_rates(compared).items()}
    if as_json:
        print_json(
            {
                "model": model,
                "pairs": len(pairs),
                "accuracy_mean": round(mean, 5),
                "accuracy_std": round(spread, 5),
                "tar": {name: _told(rate) for name, rate in rates.items()},
                "mated": len(compared.mated),
                "non_mated": compared.non_mated,
                "failures_to_enrol": failures,
            }
        )
        return
    table = Table(title=f"{model}: {mean:.4f} of {len(pairs)} pairs right, standard deviation {spread:.4f} by fold")
    for heading in ("false-match rate", "threshold", "accepted", "95% interval"):
        table.add_column(heading, justify="right")
    for name, rate in rates.items():
        if rate is None:
            table.add_row(name, "too few pairs", "", "")
        else:
            table.add_row(name, f"{rate.threshold:.4f}", f"{rate.value:.4f}", f"{rate.low:.4f} to {rate.high:.4f}")
    console().print(table)
    console().print(
        f"{len(compared.mated):,} mated and {compared.non_mated:,} non-mated pairs; {failures} photos without a face."
    )


def _rate_name(fmr: float) -> str:
    return f"1e{round(float(np.log10(fmr)))}"


def _told(rate: Rate | None) -> dict[str, float | None]:
    if rate is None:
        return {"value": None, "low": None, "high": None}
    return {"value": round(rate.value, 5), "low": round(rate.low, 5), "high": round(rate.high, 5)}
