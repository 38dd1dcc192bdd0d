"""`doorward bench passages`: how many passages a site takes in, and what its store then does with them."""

import importlib
from pathlib import Path
from typing import Any

import click
from rich.progress import Progress
from rich.table import Table

from doorward.cli.drawings import check_drawing, write_drawing
from doorward.cli.output import console, json_option, print_json, progress_console


@click.command("passages")
@click.option("--devices", type=click.IntRange(1, 10_000), default=1_039, show_default=True, help="How many deliver.")
@click.option("--servers", type=click.IntRange(1, 16), default=1, show_default=True, help="That share the site.")
@click.option("--people", type=click.IntRange(1, 3_000_000), default=10_000, show_default=True, help="Who pass.")
@click.option("--seconds", type=click.FloatRange(1, 3600), default=30, show_default=True, help="At each rate.")
@click.option(
    "--replay", type=click.IntRange(1, 10_000_000), default=100_000, show_default=True, help="Passages in batches."
)
@click.option("--batch", type=click.IntRange(1, 2_000), default=500, show_default=True, help="Passages a message.")
@click.option(
    "--held",
    type=click.IntRange(0, 10_000_000),
    default=0,
    help="Passages held when one person's are looked for and an hour is dropped; those that lack are put in over 23 "
    "hours, straight into the store.  [default: those that were sent]",
)
@click.option("--store", metavar="URL", help="An empty PostgreSQL database to measure on; a file if not given.")
@click.option(
    "--picture",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Draw how long acknowledgements take to this .svg or .png file.",
)
@json_option
def passages_command(
    devices: int,
    servers: int,
    people: int,
    seconds: float,
    replay: int,
    batch: int,
    held: int,
    store: str | None,
    picture: Path | None,
    as_json: bool,
) -> None:
    """Take in the passages of simulated devices over HTTPS: at the case's 77.3 a second, at ten times, and replayed.

    Devices have keys of their own, and sign, number and seal. The server and they share this machine. Then the store
    by itself: what each stage costs, one person's passages, an hour dropped, beside the same rows in the clear.
    Example:

    doorward bench passages --held 6680348 --picture passages.svg --json
    doorward bench passages --store "postgresql://doorward@/bench?host=/var/run/postgresql"
    """
    passages_module: Any = importlib.import_module("doorward.bench.passages")
    plot_module: Any = importlib.import_module("doorward.bench.passages_plot")
    if picture is not None:
        check_drawing(picture)
    load = passages_module.Load(devices, people, seconds, replay, batch, held, store, servers)
    with Progress(console=progress_console(), transient=True) as progress:
        task = progress.add_task("beginning", total=None)

        def tell(step: str, done: int, total: int) -> None:
            progress.update(task, description=step, completed=done, total=total or None)

        told = passages_module.run(load, tell)
    if picture is not None:
        write_drawing(picture, plot_module.acknowledgement_plot(told))
    if as_json:
        print_json(told)
        return
    _show(told)


def _show(told: dict[str, Any]) -> None:
    (held,) = told["stores"].values()
    table = Table("", "passages a second", "ack p50 ms", "ack p99 ms", "server", "devices")
    for name, figures in (("the case's rate", held), ("ten times", held["ten_times"]), ("replayed", held["replay"])):
        shown = (str(figures[key]) for key in ("per_second", "ack_p50_ms", "ack_p99_ms"))
        table.add_row(name, *shown, f"{figures['cpu']:.0%}", f"{figures['devices_cpu']:.0%}")
    console().print(table)
    stages = ", ".join(f"{stage} {cost:g}" for stage, cost in held["stages_us"].items())
    click.echo(
        f"Sent {held['sent']}, acknowledged {held['acknowledged']}, stored {held['stored']}; "
        f"{held['bytes_per_passage']} bytes a passage, {held['memory_mb']} MB of memory.\n"
        f"Microseconds of processor a passage in a batch: {stages}.\n"
        f"Of {held['held']} passages one person's: {held['find_person_ms']} ms; an hour of {held['dropped']} dropped: "
        f"{held['drop_epoch_s']} s, its key in {held['drop_key_ms']} ms; {held['unsealed_ratio']} times as long as in "
        "the clear."
    )
