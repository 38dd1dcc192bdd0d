"""Secrets of signatories: typed without being shown, or from files; never an argument."""

import getpass
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from doorward.cli.parameters import first_line
from doorward.errors import WrongUse

secret_file_option = click.option(
    "--secret-file",
    "secret_files",
    type=(str, click.Path(path_type=Path, dir_okay=False)),
    multiple=True,
    metavar="NAME FILE",
    help="A signatory, and a file whose first line is their secret; asked for if not given.",
)


def secret_of(name: str, files: Sequence[tuple[str, Path]], *, new: bool = False) -> str:
    """The secret of the signatory ``name``; twice on a terminal when it is ``new``."""
    for named, file in files:
        if named.strip().casefold() == name.strip().casefold():
            return first_line(file)
    if not sys.stdin.isatty():
        raise WrongUse(f"This needs a secret of a signatory; run it on a terminal, or give --secret-file {name} FILE.")
    entered = getpass.getpass(f"Secret of {name}: ")
    if new and getpass.getpass("The same again: ") != entered:
        raise WrongUse("The two secrets differ; try again.")
    return entered


def secrets_of(names: Sequence[str], files: Sequence[tuple[str, Path]], *, new: bool = False) -> dict[str, str]:
    """Name by name, in the order given."""
    return {name: secret_of(name, files, new=new) for name in names}
