"""`doorward site`: this site's card for others, and the other sites that are known here."""

import sys
from pathlib import Path

import click

from doorward.adapters.backup.files import write_whole
from doorward.adapters.moving.card import encode_card
from doorward.cli.opening import with_site
from doorward.cli.output import json_option, print_json
from doorward.errors import WrongUse
from doorward.kernel.ids import SiteId
from doorward.wiring.face.site import Site
from doorward.wiring.face.site_cards import KnownSite, KnownSites, own_card


@click.group()
def site() -> None:
    """Show this site to others, and which others are known here: people are moved between them.

    \b
    Example:
      doorward site card --name "New building" --to new-building.card
    """


@site.command()
@click.option("--name", help="What the site calls itself, from now on.")
@click.option(
    "--to", type=click.Path(path_type=Path, dir_okay=False), help="A file, replaced if there is one; else printed."
)
@json_option
@with_site
def card(opened: Site, name: str | None, to: Path | None, as_json: bool) -> None:
    """Write this site's card, with which another site seals people for this one; nothing in it is secret.

    Tell the fingerprint by another way than the card: by telephone, or on paper.

    \b
    Example:
      doorward site card --name "New building" --to new-building.card
    """
    made = own_card(opened, name)
    octets = encode_card(made)
    if to is not None:
        write_whole(to, lambda file: file.write(octets), replace=True)
    if as_json:
        held = {"site": made.site, "name": made.name, "fingerprint": made.fingerprint}
        print_json({**held, "ends_at": made.ends_at.isoformat(), "file": to and str(to)})
        return
    if to is None:
        click.echo(octets, nl=False)
    click.echo(f"Fingerprint of “{made.name}”: {made.fingerprint}", err=to is None)
    click.echo(f"The card is taken until {made.ends_at:%Y-%m-%d}; the fingerprint stays.", err=to is None)


@site.command(name="list")
@json_option
@with_site
def list_sites(opened: Site, as_json: bool) -> None:
    """List the sites whose fingerprint somebody compared here.

    \b
    Example:
      doorward site list
    """
    known = KnownSites(opened).all()
    if as_json:
        print_json({"sites": [_json(one) for one in known]})
        return
    for one in known:
        click.echo(f"{one.name}  {one.fingerprint}  {one.site}, since {one.since:%Y-%m-%d}")
    if not known:
        click.echo("No other site is known here.")


@site.command()
@click.argument("other", metavar="SITE", type=click.UUID)
@json_option
@with_site
def forget(opened: Site, other: object, as_json: bool) -> None:
    """Forget another site, so that its fingerprint is compared anew.

    \b
    Example:
      doorward site forget 3dfeacc9-9fc3-4e0f-a620-09f49dc7704d
    """
    known = KnownSites(opened).forget(opened.actor, SiteId(str(other)))
    if as_json:
        print_json(_json(known))
    else:
        click.echo(f"Forgotten: {known.name}.")


def ask_fingerprint(name: str, given: str | None) -> str | None:
    """What was given, or what somebody types; ``None`` where nobody can be asked."""
    if given is not None or not sys.stdin.isatty():
        return given
    return str(click.prompt(f"Fingerprint of “{name}”, as that site told you by telephone or on paper", err=True))


def asked_fingerprint(name: str, given: str | None) -> str:
    """``ask_fingerprint``; ``WrongUse`` where nobody can be asked."""
    typed = ask_fingerprint(name, given)
    if typed is None:
        raise WrongUse(f"Give the fingerprint that “{name}” told you by telephone or on paper: --fingerprint.")
    return typed


def _json(known: KnownSite) -> dict[str, object]:
    return {
        "site": known.site,
        "name": known.name,
        "fingerprint": known.fingerprint,
        "since": known.since.isoformat(),
    }
