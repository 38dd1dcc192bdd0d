"""`doorward store`: the PostgreSQL database that a site's data is in."""

from pathlib import Path

import click

from doorward.cli.opening import site_option
from doorward.cli.output import json_option, print_json
from doorward.settings.environment import site_at
from doorward.wiring.face.second_machine import make_for_machine
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
    url = let_role_serve(site_at(folder), role, owner)
    if as_json:
        print_json({"role": role, "url": url})
        return
    click.echo(f"{role} may serve the site, and the settings name it: {url}")


@store.command()
@click.argument("target", metavar="NEW_FOLDER", type=click.Path(path_type=Path))
@click.option("--store", "url", metavar="URL", help="The database as the other machine reaches it.")
@click.option("--crowd-store", "crowd", metavar="URL", help="The same of the crowd's figures, if they are in one.")
@site_option
@json_option
def machine(target: Path, url: str | None, crowd: str | None, folder: Path | None, as_json: bool) -> None:
    """Make NEW_FOLDER, with which another machine serves the site: copy it there. No key that opens anything is in it.

    The keys stay here. There, connect its keys/keeper.sock with this site's through ssh, unseal the site here, and
    serve.

    \b
    Example:
      doorward store machine door-2 --store "postgresql://doorward_server@db.example.org/doorward"
    """
    site = site_at(folder)
    made = make_for_machine(site, target, url, crowd)
    if as_json:
        print_json({"site": made.site, "folder": str(target), "url": made.store})
        return
    here = site / "keys" / "keeper.sock"
    click.echo(f"Made {target}. Nothing in it opens anything. Copy it to the other machine; there, as the same user:")
    click.echo(f"  ssh -N -L {target.name}/keys/keeper.sock:{here} THIS_MACHINE")
    click.echo(f"  doorward serve --site {target.name}")
    click.echo("Here, so that the keys can be asked for: doorward unseal")
