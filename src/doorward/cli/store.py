"""`doorward store`: the PostgreSQL database that a site's data is in."""

from pathlib import Path

import click

from doorward.cli.opening import site_option
from doorward.cli.output import json_option, print_json
from doorward.settings.environment import site_folder
from doorward.wiring.face.serving_role import let_role_serve


@click.group()
def store() -> None:
    """The PostgreSQL database that the site's data is in, if it is in one.

    \b
    Example:
      doorward store grant doorward_server
    """


@store.command()
@click.argument("role")
@click.option(
    "--owner", metavar="URL", help="The database as its owner's role reaches it; the site's URL if not given."
)
@site_option
@json_option
def grant(role: str, owner: str | None, folder: Path | None, as_json: bool) -> None:
    """Let ROLE, which you made with CREATE ROLE … LOGIN, serve the site, and nothing else.

    It may then read and write rows; not make, change or drop a table, and not rewrite the audit log or the erasure
    ledger. The site's settings name it from then on. After an upgrade of Doorward run it again as the owner.

    \b
    Example:
      doorward store grant doorward_server
      doorward store grant doorward_server --owner "postgresql://doorward@/doorward?host=/var/run/postgresql"
    """
    url = let_role_serve((folder or site_folder()).expanduser().resolve(), role, owner)
    if as_json:
        print_json({"role": role, "url": url})
        return
    click.echo(f"{role} may serve the site, and the settings name it: {url}")
