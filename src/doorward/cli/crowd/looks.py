"""`doorward crowd looks`: who looked at exact figures."""

from pathlib import Path

import click
from rich.table import Table

from doorward.cli.crowd.options import site_option, time_of
from doorward.cli.output import console, json_option, print_json
from doorward.crowd.as_json import time_text
from doorward.crowd.looks import EVERY_SCENE
from doorward.settings.crowd.site import crowd_site


@click.command("looks")
@click.option("--from", "start", help="Only hours that begin at this time or later, such as 2026-05-01T08:00Z.")
@click.option("--to", "end", help="Only hours that begin before this time.")
@site_option
@json_option
def looks_command(start: str | None, end: str | None, site: Path | None, as_json: bool) -> None:
    """Show who looked at exact figures and alarms, and who published, by the hour, the newest first.

    \b
    Example:
      doorward crowd looks --from 2026-05-01
    """
    first, last, folder = time_of(start, "--from"), time_of(end, "--to"), crowd_site(site)
    from doorward.wiring.crowd.stores import looks_of  # loads the stores, which help texts do not need

    with looks_of(folder) as book:
        found = book.read(first, last)
    if as_json:
        told = [
            {
                "hour": time_text(look.hour),
                "who": look.who,
                "looked_at": look.at.value,
                "scene": None if look.scene == EVERY_SCENE else look.scene,
                "times": look.times,
            }
            for look in found
        ]
        print_json({"looks": told})
        return
    table = Table("hour (UTC)", "who", "looked at", "camera", "times", box=None, pad_edge=False)
    for look in found:
        table.add_row(f"{look.hour:%Y-%m-%d %H:%M}", look.who, look.at.value, look.scene or "all", str(look.times))
    console().print(table if found else "Nobody has looked yet.")
