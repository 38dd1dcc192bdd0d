"""`doorward statistics`: how many passages there were, by checkpoint and time."""

from datetime import datetime

import click
from rich.table import Table

from doorward.cli.opening import with_site
from doorward.cli.output import console, json_option, print_json
from doorward.cli.parameters import MOMENT, MOMENT_HELP
from doorward.passages.statistics import FEWEST, STEP, Period
from doorward.wiring.face.site import Site
from doorward.wiring.face.statistics import passage_statistics


@click.command()
@click.option("--from", "begin", type=MOMENT, help=f"The beginning; a week before the end if not given. {MOMENT_HELP}.")
@click.option("--to", "end", type=MOMENT, help="The end; the last hour or day that is settled if not given.")
@click.option(
    "--by", "period", type=click.Choice([one.value for one in Period]), default=Period.HOUR.value, show_default=True
)
@json_option
@with_site
def statistics(site: Site, begin: datetime | None, end: datetime | None, period: str, as_json: bool) -> None:
    """Show how many passages each checkpoint had, by hour or day of UTC, once these are a day past.

    Nobody's key is asked for. Fewer than 10 are not told, and counts are rounded to tens.

    \b
    Example:
      doorward statistics --from 2026-11-20 --to 2026-11-27 --by day
    """
    found = passage_statistics(site.stores, site.actor, begin, end, Period(period))
    doors = site.doorkeeper.names()
    if as_json:
        cells = [
            {"begins": one.begins.isoformat(), "checkpoint": doors.get(one.checkpoint), "passages": one.passages}
            for one in found.cells
        ]
        span = {"from": found.begin.isoformat(), "to": found.end.isoformat(), "by": found.period.value}
        print_json({**span, "fewest_told": FEWEST, "rounded_to": STEP, "cells": cells})
        return
    table = Table("Begins", "Checkpoint", "Passages", box=None, pad_edge=False)
    for one in found.cells:
        table.add_row(f"{one.begins:%Y-%m-%d %H:%M} UTC", doors.get(one.checkpoint, "removed"), f"about {one.passages}")
    if found.cells:
        console().print(table)
    click.echo(f"Every other {period} at a checkpoint had fewer than {FEWEST} passages, or none.")
