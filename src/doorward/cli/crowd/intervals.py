"""`doorward crowd intervals`: what was stored."""

from pathlib import Path

import click
from rich.table import Table

from doorward.cli.crowd.options import site_option, time_of
from doorward.cli.crowd.values import shown
from doorward.cli.output import console, json_option, print_json
from doorward.crowd.as_json import interval_object
from doorward.crowd.intervals import MINUTE_SECONDS, QUARTER_SECONDS, IntervalAggregate
from doorward.crowd.looks import LookedAt
from doorward.errors import NotFound
from doorward.settings.crowd.site import crowd_site


@click.command("intervals")
@click.argument("name")
@click.option("--from", "start", help="Only intervals that begin at this time or later, such as 2026-05-01T08:00Z.")
@click.option("--to", "end", help="Only intervals that begin before this time.")
@click.option("--quarters", is_flag=True, help="Quarters of an hour in place of minutes.")
@site_option
@json_option
def intervals_command(
    name: str, start: str | None, end: str | None, quarters: bool, site: Path | None, as_json: bool
) -> None:
    """Show the stored intervals of the camera NAME; what was not seen is unknown, never 0.

    \b
    Example:
      doorward crowd intervals hall --from 2026-05-01T08:00Z --to 2026-05-01T09:00Z
    """
    first, last = time_of(start, "--from"), time_of(end, "--to")
    folder = crowd_site(site)
    from doorward.wiring.crowd.stores import intervals_of, note_look  # loads the stores, which help texts do not need

    with intervals_of(folder) as store:
        found = store.read(name, first, last, seconds=QUARTER_SECONDS if quarters else MINUTE_SECONDS)
        if not found and name not in store.scenes():
            raise NotFound(f"No intervals are stored for {name!r}; count some with `doorward crowd run {name} …`.")
        note_look(store, LookedAt.INTERVALS, name)
    if as_json:
        print_json({"scene": name, "intervals": [interval_object(interval) for interval in found]})
        return
    console().print(_table(name, found))


def _table(name: str, intervals: tuple[IntervalAggregate, ...]) -> Table:
    headings = ("begins (UTC)", "coverage", "lines: in / out", "zones: mean (max)", "persons/m2", "m/s", "level, risk")
    table = Table(*headings, title=name)
    for interval in intervals:
        lines = (f"{line.id} {shown(line.inward)} / {shown(line.outward)}" for line in interval.lines)
        zones = (f"{zone.id} {shown(zone.mean)} ({shown(zone.most)})" for zone in interval.zones)
        table.add_row(
            f"{interval.start:%Y-%m-%d %H:%M}",
            f"{interval.coverage:.0%}",
            "\n".join(lines),
            "\n".join(zones),
            "\n".join(shown(zone.density.voronoi if zone.density else None, 2) for zone in interval.zones),
            "\n".join(shown(zone.speed.median if zone.speed else None, 2) for zone in interval.zones),
            "\n".join(f"{zone.service or '-'}, {shown(zone.safety)}" for zone in interval.zones),
        )
    return table
