"""PINs on the command line: set, drawn, taken away, and entered."""

import getpass
import sys
from pathlib import Path

import click

from doorward.cli.opening import with_site
from doorward.cli.output import json_option, print_json
from doorward.cli.parameters import PERSON, first_line
from doorward.errors import WrongUse
from doorward.kernel.ids import PersonId
from doorward.people.pin import LONGEST_PIN, SHORTEST_PIN
from doorward.wiring.face.site import Site

PIN_FILE = click.Path(path_type=Path, dir_okay=False, allow_dash=True)


@click.command()
@click.argument("person", type=PERSON)
@click.option("--draw", "drawn", is_flag=True, help="Draw one at random, and show it this once.")
@click.option("--pin-file", type=PIN_FILE, help="A file whose first line is the PIN, - for standard input.")
@click.option("--remove", "removed", is_flag=True, help="Take the person's PIN away.")
@json_option
@with_site
def pin(site: Site, person: PersonId, drawn: bool, pin_file: Path | None, removed: bool, as_json: bool) -> None:
    """Set the PIN of PERSON: what tells them apart from a lookalike, beside their face. It is asked for twice.

    It is kept as a slow hash under the person's own key; nobody can read it.

    \b
    Example:
      doorward people pin ID
      doorward people pin ID --draw
    """
    if drawn + removed + (pin_file is not None) > 1:
        raise WrongUse("Choose one: --draw, --pin-file FILE or --remove.")
    told = None
    if removed:
        site.pins.remove(site.actor, person)
    elif drawn:
        told = site.pins.draw(site.actor, person)
    else:
        site.pins.choose(site.actor, person, entered_pin(pin_file, twice=True))
    if as_json:
        print_json({"person": person, "has_pin": not removed, "pin": told})
    elif told is not None:
        click.echo(f"PIN, shown this once: {told}")
    else:
        click.echo("The PIN is removed." if removed else "The PIN is set.")


def entered_pin(pin_file: Path | None, *, twice: bool = False) -> str:
    """From a file, or from the terminal without showing it; never from an argument, which other processes see."""
    if pin_file is not None:
        return sys.stdin.readline() if str(pin_file) == "-" else first_line(pin_file)
    if not sys.stdin.isatty():
        raise WrongUse("This asks for a PIN; run it on a terminal, or give --pin-file FILE, - for standard input.")
    entered = getpass.getpass(f"PIN ({SHORTEST_PIN} to {LONGEST_PIN} digits): ")
    if twice and getpass.getpass("The same again: ") != entered:
        raise WrongUse("The two PINs differ; try again.")
    return entered
