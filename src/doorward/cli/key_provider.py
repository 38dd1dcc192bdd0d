"""Who keeps the key that opens the site: another one named, and what the earlier ones kept destroyed."""

import getpass
import sys
from collections.abc import Callable
from pathlib import Path

import click

from doorward.cli.opening import with_site
from doorward.cli.output import json_option, print_json
from doorward.cli.parameters import first_line
from doorward.cli.providers import ask_new_secret, provider_options
from doorward.errors import WrongUse
from doorward.settings.site import read_site_settings
from doorward.wiring.face.old_keys import OldKeys, destroy_old_keys
from doorward.wiring.face.providers import ProviderChoice
from doorward.wiring.face.site import Site
from doorward.wiring.face.unlocking import change_provider

old_pin_option = click.option(
    "--old-pin-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A file whose first line is the old token's PIN; else it is asked for.",
)


@click.group()
def provider() -> None:
    """Who keeps the key that opens the site.

    \b
    Example:
      doorward keys provider change --provider keyring
    """


@provider.command()
@provider_options
@click.option(
    "--new-passphrase-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A file whose first line is the new passphrase, or the token's PIN; else it is asked for.",
)
@click.option(
    "--destroy-old",
    is_flag=True,
    help="Destroy the old key file, keyring entry or token key too. Copies of the keys made until now, and sites "
    "restored with the old key, can then be opened by nobody: back up the keys anew.",
)
@old_pin_option
@json_option
@with_site
def change(
    site: Site,
    choice: ProviderChoice,
    new_passphrase_file: Path | None,
    destroy_old: bool,
    old_pin_file: Path | None,
    as_json: bool,
) -> None:
    """Let a new passphrase, key file, keyring entry or token open the site. Nothing but the site key is wrapped anew.

    What opened it before is kept, for it opens older copies of the keys, until --destroy-old or
    `doorward keys provider forget`. A passphrase is kept nowhere: forget it yourself.

    \b
    Example:
      doorward keys provider change --provider passphrase
      doorward keys provider change --provider key-file --key-file /media/usb/my-site.key --destroy-old
    """
    changed = change_provider(
        site.folder, site.stores, choice, lambda: ask_new_secret(choice, new_passphrase_file), site.actor
    )
    if not as_json:
        click.echo(f"Changed: the site now opens with its new {changed.key.provider.replace('-', ' ')}.")
    destroyed: tuple[str, ...] = ()
    if destroy_old:
        destroyed = destroy_old_keys(site.stores, changed.key, _old_pin(old_pin_file), site.actor)
    kept = [old.settings.provider for old in OldKeys(site.stores.grants).held(changed.key)]
    if as_json:
        told = {"site": changed.site, "provider": changed.key.provider}
        print_json({**told, "destroyed": list(destroyed), "kept": kept})
        return
    _tell_destroyed(destroyed)
    if kept:
        click.echo(
            f"Still kept, and opening older copies of the keys: {', '.join(kept)}. "
            "Once those are gone, destroy it: doorward keys provider forget"
        )


@provider.command()
@click.option(
    "--already-gone", is_flag=True, help="You destroyed them yourself: destroy nothing, and remember them no longer."
)
@old_pin_option
@json_option
@with_site
def forget(site: Site, already_gone: bool, old_pin_file: Path | None, as_json: bool) -> None:
    """Destroy every key file, keyring entry and token key that opened the site earlier and does so no more.

    Copies of the keys from that time, and sites restored with them, can then be opened by nobody. Wait until
    those copies are gone, unless that is what you want.

    \b
    Example:
      doorward keys provider forget
    """
    current = read_site_settings(site.folder).key
    gone = destroy_old_keys(site.stores, current, _old_pin(old_pin_file), site.actor, already_gone=already_gone)
    if as_json:
        print_json({"destroyed": [] if already_gone else list(gone), "forgotten": list(gone)})
    elif not gone:
        click.echo("No earlier provider keeps anything that Doorward knows of.")
    elif already_gone:
        click.echo(f"Remembered no longer: {', '.join(gone)}.")
    else:
        _tell_destroyed(gone)


def _tell_destroyed(destroyed: tuple[str, ...]) -> None:
    if destroyed:
        click.echo(
            f"Destroyed: {', '.join(destroyed)}. Copies of the keys made before open no more; "
            "make one now: doorward backup keys"
        )


def _old_pin(file: Path | None) -> Callable[[], str]:
    def ask() -> str:
        if file is not None:
            return first_line(file)
        if not sys.stdin.isatty():
            raise WrongUse("This needs the old token's PIN; give --old-pin-file, or run this on a terminal.")
        return getpass.getpass("PIN of the old token: ")

    return ask
