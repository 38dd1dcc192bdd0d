"""`doorward bench identify`: searches for one face among many, beside other ways."""

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from rich.progress import Progress
from rich.table import Table

from doorward.cli.drawings import check_drawing, write_drawing
from doorward.cli.output import console, json_option, print_json, progress_console
from doorward.errors import WrongUse

_SEARCHES = ("ours", "numpy", "faiss_flat", "faiss_hnsw", "usearch", "sqlite_vec", "pgvector")


@click.command("identify")
@click.option(
    "--people",
    "sizes",
    type=click.IntRange(1_000, 100_000_000),
    multiple=True,
    default=(100_000,),
    show_default=True,
    help="How many; again for another size.",
)
@click.option("--dimensions", type=click.IntRange(64, 1_024), default=128, show_default=True)
@click.option("--threads", type=click.IntRange(1, 64), default=1, show_default=True)
@click.option(
    "--method",
    "methods",
    type=click.Choice(_SEARCHES),
    multiple=True,
    help="Only this; can be given again.  [default: all that are here]",
)
@click.option(
    "--patience",
    type=click.FloatRange(0.01),
    default=300,
    show_default=True,
    help="Seconds that building may take; what would take longer is told and not searched.",
)
@click.option(
    "--picture", type=click.Path(path_type=Path, dir_okay=False), help="Draw times by size to this .svg or .png file."
)
@json_option
def identify_command(
    sizes: tuple[int, ...],
    dimensions: int,
    threads: int,
    methods: tuple[str, ...],
    patience: float,
    picture: Path | None,
    as_json: bool,
) -> None:
    """Time searches for one face among many, one template each, beside other ways, and count who is found.

    The templates are random; a probe is at cosine .45, .50 or .60 from its mate, or as far as mated photos of LFW
    are. Each way builds, writes what it has to the folder for temporary files, and starts from there in a process of
    its own: Doorward from a sealed snapshot. usearch, sqlite-vec and pg8000 come with doorward[bench]; pgvector is
    asked where DOORWARD_BENCH_DATABASE names a server. Example:

    doorward bench identify --people 1000000 --method ours --method faiss_flat --json
    """
    identify_module: Any = importlib.import_module("doorward.bench.identify")
    contenders: Any = importlib.import_module("doorward.bench.identify_contenders")
    growth_module: Any = importlib.import_module("doorward.bench.identify_growth")
    absent = {method: why for method in _SEARCHES if (why := contenders.why_absent(method))}
    for method in methods:
        if method in absent:
            raise WrongUse(absent[method])
    chosen = methods or tuple(method for method in _SEARCHES if method not in absent)
    if picture is not None:
        check_drawing(picture)
    with Progress(console=progress_console(), transient=True) as progress:
        task = progress.add_task("beginning", total=None)

        def tell(step: str, done: int, total: int) -> None:
            progress.update(task, description=step, completed=done, total=total or None)

        told = [identify_module.run(people, dimensions, threads, chosen, patience, tell) for people in sizes]
    growth = growth_module.growth(told)
    if picture is not None:
        write_drawing(picture, growth_module.growth_plot(told))
    if as_json:
        print_json(told[0] if len(told) == 1 else {"sizes": told, "growth": growth})
    else:
        for one in told:
            console().print(_searches_table(one, growth_module.name_of))
        if growth:
            console().print(_growth_words(growth))


def _searches_table(told: dict[str, Any], name_of: Callable[[str], str]) -> Table:
    table = Table(
        title=f"{told['people']} people, {told['dimensions']} dimensions, threads: {told['threads']}, "
        f"load {told['load']:g}"
    )
    every = list(told["methods"].values())
    for heading in ("", *map(name_of, told["methods"])):
        table.add_column(heading, justify="right" if heading else "left")
    for name in (name for name in every[0] if name not in ("hits", "lost")):
        words = name.replace("_", " ")
        table.add_row(words, *("" if one[name] is None else f"{one[name]:g}" for one in every))
    for name, words in (("hits", "found at"), ("lost", "lost at")):
        for cosine in every[0][name]:
            cells = ("" if one[name][cosine] is None else f"{one[name][cosine]:.4f}" for one in every)
            table.add_row(f"{words} {cosine}", *cells)
    return table


def _growth_words(growth: dict[str, Any]) -> str:
    foretold = growth["foretold"]
    return (
        f"Doorward takes {growth['fixed_ms']:g} ms and {growth['ms_per_million']:g} ms for every million people. "
        f"{foretold['people']} would take {foretold['p50_ms']:g} ms a search, {foretold['memory_mb'] / 1e3:.1f} GB of "
        f"memory, {foretold['build_s']:g} s to build and {foretold['start_s']:g} s to start."
    )
