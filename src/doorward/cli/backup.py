"""`doorward backup`: data and keys apart, restored together, and tried before they are needed."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import click
from rich.progress import Progress

from doorward.adapters.backup.encryption import make_identity
from doorward.adapters.stores.face.ledger_copies import ledger_name
from doorward.cli.opening import ask_passphrase, passphrase_option, site_option, with_site
from doorward.cli.output import json_option, print_json, progress_console
from doorward.settings.environment import site_folder
from doorward.wiring.face.backup import (
    DEFAULT_DAYS,
    LONGEST_DAYS,
    BackupMade,
    back_up_keys,
    create_backup,
    ledger_copies,
)
from doorward.wiring.face.drilling import drill
from doorward.wiring.face.restoring import BackupSet, restore
from doorward.wiring.face.site import Site, open_site

PATH = click.Path(path_type=Path)


def _of_backups(command: Callable[..., Any]) -> Callable[..., Any]:
    """The argument and options that name a backup set."""
    options = (
        click.argument("data", metavar="FILE", type=PATH),
        click.option("--identity", type=PATH, required=True, help="The file with the age identity."),
        click.option("--keys", type=PATH, required=True, help="A backup of the keys, made after that of the data."),
    )
    for option in reversed(options):
        command = option(command)
    return command


@click.group()
def backup() -> None:
    """Back a site up, restore it, and try a backup before it is needed.

    \b
    Example:
      doorward backup create --to /media/backups --recipient age1…
      doorward backup keys --to /media/keys
    """


@backup.command()
@click.argument("file", type=PATH)
@json_option
def identity(file: Path, as_json: bool) -> None:
    """Make an age identity in FILE, on a machine that is not the server, and print its recipient.

    \b
    Example:
      doorward backup identity backup-identity.txt
    """
    recipient = make_identity(file)
    if as_json:
        print_json({"file": str(file), "recipient": recipient})
        return
    click.echo(f"Made {file}; whoever has it can open backups, so keep it off the server.")
    click.echo(f"Recipient: {recipient}")


@backup.command()
@click.option("--to", type=PATH, required=True, help="A folder, or a file that does not exist yet.")
@click.option("--recipient", required=True, help="The age recipient (age1…) whose identity the server does not have.")
@json_option
@with_site
def create(site: Site, to: Path, recipient: str, as_json: bool) -> None:
    """Back the data up, encrypted to RECIPIENT, while the site goes on serving. The keys are not in it.

    \b
    Example:
      doorward backup create --to /media/backups --recipient age1…
    """
    _tell(create_backup(site, to, recipient), as_json)
    if not as_json:
        click.echo("Next, so that it can be restored: doorward backup keys --to FOLDER")


@backup.command()
@click.option("--to", type=PATH, help="A folder apart from the data's backups; the last one if not given.")
@click.option(
    "--days",
    type=click.IntRange(1, LONGEST_DAYS),
    help=f"Days that each copy is kept, and so the deadline of an erasure; {DEFAULT_DAYS} at first.",
)
@json_option
@with_site
def keys(site: Site, to: Path | None, days: int | None, as_json: bool) -> None:
    """Back the wrapped keys up, with the erasure ledger beside them, and remove copies that are too old.

    Run it daily, after the backup of the data.

    \b
    Example:
      doorward backup keys --to /media/keys --days 7
    """
    _tell(back_up_keys(site, to, days), as_json)


@backup.command()
@click.option("--to", type=PATH, required=True, help="A folder or a file.")
@json_option
@with_site
def ledger(site: Site, to: Path, as_json: bool) -> None:
    """Write the signed erasure ledger for a restore elsewhere.

    \b
    Example:
      doorward backup ledger --to /media/witness
    """
    path = to / ledger_name(site.settings.site) if to.is_dir() else to
    ledger_copies(site).write(path)
    if as_json:
        print_json({"file": str(path)})
    else:
        click.echo(f"Wrote {path}.")


@backup.command(name="restore")
@_of_backups
@click.option("--to", type=PATH, required=True, help="A new folder for the site.")
@click.option("--ledger", type=PATH, help="The erasure ledger; the one beside the keys if not given.")
@click.option(
    "--unsafe-without-ledger",
    is_flag=True,
    help="Restore though no ledger is there: people erased since the backup of the keys may be back.",
)
@passphrase_option
@json_option
def restore_command(
    data: Path,
    identity: Path,
    keys: Path,
    to: Path,
    ledger: Path | None,
    unsafe_without_ledger: bool,
    passphrase_file: Path | None,
    as_json: bool,
) -> None:
    """Restore a site into a new folder from FILE, a backup of the data, and a backup of the keys.

    Who was erased since is erased again before the site is there.

    \b
    Example:
      doorward backup restore data.age --identity identity.txt --keys keys.backup --to restored-site
    """
    named = BackupSet(data, keys, identity, ledger, unsafe_without_ledger)
    done = restore(named, to, lambda: ask_passphrase(passphrase_file))
    if as_json:
        print_json(
            {
                "folder": str(done.folder),
                "site": done.manifest.site,
                "made_at": done.manifest.created_at.isoformat(),
                "people": done.people,
                "erased_again": done.erased_again,
                "unreadable": done.unreadable,
            }
        )
        return
    click.echo(f"Restored {done.folder} as of {done.manifest.created_at:%Y-%m-%d %H:%M} UTC: {done.people} people.")
    click.echo(f"{done.erased_again} of the backup were erased since, and are erased again.")
    if done.unreadable:
        click.echo(f"{done.unreadable} were removed, for their keys were renewed since: add them anew.")


@backup.command(name="drill")
@_of_backups
@site_option
@passphrase_option
@json_option
def drill_command(
    data: Path, identity: Path, keys: Path, folder: Path | None, passphrase_file: Path | None, as_json: bool
) -> None:
    """Restore FILE into a scratch site, open every record of its people, and write the date into the site's log.

    \b
    Example:
      doorward backup drill data.age --identity identity.txt --keys keys.backup --site my-site
    """
    ask = cache(lambda: ask_passphrase(passphrase_file))
    bar = Progress(console=progress_console(), transient=True)
    with open_site(folder or site_folder(), ask) as live, bar:
        task = bar.add_task("Opening every record")
        done = drill(
            live,
            BackupSet(data, keys, identity),
            ask,
            lambda opened, everybody: bar.update(task, completed=opened, total=everybody),
        )
    if as_json:
        print_json(
            {
                "ok": True,
                "at": done.at,
                "people": done.people,
                "records": done.records,
                "erased_again": done.erased_again,
                "unreadable": done.unreadable,
                "canaries": done.canaries,
            }
        )
        return
    click.echo(f"The backup holds: {done.people} people, {done.records} records opened, {done.canaries} canaries.")
    if done.unreadable:
        click.echo(f"{done.unreadable} more would be lost, for their keys were renewed since; make a newer backup.")
    click.echo("The date is in the site's log.")


def _tell(made: BackupMade, as_json: bool) -> None:
    manifest = made.manifest
    if as_json:
        print_json(
            {
                "file": str(made.path),
                "kind": manifest.kind.value,
                "site": manifest.site,
                "made_at": manifest.created_at.isoformat(),
                "counts": dict(manifest.counts),
                "removed": [str(file) for file in made.removed],
            }
        )
        return
    held = ", ".join(f"{number} {name.replace('_', ' ')}" for name, number in manifest.counts.items())
    click.echo(f"Wrote {made.path}: {held}.")
    if made.removed:
        click.echo(f"Removed {len(made.removed)} that were too old.")
