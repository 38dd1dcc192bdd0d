"""`doorward bench trackers` and `bench crowd`: what counting gets wrong, and what it costs."""

import importlib
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from doorward.cli.crowd.options import scene_option, site_option
from doorward.cli.output import console, json_option, print_json
from doorward.cli.parameters import SOURCE
from doorward.cli.progress import counting_progress
from doorward.crowd.noisy_sight import SightNoise
from doorward.errors import WrongUse
from doorward.settings.crowd.scene_file import load_scene
from doorward.settings.crowd.site import crowd_models

FALSE_POSITIVE = 0.03


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
@click.option("--source", type=SOURCE, help="A stream, to see how many of it two cores carry; give its --scene too.")
@click.option("--scene", "scene_file", type=click.Path(path_type=Path), help="The scene's TOML file, for --source.")
@click.option("--streams", type=click.IntRange(1, 64), default=2, show_default=True, help="Counted at once.")
@click.option("--seconds", type=click.FloatRange(1, 600), default=20.0, show_default=True, help="Of the stream.")
@site_option
@click.option("--cameras", type=click.IntRange(1, 100), default=20, show_default=True, help="Whose day is stored.")
@json_option
def crowd_command(
    source: str | None,
    scene_file: Path | None,
    streams: int,
    seconds: float,
    site: Path | None,
    cameras: int,
    as_json: bool,
) -> None:
    """Detectors and stages on one core, 200 people measured, a day on disk, beside supervision's counters.

    \b
    Example:
      doorward bench crowd --source rtsp://camera/stream --scene hall.toml
    """
    if (source is None) != (scene_file is None):
        raise WrongUse("Give --source and --scene together, or neither.")
    # The bench stands above the command line, which therefore knows it by name alone.
    costs: Any = importlib.import_module("doorward.bench.crowd")
    beside: Any = importlib.import_module("doorward.bench.crowd_counters")
    with counting_progress() as progress:
        steps = progress.add_task("measuring", total=4 + cameras)
        with costs.one_core():
            detectors = costs.detector_timings(crowd_models(site))
            progress.update(steps, completed=1)
            stages = costs.stage_timings()
            progress.update(steps, completed=2)
            counters = beside.run()
            progress.update(steps, completed=3)
        stored = costs.day_on_disk(cameras, lambda done: progress.update(steps, completed=3 + done))
        carried: Any = None
        if source is not None and scene_file is not None:
            streaming: Any = importlib.import_module("doorward.bench.crowd_streams")
            carried = streaming.run(source, scene_file, streams, seconds)
        progress.update(steps, completed=4 + cameras)
    told = {
        "detectors": {name: timing.to_json() for name, timing in detectors.items()},
        "people": costs.CROWD,
        "stages": {name: timing.to_json() for name, timing in stages.items()},
        "day": {"cameras": cameras, "bytes": stored},
        "counters": [asdict(each) for each in counters],
        "streams": None if carried is None else asdict(carried) | {"carried": carried.carried},
    }
    if as_json:
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
    console().print(table, beside)
    console().print(f"A day of {told['day']['cameras']} cameras: {told['day']['bytes'] / 1e6:.1f} MB.")
    if streams := told["streams"]:
        console().print(
            f"{streams['streams']} streams of {streams['frames_a_second']:.1f} frames a second took "
            f"{streams['share']:.0%} of a core each: two cores carry {streams['carried']}."
        )
