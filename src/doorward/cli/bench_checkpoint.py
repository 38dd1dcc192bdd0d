"""`doorward bench checkpoint`: how many cameras one core carries."""

import importlib
from typing import Any

import click
from rich.table import Table

from doorward.cli.output import console, json_option, print_json, progress_console


@click.command("checkpoint")
@click.option("--width", type=click.IntRange(320, 3840), default=1280, show_default=True, help="Of the pictures.")
@click.option("--height", type=click.IntRange(240, 2160), default=720, show_default=True, help="Of the pictures.")
@click.option("--sent", type=click.FloatRange(5, 60), default=25, show_default=True, help="Pictures a second.")
@click.option("--seconds", type=click.FloatRange(1, 600), default=10, show_default=True, help="Of each measurement.")
@click.option("--people", type=click.IntRange(1, 1_000_000), default=10_000, show_default=True, help="Searched.")
@click.option("--most", type=click.IntRange(1, 200), default=100, show_default=True, help="Cameras that are tried.")
@json_option
def checkpoint_command(
    width: int, height: int, sent: float, seconds: float, people: int, most: int, as_json: bool
) -> None:
    """How many cameras one core carries at five looks a second: decoded, faces found and judged, decided upon.

    The cameras are RTSP connections (H.264, TCP) to a server on another core, each read by a process of its own.
    Somebody stands before all of them, so every look finds a face; every twentieth is made into a template and
    compared with everybody's. Example:

    doorward bench checkpoint --width 1920 --height 1080 --json
    """
    module: Any = importlib.import_module("doorward.bench.checkpoint")
    with progress_console().status("checkpoint") as status:
        told = module.run(module.Load((width, height), sent, seconds, people, most), status.update)
    if as_json:
        print_json(told)
        return
    table = Table("stage", "ms each time", box=None, pad_edge=False)
    for name in ("decode", "detect", "quality", "template", "search"):
        table.add_row(name, f"{told[f'{name}_ms']:.2f}")
    console().print(table)
    click.echo(
        f"One core carries {told['streams']} cameras of {width}x{height} that send {sent:g} pictures a second, looked "
        f"at {told['looks_per_second']:g} times a second. {told['looks_done']} of {told['looks_due']} looks were in "
        "time."
    )
    if told["server_on_same_core"]:
        click.echo("The server had to share that core: with a second core it carries more.")
