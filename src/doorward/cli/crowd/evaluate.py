"""`doorward crowd evaluate`: how well people are counted, against a truth."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from doorward.adapters.models.library import ModelPlaces
from doorward.cli.crowd.evaluation_output import tell_clicks, tell_counts, tell_trial
from doorward.cli.output import json_option
from doorward.cli.parameters import SOURCE
from doorward.cli.progress import counting_progress
from doorward.crowd.noisy_sight import SightNoise
from doorward.errors import NotFound, WrongUse
from doorward.settings.crowd.detector import DETECTORS, chosen_detector
from doorward.settings.crowd.scene_file import load_scene
from doorward.settings.crowd.site import crowd_models

_FILE = click.Path(path_type=Path)
_SHARE = click.FloatRange(min=0, max=1, max_open=True)
TRUTHS = ("trajectories", "counts", "clicks")


@dataclass(frozen=True, slots=True)
class Wanted:
    """The options of the command."""

    trajectories: Path | None
    scene_file: Path | None
    render: bool
    dropout: float | None
    false_positive: float | None
    jitter: float
    seed: int
    fps: float
    rate: float
    join: bool
    counts: Path | None
    images: Path | None
    detector: str | None
    weights: Path | None
    sha256: str | None
    model_folder: Path | None
    clicks: Path | None
    source: str | None
    as_json: bool


@click.command("evaluate")
@click.option("--trajectories", type=_FILE, help="Walks: lines of frame id x y, in metres on the scene's ground.")
@click.option("--scene", "scene_file", type=_FILE, help="The scene's TOML file, for trajectories and clicks.")
@click.option("--render", is_flag=True, help="Draw the walks and let the scene's detector find them.")
@click.option("--dropout", type=_SHARE, help="Or feed them as detections, this share of them missed.")
@click.option("--false-positive", type=_SHARE, help="Share of detections that are nobody.")
@click.option("--jitter", type=click.FloatRange(0, 1), default=0.05, show_default=True, help="Metres, of detections.")
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Of all that is drawn by lot.")
@click.option("--fps", type=click.FloatRange(min=0.1, max=1000), default=25, show_default=True, help="Frames a second.")
@click.option("--rate", type=click.FloatRange(min=1, max=60), default=5, show_default=True, help="Counted a second.")
@click.option("--join/--no-join", default=True, show_default=True, help="Make one of walks that continue another.")
@click.option("--counts", type=_FILE, help="Counted photos: COCO annotations, or an object of boxes by photo.")
@click.option("--images", type=_FILE, help="The folder of those photos.")
@click.option("--detector", help=f"The detector to count them with: {', '.join(DETECTORS)}.")
@click.option("--weights", type=_FILE, help="A model file of your own for it; then name its format as the detector.")
@click.option("--sha256", help="The SHA-256 of that file.")
@click.option("--models", "model_folder", type=_FILE, help="Where models lie; otherwise the site's folder models/.")
@click.option("--clicks", type=_FILE, help="A person's clicks along a clip: lines of seconds,line,in or out.")
@click.option("--source", type=SOURCE, help="The clip of the clicks.")
@json_option
def evaluate_command(**options: Any) -> None:
    """How well people are counted: against walks that are known, counted photos, or a person's clicks along a clip.

    Drawn people, and detections made of walks, are ideal: they show the counting, not a detector on a real scene.

    \b
    Example:
      doorward crowd evaluate --trajectories walks.txt --scene hall.toml --dropout 0.05 --false-positive 0.03
      doorward crowd evaluate --trajectories walks.txt --scene hall.toml --render
      doorward crowd evaluate --counts persons.json --images photos --detector yolox-nano
      doorward crowd evaluate --clicks clicks.csv --source hall.mp4 --scene hall.toml
    """
    wanted = Wanted(**options)
    given = [name for name in TRUTHS if getattr(wanted, name) is not None]
    if len(given) != 1:
        raise WrongUse("Give one truth to count against: --trajectories, --counts or --clicks.")
    {"trajectories": _trajectories, "counts": _counts, "clicks": _clicks}[given[0]](wanted)


def _trajectories(wanted: Wanted) -> None:
    path, scene_file = _needed(wanted, "trajectories", "scene_file")
    if wanted.render and (wanted.dropout is not None or wanted.false_positive is not None):
        raise WrongUse("Walks are either drawn or fed as detections: leave --render out, or the shares.")
    noise = SightNoise(wanted.dropout or 0.0, wanted.false_positive or 0.0, wanted.jitter, wanted.seed)
    scene = load_scene(scene_file, scene_file.stem)
    from doorward.wiring.crowd.evaluating import WalksOptions, evaluate_noisy, evaluate_rendered, read_truth

    truth = read_truth(path, WalksOptions(wanted.fps, wanted.rate, wanted.join))
    with _progress("moments") as progress:
        if wanted.render:
            result = evaluate_rendered(scene, truth.moments, wanted.seed, progress, _places(wanted))
        else:
            result = evaluate_noisy(scene, truth.moments, noise, progress)
    tell_trial(result, truth, wanted.as_json)


def _counts(wanted: Wanted) -> None:
    counts, images, name = _needed(wanted, "counts", "images", "detector")
    choice = chosen_detector(name, wanted.weights, wanted.sha256)
    from doorward.wiring.crowd.detectors import still_detector
    from doorward.wiring.crowd.evaluating import evaluate_counts

    with _progress("photos") as progress:
        result = evaluate_counts(counts, images, still_detector(choice, _places(wanted)), progress)
    tell_counts(result, wanted.as_json)


def _clicks(wanted: Wanted) -> None:
    clicks, source, scene_file = _needed(wanted, "clicks", "source", "scene_file")
    scene = load_scene(scene_file, scene_file.stem)
    from doorward.wiring.crowd.evaluating import evaluate_clicks

    tell_clicks(evaluate_clicks(clicks, source, scene, _places(wanted)), wanted.as_json)


def _places(wanted: Wanted) -> ModelPlaces:
    if wanted.model_folder is None:
        return crowd_models(None)
    if not wanted.model_folder.is_dir():
        raise NotFound(f"There is no folder {wanted.model_folder}; name the one that models lie in.")
    return ModelPlaces(wanted.model_folder)


def _needed(wanted: Wanted, *names: str) -> list[Any]:
    """The options of these names; ``WrongUse`` for one that is missing."""
    for name in names:
        if getattr(wanted, name) is None:
            option = name.removesuffix("_file").replace("_", "-")
            raise WrongUse(f"--{names[0].replace('_', '-')} needs --{option} as well.")
    return [getattr(wanted, name) for name in names]


@contextmanager
def _progress(what: str) -> Iterator[Callable[[int, int], None]]:
    with counting_progress() as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, number: bar.update(task, completed=done, total=number)
