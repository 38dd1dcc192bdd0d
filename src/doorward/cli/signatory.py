"""`doorward admin signatory`: who together may have people leave the site."""

from collections.abc import Sequence
from pathlib import Path

import click

from doorward.cli.opening import with_site
from doorward.cli.output import json_option, print_json
from doorward.cli.signatures import secret_file_option, secrets_of
from doorward.wiring.face.signatories import FEWEST, Signatories, Signatory
from doorward.wiring.face.site import Site

by_option = click.option("--by", multiple=True, help="A signatory who agrees; name two.")


@click.group()
def signatory() -> None:
    """Appoint and remove those of whom two have to sign before people are moved to another site or passages are held.

    \b
    Example:
      doorward admin signatory list
    """


@signatory.command()
@click.argument("names", nargs=-1, required=True)
@by_option
@secret_file_option
@json_option
@with_site
def add(
    site: Site,
    names: tuple[str, ...],
    by: tuple[str, ...],
    secret_files: tuple[tuple[str, Path], ...],
    as_json: bool,
) -> None:
    """Appoint signatories. The first two are appointed together; later ones need the secrets of two of them.

    Let each choose and type their own secret. There is no way round a lost one: appoint three.

    \b
    Example:
      doorward admin signatory add "Ada Lovelace" "Grace Hopper" "Mary Cartwright"
      doorward admin signatory add "Emmy Noether" --by "Ada Lovelace" --by "Grace Hopper"
    """
    signatories = signatories_of(site)
    agreeing = secrets_of(by, secret_files)
    held = signatories.appoint(site.actor, secrets_of(names, secret_files, new=True), agreeing)
    _tell(held, as_json)


@signatory.command()
@click.argument("name")
@by_option
@secret_file_option
@json_option
@with_site
def remove(
    site: Site, name: str, by: tuple[str, ...], secret_files: tuple[tuple[str, Path], ...], as_json: bool
) -> None:
    """End an appointment. Two signatories have to agree, and two have to stay.

    \b
    Example:
      doorward admin signatory remove "Ada Lovelace" --by "Grace Hopper" --by "Mary Cartwright"
    """
    _tell(signatories_of(site).remove(site.actor, name, secrets_of(by, secret_files)), as_json)


@signatory.command(name="list")
@json_option
@with_site
def list_signatories(site: Site, as_json: bool) -> None:
    """List who may sign, and since when.

    \b
    Example:
      doorward admin signatory list
    """
    _tell(signatories_of(site).all(), as_json)


def signatories_of(site: Site) -> Signatories:
    return Signatories(site.stores.grants, site.stores.trail, site.stores.vault.clock)


def _tell(held: Sequence[Signatory], as_json: bool) -> None:
    if as_json:
        print_json({"signatories": [{"name": one.name, "since": one.since.isoformat()} for one in held]})
        return
    for one in held:
        click.echo(f"{one.name}, since {one.since:%Y-%m-%d}")
    if not held:
        click.echo('There is none, so nobody can be moved. Next: doorward admin signatory add "Ada" "Grace" "Mary"')
    elif len(held) == FEWEST:
        click.echo("If one of the two is lost, nobody can be moved, and nobody appointed: appoint a third.")
