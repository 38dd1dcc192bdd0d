"""`doorward bench trackers`: trackers by their counting error."""

import importlib
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from doorward.cli.crowd.options import scene_option
from doorward.cli.output import console, json_option, print_json
from doorward.cli.progress import counting_progress
from doorward.crowd.noisy_sight import SightNoise
from doorward.settings.crowd.scene_file import load_scene

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
