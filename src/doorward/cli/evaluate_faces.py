"""`doorward evaluate pairs` and `doorward evaluate people`: error rates of face comparison."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import numpy as np

from doorward.adapters.models.library import ModelPlaces
from doorward.cli.drawings import check_drawing, drawn
from doorward.cli.opening import open_named_site, passphrase_option, site_option
from doorward.cli.output import console, json_option, print_json, write_result
from doorward.cli.progress import counting_progress
from doorward.errors import NotFound, WrongUse
from doorward.evaluation.groups import parse_groups
from doorward.evaluation.pairs import Pair, PhotoName, accuracy_by_fold, parse_pairs
from doorward.settings.embedders import embedder_card
from doorward.settings.environment import site_folder
from doorward.settings.site import DEFAULT_EMBEDDER, FILE_NAME, SiteSettings, read_site_settings

if TYPE_CHECKING:
    from doorward.adapters.face.embedder_card import EmbedderCard
    from doorward.cli.evaluation_output import FoldAccuracy
    from doorward.wiring.face.evaluating import EmbeddedPhotos
    from doorward.wiring.face.measuring import Evaluation
    from doorward.wiring.face.site import Site

_MODELS = "models"

_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    click.option("--embedder", "embedders", multiple=True, help="The model to evaluate; again for one beside it."),
    click.option("--groups", type=click.Path(path_type=Path), help="A CSV file, person,group a line; never stored."),
    click.option("--report", type=click.Path(path_type=Path, dir_okay=False), help="Write an HTML page to this file."),
    click.option(
        "--det", "drawings", type=click.Path(path_type=Path, dir_okay=False), multiple=True,
        help="Draw the curves (DET) to this .svg or .png file.",
    ),
    click.option("--adopt", metavar="NAME", help="Keep the thresholds as a set of this name, and decide by it."),
    click.option("--title", help="What the photos are, for the page and the set; the folder's name if not given."),
    click.option("--models", "model_folder", type=click.Path(path_type=Path), help="A site's folder models/."),
    site_option,
    passphrase_option,
    json_option,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """The options that both commands share."""

    embedders: tuple[str, ...]
    groups: Path | None
    report: Path | None
    drawings: tuple[Path, ...]
    adopt: str | None
    title: str | None
    model_folder: Path | None
    folder: Path | None
    passphrase_file: Path | None
    as_json: bool


def _with_options(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@click.command("pairs")
@click.argument("pairs_file", metavar="PAIRS", type=click.Path(path_type=Path))
@click.argument("images", type=click.Path(path_type=Path))
@_with_options
def pairs_command(pairs_file: Path, images: Path, **options: Any) -> None:
    """Accuracy by fold over PAIRS, and error rates over all pairs among IMAGES.

    PAIRS has LFW's format; IMAGES holds name/name_0001.jpg and so on. Accuracy is taken in each fold at the
    threshold that is best on the others. Intervals are 95%, resampled by person. Example:

    doorward evaluate pairs lfw/pairs.txt lfw/images --json
    """
    from doorward.wiring.face.evaluating import photos_in  # loads the runtimes

    pairs = parse_pairs(_text(pairs_file, "pairs"))
    photos = photos_in(images)
    for pair in pairs:
        if pair.first not in photos or pair.second not in photos:
            missing = pair.first if pair.first not in photos else pair.second
            raise NotFound(f"The photo {missing[0]}_{missing[1]:04d} of the pairs is not in {images}; add it.")
    _evaluate(photos, pairs, images.resolve().name, Wanted(**options))


@click.command("people")
@click.argument("images", metavar="DIR", type=click.Path(path_type=Path))
@_with_options
def people_command(images: Path, **options: Any) -> None:
    """Error rates over all pairs among the photos in DIR, which holds a folder of photos for each person.

    Rates are those of ISO/IEC 19795-1; intervals are 95%, resampled by person. Thresholds are offered as far as the
    photos allow. Nothing of the photos is stored.

    \b
    Example:
      doorward evaluate people photos --report report.html --det curve.svg
      doorward evaluate people photos --embedder sface --embedder my-model
      doorward evaluate people photos --embedder my-model --adopt my-set --site my-site
    """
    from doorward.wiring.face.evaluating import people_in  # loads the runtimes

    _evaluate(people_in(images), (), images.resolve().name, Wanted(**options))


def _evaluate(photos: dict[PhotoName, Path], pairs: Sequence[Pair], title: str, wanted: Wanted) -> None:
    from doorward.cli.evaluation_output import evaluation_json, tell_evaluation
    from doorward.wiring.face.evaluating import embed_photos
    from doorward.wiring.face.measuring import measure, threshold_set_of

    groups = parse_groups(_text(wanted.groups, "groups")) if wanted.groups else {}
    for drawing in wanted.drawings:
        check_drawing(drawing)
    with ExitStack() as opened:
        site = _site_to_adopt(wanted, opened)
        places, embedders = _models(wanted, site)
        _warn(embedders)
        with counting_progress() as progress:
            embedding = progress.add_task("photos", total=len(photos))
            embedded = embed_photos(photos, places, embedders, lambda done: progress.update(embedding, completed=done))
            comparing = progress.add_task("comparisons", total=len(embedded.names))
            evaluation = measure(embedded, embedders, groups, lambda done: progress.update(comparing, completed=done))
        accuracy = _accuracy(pairs, embedded) if pairs else None
        _write(evaluation, accuracy, wanted.title or title, wanted)
        if site is not None and wanted.adopt is not None:
            now = site.stores.vault.clock.now()
            adopted = threshold_set_of(evaluation.models[0], wanted.adopt, wanted.title or title, site.actor, now)
            site.thresholds.adopt(site.actor, adopted)
    if wanted.as_json:
        print_json(evaluation_json(evaluation, accuracy, wanted.adopt))
        return
    tell_evaluation(console(), evaluation, accuracy)
    if wanted.adopt is not None:
        click.echo(f"The threshold set {wanted.adopt} is in use for {evaluation.models[0].origin.model} from now on.")


def _site_to_adopt(wanted: Wanted, opened: ExitStack) -> "Site | None":
    """The open site, if thresholds are to be adopted; before the work, so that it is not done in vain."""
    if wanted.adopt is None:
        return None
    if wanted.model_folder is not None or len(wanted.embedders) > 1:
        raise WrongUse("What is adopted are thresholds of one of the site's own models: leave the others out.")
    site = opened.enter_context(open_named_site(wanted.folder, wanted.passphrase_file))
    site.thresholds.require_free(wanted.adopt)
    return site


def _models(wanted: Wanted, site: "Site | None") -> "tuple[ModelPlaces, tuple[EmbedderCard, ...]]":
    """Where the models lie, and which are evaluated: those named, else the one that the site serves with."""
    folder = site.folder if site else wanted.folder or site_folder()
    settings: SiteSettings | None = None
    if wanted.model_folder is not None:
        places = ModelPlaces(wanted.model_folder)
    elif wanted.folder is not None or (folder / FILE_NAME).is_file():
        settings = read_site_settings(folder)
        places = ModelPlaces(folder / _MODELS, settings.models)
    else:
        places = ModelPlaces()
    names = wanted.embedders or (settings.embedder if settings else DEFAULT_EMBEDDER,)
    if len(set(names)) != len(names):
        raise WrongUse("An embedder is named twice; name each once.")
    return places, tuple(embedder_card(places.folder, name) for name in names)


def _warn(embedders: "Sequence[EmbedderCard]") -> None:
    for embedder in embedders:
        if embedder.is_non_commercial:
            click.secho(
                f"The licence of {embedder.card.name} ({embedder.card.licence}) FORBIDS COMMERCIAL USE.",
                err=True, bold=True, fg="red",
            )  # fmt: skip


def _accuracy(pairs: Sequence[Pair], embedded: "EmbeddedPhotos") -> "FoldAccuracy":
    from doorward.cli.evaluation_output import FoldAccuracy

    place = {name: row for row, name in enumerate(embedded.names)}
    mated, folds = np.array([pair.mated for pair in pairs]), np.array([pair.fold for pair in pairs])
    by_model = []
    for vectors in embedded.vectors:
        scores = np.array([_score(pair, place, vectors) for pair in pairs])
        by_model.append(accuracy_by_fold(scores, mated, folds))
    return FoldAccuracy(len(pairs), tuple(by_model))


def _score(pair: Pair, place: dict[PhotoName, int], vectors: np.ndarray) -> float:
    if pair.first not in place or pair.second not in place:
        return -np.inf
    return float(vectors[place[pair.first]] @ vectors[place[pair.second]])


def _write(evaluation: "Evaluation", accuracy: "FoldAccuracy | None", title: str, wanted: Wanted) -> None:
    from doorward.cli.evaluation_page import evaluation_page
    from doorward.evaluation.det_plot import det_plot, det_svg

    plot = det_plot({model.name: model.rates.curve for model in evaluation.models})
    files = [(path, drawn(path, plot)) for path in wanted.drawings]
    if wanted.report is not None:
        files.append((wanted.report, evaluation_page(evaluation, accuracy, title, det_svg(plot)).encode()))
    for path, content in files:
        write_result(path, content)


def _text(path: Path, what: str) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise NotFound(f"There is no file {path}; name the list of {what}.") from None
    except (IsADirectoryError, UnicodeDecodeError):
        raise WrongUse(f"{path} is no text file; name the list of {what}.") from None
