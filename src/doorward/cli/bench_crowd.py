"""`doorward bench trackers` and `bench crowd`: what counting gets wrong, and what it costs."""

import importlib
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from doorward.adapters.models.people_cards import PERSON_FORMATS
from doorward.cli.crowd.options import scene_option, site_option
from doorward.cli.output import console, json_option, print_json
from doorward.cli.parameters import SOURCE
from doorward.cli.progress import counting_progress
from doorward.crowd.noisy_sight import SightNoise
from doorward.errors import WrongUse
from doorward.settings.crowd.scene_file import load_scene
from doorward.settings.crowd.site import crowd_models

FALSE_POSITIVE = 0.03


class WeightsParameter(click.ParamType[tuple[str, Path]]):
    """A model's format and file, such as yolox=mine.onnx."""

    name = "format=file"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, Path]:
        format_name, _, path = str(value).partition("=")
        if format_name not in PERSON_FORMATS or not path:
            raise WrongUse(f"Weights are named as {' or '.join(f'{each}=FILE' for each in PERSON_FORMATS)}.")
        return format_name, Path(path)


WEIGHTS = WeightsParameter()


@click.command("trackers")
@click.option("--trajectories", type=click.Path(path_type=Path), required=True, help="Lines of frame id x y, metres.")
@scene_option
@click.option("--dropout", type=click.FloatRange(0, 1, max_open=True), default=0.05, show_default=True)
@click.option("--seeds", type=click.IntRange(1, 100), default=3, show_default=True, help="Runs that the mean is of.")
@json_option
def trackers_command(trajectories: Path, scene_file: Path, dropout: float, seeds: int, as_json: bool) -> None:
    """How many crossings each tracker gets wrong, fed the same detections: 5 cm of jitter, 3% of them nobody.

    Ours pairs in metres on the ground; SORT, ByteTrack and OC-SORT of the package trackers, at their defaults, pair
    boxes by overlap. Example:

    doorward bench trackers --trajectories walks.txt --scene hall.toml --dropout 0.2
    """
    # The bench stands above the command line, which therefore knows it by name alone.
    bench: Any = importlib.import_module("doorward.bench.crowd_trackers")
    from doorward.wiring.crowd.evaluating import WalksOptions, read_truth  # loads the media libraries

    scene, options = load_scene(scene_file, scene_file.stem), WalksOptions()
    rivals = bench.contenders(options.rate)
    truth = read_truth(trajectories, options).moments
    noise = [SightNoise(dropout, FALSE_POSITIVE, seed=seed) for seed in range(1, seeds + 1)]
    with counting_progress() as progress:
        task = progress.add_task("runs", total=len(rivals) * len(noise))
        figures = bench.run(scene, truth, noise, rivals, lambda done: progress.update(task, completed=done))
    if as_json:
        print_json({"dropout": dropout, "seeds": seeds, "trackers": [asdict(each) for each in figures]})
        return
    table = Table("tracker", "crossing error", "ms a moment", title=f"{dropout:.0%} of detections missed")
    for each in figures:
        table.add_row(each.name, f"{each.crossing_error:.4f}", f"{each.milliseconds:.2f}")
    console().print(table)


@click.command("crowd")
@click.option("--weights", type=WEIGHTS, multiple=True, help="A model's format and file: yolox=mine.onnx.")
@click.option("--source", type=SOURCE, help="A stream of yours, in place of the bench's own; give its --scene too.")
@click.option("--scene", "scene_file", type=click.Path(path_type=Path), help="The scene's TOML file, for --source.")
@click.option("--streams", type=click.IntRange(1, 64), default=2, show_default=True, help="Counted at once.")
@click.option("--seconds", type=click.FloatRange(1, 600), default=20.0, show_default=True, help="Of the streams.")
@site_option
@click.option("--cameras", type=click.IntRange(1, 100), default=20, show_default=True, help="Whose day is stored.")
@json_option
def crowd_command(**options: Any) -> None:
    """Detectors and stages on one core, streams that two cores carry, 200 people measured, a day on disk, beside
    supervision's counters.

    Models are those of the site and of --weights. Streams come from an RTSP server of the bench's own, 5 pictures of
    960 x 640 a second, and are counted by `doorward crowd run` with each detector.

    \b
    Example:
      doorward bench crowd --weights yolox=yolox_nano.onnx --weights nanodet=nanodet_m_320.onnx
    """
    source, scene_file, cameras = options["source"], options["scene_file"], options["cameras"]
    if (source is None) != (scene_file is None):
        raise WrongUse("Give --source and --scene together, or neither.")
    # The bench stands above the command line, which therefore knows it by name alone.
    costs: Any = importlib.import_module("doorward.bench.crowd")
    beside: Any = importlib.import_module("doorward.bench.crowd_counters")
    streaming: Any = importlib.import_module("doorward.bench.crowd_streams")
    places = crowd_models(options["site"])
    choices = costs.detectors(places, options["weights"])
    at_once = (options["streams"], options["seconds"])
    with counting_progress() as progress:
        steps = progress.add_task("measuring", total=3 + cameras + (len(choices) if source is None else 1))
        with costs.one_core():
            detectors = costs.detector_timings(choices, places)
            progress.advance(steps)
            stages = costs.stage_timings()
            progress.advance(steps)
            counters = beside.run()
            progress.advance(steps)
        stored = costs.day_on_disk(cameras, lambda _: progress.advance(steps))
        if source is None:
            counted = streaming.run_own(choices, places, *at_once)
        else:
            scene = load_scene(scene_file, scene_file.stem)
            counted = iter([(scene.detector.name, streaming.run(source, scene_file, *at_once, places))])
        streams = {}
        for name, figures in counted:
            streams[name] = asdict(figures) | {"carried": figures.carried}
            progress.advance(steps)
    told = {
        "detectors": {name: timing.to_json() for name, timing in detectors.items()},
        "people": costs.CROWD,
        "stages": {name: timing.to_json() for name, timing in stages.items()},
        "day": {"cameras": cameras, "bytes": stored},
        "counters": [asdict(each) for each in counters],
        "streams": streams,
    }
    if options["as_json"]:
        print_json(told)
        return
    _tell(told)


def _tell(told: dict[str, Any]) -> None:
    table = Table("one core", "ms, mean", "ms, p95", "a second", title=f"{told['people']} people after detection")
    for name, timing in {**told["detectors"], **told["stages"]}.items():
        table.add_row(name, f"{timing['mean_ms']:.2f}", f"{timing['p95_ms']:.2f}", f"{timing['per_second']:.0f}")
    beside = Table("counters", "crossing error", "of loiterers", "occupancy MAE", "ms a moment")
    for each in told["counters"]:
        error, loitered = f"{each['crossing_error']:.4f}", str(each["loiterer_crossings"])
        beside.add_row(each["name"], error, loitered, f"{each['occupancy_mae']:.3f}", f"{each['milliseconds']:.2f}")
    carried = Table("streams", "a second", "of a core each", "of it the model", "two cores carry")
    for name, each in told["streams"].items():
        shares = f"{each['share']:.1%}", f"{each['model_share']:.1%}"
        carried.add_row(name, f"{each['frames_a_second']:.1f}", *shares, str(each["carried"]))
    console().print(table, beside, carried)
    console().print(f"A day of {told['day']['cameras']} cameras: {told['day']['bytes'] / 1e6:.1f} MB.")
