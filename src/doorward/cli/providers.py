"""Options that choose a key provider."""

import getpass
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click

from doorward.cli.opening import ask_passphrase
from doorward.cli.parameters import first_line
from doorward.errors import WrongUse
from doorward.settings.environment import passphrase_file
from doorward.wiring.face.providers import PROVIDERS, ProviderChoice

R = TypeVar("R")


def provider_options(command: Callable[..., R]) -> Callable[..., R]:
    """Give ``command`` the provider that was chosen, as ``choice``."""

    @click.option("--provider", type=click.Choice(PROVIDERS), help="Who keeps the key; a passphrase if not given.")
    @click.option(
        "--key-file",
        type=click.Path(path_type=Path),
        help="Make a key file here, outside the site's folder, instead of a passphrase.",
    )
    @click.option(
        "--pkcs11-module", type=click.Path(path_type=Path), help="The PKCS #11 module's file, for a token or card."
    )
    @click.option("--token", help="The label of the token in that module; its PIN is asked for as a passphrase is.")
    @wraps(command)
    def chosen(
        *args: Any,
        provider: str | None,
        key_file: Path | None,
        pkcs11_module: Path | None,
        token: str | None,
        **options: Any,
    ) -> R:
        name = provider or ("key-file" if key_file else "passphrase")
        if key_file and name != "key-file":
            raise WrongUse("A key file goes with --provider key-file; choose one provider.")
        if (pkcs11_module or token) and name != "pkcs11":
            raise WrongUse("A module and a token go with --provider pkcs11; choose one provider.")
        return command(*args, choice=ProviderChoice(name, key_file, pkcs11_module, token), **options)

    return chosen


def ask_new_secret(choice: ProviderChoice, file: Path | None) -> str:
    """The new passphrase, asked for twice; or the token's PIN, asked for once."""
    if choice.provider != "pkcs11":
        return ask_passphrase(file, twice=True)
    place = file or passphrase_file()
    if place is not None:
        return first_line(place)
    if not sys.stdin.isatty():
        raise WrongUse("This needs the token's PIN; give it in a file, or run this on a terminal.")
    return getpass.getpass("PIN of the token: ")
