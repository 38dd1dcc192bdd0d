"""`doorward presence`: who is inside, for an evacuation."""

import click
from rich.table import Table

from doorward.cli.opening import with_site
from doorward.cli.output import console, json_option, print_json
from doorward.kernel.audit import Actor
from doorward.wiring.face.site import Site


@click.group()
def presence() -> None:
    """Tell who is inside, for an evacuation. Off unless the site turned it on and told its people.

    \b
    Example:
      doorward presence show --purpose "fire alarm"
    """


@presence.command()
@click.option("--entry", "entries", multiple=True, required=True, help="A checkpoint that leads in.")
@click.option("--exit", "exits", multiple=True, required=True, help="A checkpoint that leads out.")
@click.option("--notice", required=True, help="By which people were told.")
@json_option
@with_site
def on(site: Site, entries: tuple[str, ...], exits: tuple[str, ...], notice: str, as_json: bool) -> None:
    """Turn presence lists on, once people were told. Passages from before do not count.

    \b
    Example:
      doorward presence on --entry "Main door, in" --exit "Main door, out" --notice "Evacuation notice 2"
    """
    inward, outward = ([site.doorkeeper.named(name) for name in names] for names in (entries, exits))
    mode = site.presence_lists.turn_on(site.actor, inward, outward, notice)
    if as_json:
        print_json({"on": True, "since": mode.since.isoformat(), "notice": mode.notice})
        return
    click.echo("Presence lists are on. Who did not agree to be recorded, and visitors, will not be on them.")
    click.echo('Next: doorward presence show --purpose "evacuation drill"')


@presence.command()
@json_option
@with_site
def off(site: Site, as_json: bool) -> None:
    """Turn presence lists off.

    \b
    Example:
      doorward presence off
    """
    site.presence_lists.turn_off(site.actor)
    if as_json:
        print_json({"on": False})
    else:
        click.echo("Presence lists are off.")


@presence.command()
@click.option("--purpose", required=True, help="Why you look; who is on the list can see it.")
@json_option
@with_site
def show(site: Site, purpose: str, as_json: bool) -> None:
    """Show who is inside, the longest first. The look is recorded for everybody on the list.

    \b
    Example:
      doorward presence show --purpose "fire alarm"
    """
    found = site.presence_lists.read(Actor(site.actor.name, purpose))
    names = site.doorkeeper.names()
    if as_json:
        told = [
            {
                "person": one.person,
                "display_name": one.display_name,
                "entered_at": one.entered_at.isoformat(timespec="seconds"),
                "checkpoint": names.get(one.checkpoint),
            }
            for one in found.inside
        ]
        print_json({"inside": told, "unreadable": found.unreadable})
        return
    table = Table("Name", "Entered", "By", box=None, pad_edge=False)
    for one in found.inside:
        table.add_row(one.display_name, f"{one.entered_at:%Y-%m-%d %H:%M} UTC", names.get(one.checkpoint, "removed"))
    console().print(table if found.inside else "Nobody who agreed to be recorded is known to be inside.")
    if found.unreadable:
        click.echo(f"Of {found.unreadable} more people a record is damaged: whether they are inside is not known.")
        click.echo("Count heads; afterwards `doorward doctor --deep` says what is damaged.")
    click.echo(f"{len(found.inside)} inside. Visitors, and who did not agree to be recorded, are not on this list.")
