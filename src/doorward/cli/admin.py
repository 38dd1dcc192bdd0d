"""`doorward admin`: what only an administrator sets."""

import getpass
import sys
from pathlib import Path

import click

from doorward.cli.opening import with_site
from doorward.cli.output import json_option, print_json
from doorward.cli.signatory import signatory
from doorward.errors import WrongUse
from doorward.wiring.face.administrator import SHORTEST_SECRET, Administrator
from doorward.wiring.face.contact import SecurityContact
from doorward.wiring.face.site import Site


@click.group()
def admin() -> None:
    """Set what lets a server listen beyond this machine, whom to tell of a weakness, and who signs moves of people.

    \b
    Example:
      doorward admin secret
    """


@admin.command()
@click.option(
    "--secret-file", type=click.Path(path_type=Path, dir_okay=False), help="A file whose first line is the secret."
)
@json_option
@with_site
def secret(site: Site, secret_file: Path | None, as_json: bool) -> None:
    """Set the administrator's secret; it is asked for twice, and kept as an Argon2id hash.

    \b
    Example:
      doorward admin secret --site my-site
    """
    Administrator(site.stores.grants).set_secret(_asked(secret_file))
    if as_json:
        print_json({"administrator_secret": "set"})
    else:
        click.echo("The administrator's secret is set; `doorward serve --host ADDRESS` may now listen beyond loopback.")


@admin.command()
@click.argument("uri")
@json_option
@with_site
def contact(site: Site, uri: str, as_json: bool) -> None:
    """Set whom to tell of a weakness: the contact that /.well-known/security.txt shows to everybody.

    \b
    Example:
      doorward admin contact mailto:security@example.org --site my-site
    """
    told = SecurityContact(site.stores.grants).set(uri)
    if as_json:
        print_json({"security_contact": told})
    else:
        click.echo(f"The server's security.txt names {told}.")


admin.add_command(signatory)


def _asked(secret_file: Path | None) -> str:
    if secret_file is not None:
        try:
            lines = secret_file.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError):
            raise WrongUse(f"The file {secret_file} cannot be read; check its name and rights.") from None
        return lines[0] if lines else ""
    if not sys.stdin.isatty():
        raise WrongUse("This asks for a secret; run it on a terminal, or give --secret-file.")
    entered = getpass.getpass(f"Administrator's secret (at least {SHORTEST_SECRET} characters): ")
    if getpass.getpass("The same again: ") != entered:
        raise WrongUse("The two secrets differ; try again.")
    return entered
