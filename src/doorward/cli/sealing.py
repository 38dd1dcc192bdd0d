"""`doorward unseal` and `doorward seal`: whether the site's key is in memory, and whose."""

import getpass
from pathlib import Path

import click

from doorward.cli.opening import ask_passphrase, passphrase_option, site_option
from doorward.cli.output import json_option, print_json
from doorward.kernel.audit import Actor
from doorward.settings.environment import site_at
from doorward.wiring.face.opening import read_settings
from doorward.wiring.face.sealing import SealReport
from doorward.wiring.face.sealing import seal as seal_site
from doorward.wiring.face.sealing import unseal as unseal_site

_LEFT = 3


@click.command()
@click.option(
    "--hours", type=click.FloatRange(0, 8760, min_open=True), help="Seal the site again by itself after so many hours."
)
@site_option
@passphrase_option
@json_option
def unseal(hours: float | None, folder: Path | None, passphrase_file: Path | None, as_json: bool) -> None:
    """Let a key keeper hold the site's key, so that commands and servers of yours open the site without asking.

    The key stays in that one process, until `doorward seal` or the end of the machine's day.

    \b
    Example:
      doorward unseal --site my-site
      doorward unseal --hours 12
    """
    place = site_at(folder)
    begun = unseal_site(
        place, read_settings(place), lambda: ask_passphrase(passphrase_file), _operator("unsealing"), hours
    )
    if as_json:
        print_json({"unsealed": True, "begun": begun, "hours": hours if begun else None})
    elif begun:
        until = f"for {hours:g} hours" if hours else "until `doorward seal`"
        click.echo(f"Unsealed: a key keeper holds the site's key {until}.")
    else:
        click.echo("The site was unsealed already.")


@click.command()
@site_option
@json_option
def seal(folder: Path | None, as_json: bool) -> int:
    """End every process that holds keys of the site: its key keeper, its server, commands that are at work.

    Whoever opens the site next needs its passphrase, key file or token again.

    \b
    Example:
      doorward seal --site my-site
    """
    place = site_at(folder)
    report = seal_site(place, read_settings(place), _operator("sealing"))
    if as_json:
        print_json({"ended": list(report.ended), "left": list(report.left)})
    else:
        _tell(report)
    return _LEFT if report.left else 0


def _tell(report: SealReport) -> None:
    if report.left:
        named = ", ".join(str(process) if process else "one in a container" for process in report.left)
        click.echo(f"Not sealed: these processes still hold keys and belong to somebody else: {named}.", err=True)
    elif report.ended:
        click.echo(f"Sealed: {len(report.ended)} {'process' if len(report.ended) == 1 else 'processes'} ended.")
    else:
        click.echo("Sealed already: no process holds keys of the site.")


def _operator(purpose: str) -> Actor:
    return Actor(f"operator {getpass.getuser()}", purpose)
