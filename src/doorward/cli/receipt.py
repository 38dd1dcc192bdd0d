"""`doorward people receipt`: proof of an erasure, handed out and checked."""

from pathlib import Path

import click

from doorward.cli.opening import open_named_site, passphrase_option, site_option, with_site
from doorward.cli.output import json_option, print_json
from doorward.cli.parameters import PERSON
from doorward.kernel.ids import PersonId
from doorward.wiring.face.erasing import issue_receipt, read_receipt, trusted_keys, write_receipt
from doorward.wiring.face.site import Site

PATH = click.Path(path_type=Path, dir_okay=False)


@click.group()
def receipt() -> None:
    """Hand out and check erasure receipts.

    \b
    Example:
      doorward people receipt verify receipt.json
    """


@receipt.command()
@click.argument("person", type=PERSON)
@click.option("--to", type=PATH, required=True, help="The JSON file; a page to print is written beside it.")
@json_option
@with_site
def issue(site: Site, person: PersonId, to: Path, as_json: bool) -> None:
    """Write the receipt of somebody who was erased, again or late.

    \b
    Example:
      doorward people receipt issue ID --to receipt.json
    """
    files = write_receipt(issue_receipt(site, person), to)
    if as_json:
        print_json({"person": person, "files": [str(file) for file in files]})
    else:
        click.echo(f"Wrote {files[0]}, and {files[1]} to print.")


@receipt.command()
@json_option
@with_site
def key(site: Site, as_json: bool) -> None:
    """Print the public keys that this site signs or signed receipts with, to publish them.

    \b
    Example:
      doorward people receipt key
    """
    keys = sorted(trusted_keys(site))
    if as_json:
        print_json({"public_keys": keys})
    else:
        click.echo("\n".join(keys))


@receipt.command()
@click.argument("file", type=PATH)
@click.option("--public-key", "public_keys", multiple=True, help="A key that the site published; no site is needed.")
@site_option
@passphrase_option
@json_option
def verify(
    file: Path, public_keys: tuple[str, ...], folder: Path | None, passphrase_file: Path | None, as_json: bool
) -> None:
    """Check that this site signed the receipt in FILE as it is. Exit status 3: it did not.

    \b
    Example:
      doorward people receipt verify receipt.json
    """
    trusted = frozenset(key.strip().lower() for key in public_keys)
    if not trusted:
        with open_named_site(folder, passphrase_file) as site:
            trusted = trusted_keys(site)
    checked = read_receipt(file, trusted)
    gone_by = checked.keys_gone_by and checked.keys_gone_by.isoformat()
    if as_json:
        print_json(
            {
                "ok": True,
                "site": checked.site,
                "person": checked.person,
                "erased_at": checked.erased_at.isoformat(),
                "keys_gone_by": gone_by,
                "key_gone_confirmed": checked.key_gone_confirmed,
            }
        )
        return
    click.echo(f"The receipt holds: person {checked.person} was erased in the hour from {checked.erased_at:%F %H:%M}.")
    if checked.key_gone_confirmed:
        click.echo("The files of the keys were searched, and nothing of the key was left in them.")
    if checked.keys_gone_by:
        click.echo(f"The last backup of the key is gone by {checked.keys_gone_by:%F %H:%M} UTC.")
