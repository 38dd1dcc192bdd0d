"""`doorward crowd store`: the crowd's figures in PostgreSQL."""

from pathlib import Path

import click

from doorward.cli.crowd.options import site_option
from doorward.cli.output import json_option, print_json
from doorward.settings.crowd.site import crowd_site


@click.command("store")
@click.argument("url")
@click.option("--owner", required=True, metavar="URL", help="The database as the role reaches it that may make tables.")
@site_option
@json_option
def store_command(url: str, owner: str, site: Path | None, as_json: bool) -> None:
    """Keep the crowd's figures at URL, in PostgreSQL, instead of crowd.db; what is there is moved, and compared.

    They get a schema of their own, and the role in URL, which you made with CREATE ROLE … LOGIN, may add and read
    figures and nothing else. A role that reaches the rows of people is refused. Stop what counts first. After an
    upgrade of Doorward run it again.

    \b
    Example:
      doorward crowd store postgresql://doorward_crowd@127.0.0.1/doorward --owner postgresql://doorward@127.0.0.1/doorward
    """
    folder = crowd_site(site)
    from doorward.wiring.crowd.moving import (  # loads the stores, which help texts do not need
        crowd_database,
        move_crowd,
    )

    rows = move_crowd(folder, url, owner)
    if as_json:
        print_json({"url": url, "rows": rows})
        return
    click.echo(f"The crowd's figures are in PostgreSQL now: {rows:,} rows.")
    if crowd_database(folder).exists():
        click.echo("An earlier crowd.db is still there, and is not used; remove it when you need it no more.")
