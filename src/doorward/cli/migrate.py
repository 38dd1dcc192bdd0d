"""`doorward migrate`: a site's data moved to PostgreSQL."""

from pathlib import Path

import click

from doorward.cli.opening import site_option
from doorward.cli.output import json_option, print_json
from doorward.cli.progress import counting_progress
from doorward.settings.environment import site_at
from doorward.wiring.face.migrating import migrate_site


@click.command()
@click.option("--to", required=True, metavar="URL", help="An empty PostgreSQL database: postgresql://ROLE@HOST/NAME.")
@site_option
@json_option
def migrate(folder: Path | None, to: str, as_json: bool) -> None:
    """Move the site's data to PostgreSQL. The keys stay in the site's folder; no passphrase is needed.

    Stop what uses the site first. Every row is compared before the settings name the new place. Killed at any point
    and run again, it goes on where it was; until its end the site stays where it is.

    \b
    Example:
      doorward migrate --to "postgresql://doorward@/doorward?host=/var/run/postgresql"
    """
    place = site_at(folder)
    with counting_progress() as bar:
        task = bar.add_task("rows", total=None)
        moved = migrate_site(place, to, lambda done, total: bar.update(task, completed=done, total=total))
    if as_json:
        print_json({"rows": moved.rows, "resumed": moved.resumed})
        return
    click.echo(f"The site's data is in PostgreSQL now: {moved.rows:,} rows, each compared. data.db is gone.")
    click.echo(f"The keys stay in {place / 'keys'}: back them up as before.")
