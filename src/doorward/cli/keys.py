"""The site's keys: what there are, and new ones in place of old."""

from pathlib import Path

import click
from rich.table import Table

from doorward.cli.key_provider import provider
from doorward.cli.opening import site_option, with_site
from doorward.cli.output import console, json_option, print_json
from doorward.cli.parameters import PERSON
from doorward.cli.progress import counting_progress
from doorward.kernel.ids import PersonId
from doorward.settings.environment import site_folder
from doorward.wiring.face.keys import Inventory, Renewable, inventory, renew_person, renew_site_wide
from doorward.wiring.face.site import Site


@click.group()
def keys() -> None:
    """Show the site's keys, renew them, and change who keeps the first.

    \b
    Example:
      doorward keys status
    """


@keys.command()
@site_option
@json_option
def status(folder: Path | None, as_json: bool) -> None:
    """Show which keys there are: never a key itself, and without needing one.

    \b
    Example:
      doorward keys status --json
    """
    held = inventory(folder or site_folder())
    if as_json:
        print_json(_inventory_json(held))
        return
    table = Table("Key", "Number", "Versions", "Oldest (UTC)", "State", box=None, pad_edge=False)
    for one in held.kinds:
        states = ", ".join(f"{number} {state}" for state, number in one.states.items())
        versions = ", ".join(map(str, one.versions))
        table.add_row(one.kind, str(one.count), versions, f"{one.oldest:%Y-%m-%d %H:%M}", states)
    console().print(table)
    click.echo(f"The site key is version {held.site_key_version}, kept by: {held.provider}.")
    click.echo(_who_holds(held))
    if held.on_older_site_key:
        click.echo(
            f"{held.on_older_site_key} keys are still wrapped by an older one; finish with `doorward keys rotate site`."
        )


@keys.group()
def rotate() -> None:
    """Put a new key in place of an old one, while the site is in use. Cut short, it goes on when run again.

    \b
    Example:
      doorward keys rotate site
    """


def _rotation(which: Renewable, what: str) -> None:
    @rotate.command(name=which.value, help=f"{what}\n\n\b\nExample:\n  doorward keys rotate {which.value}")
    @json_option
    @with_site
    def renew(site: Site, as_json: bool) -> None:
        with counting_progress() as bar:
            task = bar.add_task(f"{which.value} key", total=None)
            renew_site_wide(
                site.folder,
                site.stores,
                which,
                site.actor,
                lambda done, total: bar.update(task, completed=done, total=total),
            )
        if as_json:
            print_json({"renewed": which.value})
        else:
            click.echo(f"Renewed: the site has a new {which.value} key.")
            if which is Renewable.AUDIT_SIGNING:
                click.echo(f"Give it to whoever checks the log's checkpoints: {site.stores.auditing.key}")
            if which is Renewable.TLS:
                click.echo("Its certificate is new too; start the server again, and tell clients that pin the old one.")


_rotation(Renewable.SITE, "Renew the site key: every other key is wrapped anew, then the old site key is destroyed.")
_rotation(Renewable.GRANTS, "Renew the key that authenticates tokens, checkpoints and settings.")
_rotation(Renewable.INDEX, "Renew the key of the blind index of document and badge numbers.")
_rotation(Renewable.AUDIT, "Seal new audit entries under a new key. The old key stays, to open the old entries.")
_rotation(
    Renewable.AUDIT_SIGNING,
    "Sign the audit log under a new key, which the old one names in its last checkpoint; then it is destroyed.",
)
_rotation(Renewable.CREDENTIAL, "Seal and sign new credentials under new keys. Those that people carry go on to hold.")
_rotation(Renewable.DEVICE, "Let devices seal what they send to a new key, which they are told with the next answer.")
_rotation(
    Renewable.MOVING,
    "Have people who are moved here sealed under a new key; print a new card. The key before opens what is on its way.",
)
_rotation(Renewable.TLS, "Make a new TLS key and certificate, sealed under a new key.")


@rotate.command(name="person")
@click.argument("person", type=PERSON)
@json_option
@with_site
def rotate_person(site: Site, person: PersonId, as_json: bool) -> None:
    """Seal everything about a person under a new key, and destroy the old one.

    \b
    Example:
      doorward keys rotate person ID
    """
    renew_person(site.folder, site.stores, person, site.actor)
    if as_json:
        print_json({"renewed": "person", "person": person})
    else:
        click.echo("Renewed: everything about the person is sealed under a new key.")


keys.add_command(provider)


def _who_holds(held: Inventory) -> str:
    if not held.holders:
        return "The site is sealed: no process holds any of these keys."
    kept = "A key keeper holds the site key" if held.has_keeper else "No key keeper runs"
    count = len(held.holders)
    return f"{kept}; {count} {'process holds' if count == 1 else 'processes hold'} keys. End them: doorward seal"


def _inventory_json(held: Inventory) -> dict[str, object]:
    return {
        "provider": held.provider,
        "site_key_version": held.site_key_version,
        "on_older_site_key": held.on_older_site_key,
        "unsealed": held.has_keeper,
        "holders": list(held.holders),
        "keys": [
            {
                "kind": one.kind,
                "count": one.count,
                "versions": list(one.versions),
                "oldest": one.oldest.isoformat(),
                "states": dict(one.states),
            }
            for one in held.kinds
        ],
    }
