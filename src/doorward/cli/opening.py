"""Which site a command works on, and how it is unlocked."""

import getpass
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from doorward.cli.parameters import first_line
from doorward.errors import WrongUse
from doorward.settings.environment import passphrase_file, site_folder

if TYPE_CHECKING:
    from doorward.wiring.face.site import Site

R = TypeVar("R")

site_option = click.option(
    "--site",
    "folder",
    type=click.Path(path_type=Path),
    help="The site's folder; DOORWARD_SITE or the current folder if not given.",
)
passphrase_option = click.option(
    "--passphrase-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A file whose first line is the passphrase, - for standard input; DOORWARD_PASSPHRASE_FILE, else it is asked.",
)
purpose_option = click.option(
    "--purpose", default="administration", show_default=True, help="Why you look; the person can see it."
)


def with_site(command: Callable[..., R]) -> Callable[..., R]:
    """Give ``command`` an open site as its first argument, and close it afterwards."""

    @site_option
    @passphrase_option
    @wraps(command)
    def opened(*args: Any, folder: Path | None, passphrase_file: Path | None, **options: Any) -> R:
        with open_named_site(folder, passphrase_file) as site:
            return command(site, *args, **options)

    return opened


def open_named_site(folder: Path | None, passphrase_at: Path | None) -> "Site":
    """The site that was named, or the environment's, or the current folder's."""
    from doorward.wiring.face.site import open_site  # loads the face side: only commands that need a site pay for it

    return open_site(folder or site_folder(), lambda: ask_passphrase(passphrase_at))


def ask_passphrase(passphrase_at: Path | None, *, twice: bool = False) -> str:
    """From a file, or from the terminal without showing it; never from an argument."""
    place = passphrase_at or passphrase_file()
    if place is not None:
        return from_standard_input() if str(place) == "-" else first_line(place)
    if not sys.stdin.isatty():
        raise WrongUse("This needs the site's passphrase; give --passphrase-file FILE, - for standard input.")
    entered = getpass.getpass("Passphrase of the site: ")
    if twice and getpass.getpass("The same again: ") != entered:
        raise WrongUse("The two passphrases differ; try again.")
    return entered


def from_standard_input() -> str:
    """The first line of standard input; ``WrongUse`` when there is none."""
    line = sys.stdin.readline().rstrip("\n")
    if not line:
        raise WrongUse("Standard input gave no passphrase; send it as one line.")
    return line
