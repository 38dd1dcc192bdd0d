"""Checkpoints on the command line: made, listed, run."""

import click
from rich.table import Table

from doorward.cli.attack_checks import asked_for, in_words, none_option, require_option
from doorward.cli.checkpoint_running import run, tallies
from doorward.cli.opening import with_site
from doorward.cli.output import console, json_option, print_json
from doorward.cli.parameters import PERSON
from doorward.face.pad import PadMethod, told_methods
from doorward.face.presentation import Act
from doorward.kernel.audit import Actor
from doorward.kernel.ids import PersonId
from doorward.passages.checkpoint import Checkpoint
from doorward.people.person import EVERYONE
from doorward.wiring.face.site import Site


@click.group()
def checkpoint() -> None:
    """Doors that people present themselves at.

    \b
    Example:
      doorward checkpoint list
    """


@checkpoint.command()
@click.argument("name")
@click.option("--group", default=EVERYONE, show_default=True, help="Who may pass. Groups only permit.")
@click.option(
    "--act",
    type=click.Choice([act.value for act in Act]),
    default=Act.TILT.value,
    show_default=True,
    help="What a person does before they are identified: tilt the head. None only beside a button or gate of yours.",
)
@click.option("--fpir", type=float, help="How many strangers a search may name wrongly; the site's if not given.")
@require_option
@json_option
@with_site
def add(
    site: Site, name: str, group: str, act: str, fpir: float | None, required: tuple[str, ...], as_json: bool
) -> None:
    """Add a checkpoint.

    \b
    Example:
      doorward checkpoint add "Main door" --group staff
      doorward checkpoint add "Server room" --group staff --require passive --require active
    """
    checks = frozenset(PadMethod(name) for name in required)
    door = site.doorkeeper.add(name, group, Act(act), checks, fpir)
    if as_json:
        print_json(_door_json(site, door))
    else:
        click.echo(f"Added the checkpoint {door.name} for the group {door.group}.")
        click.echo(f'Next: doorward checkpoint run "{door.name}" --source camera:0')


@checkpoint.command()
@click.argument("name")
@require_option
@none_option
@json_option
@with_site
def attacks(site: Site, name: str, required: tuple[str, ...], nothing: bool, as_json: bool) -> None:
    """Ask for checks against presentation attacks at a checkpoint, besides those of the whole site.

    \b
    Example:
      doorward checkpoint attacks "Main door" --require active
      doorward checkpoint attacks "Main door" --none
    """
    door = site.doorkeeper.ask_for(site.actor, name, asked_for(required, nothing=nothing))
    if as_json:
        print_json(_door_json(site, door))
    else:
        checks = in_words(site.attack_guard.required(door.attack_checks))
        click.echo(f"Checks against presentation attacks at {door.name}, the site's included: {checks}.")


@checkpoint.command()
@click.argument("name")
@click.argument("rate", required=False, type=float)
@json_option
@with_site
def fpir(site: Site, name: str, rate: float | None, as_json: bool) -> None:
    """Say how many strangers a search at a checkpoint may name wrongly; without RATE as many as the site's.

    \b
    Example:
      doorward checkpoint fpir "Server room" 0.001
      doorward checkpoint fpir "Server room"
    """
    door = site.doorkeeper.search_at(site.actor, name, rate)
    if as_json:
        print_json(_door_json(site, door))
    else:
        click.echo(f"A search at {door.name} may name {site.search_policy.fpir_at(door):g} of the strangers wrongly.")


@checkpoint.command(name="list")
@json_option
@with_site
def list_checkpoints(site: Site, as_json: bool) -> None:
    """List the checkpoints, and how many were let in and refused at each.

    \b
    Example:
      doorward checkpoint list
    """
    doors = site.doorkeeper.all()
    if as_json:
        print_json({"checkpoints": [_door_json(site, door) for door in doors]})
        return
    table = Table("Name", "Group", "Act", "Attack checks", "FPIR", "Let in", "Refused", box=None, pad_edge=False)
    for door in doors:
        counts = list(site.doorkeeper.tallies(door).values())
        checks = in_words(site.attack_guard.required(door.attack_checks))
        rate = f"{site.search_policy.fpir_at(door):g}"
        table.add_row(door.name, door.group, door.act.value, checks, rate, *(str(count) for count in counts))
    console().print(table)


checkpoint.add_command(run)


@checkpoint.command(name="reading-span")
@click.argument("hours", type=int)
@json_option
@with_site
def reading_span(site: Site, hours: int, as_json: bool) -> None:
    """Say how many hours back an operator may read a person's passages; 24, and never more, unless told otherwise.

    \b
    Example:
      doorward checkpoint reading-span 8
    """
    allowed = site.reading_span.allow(site.actor, hours)
    if as_json:
        print_json({"hours": allowed})
    else:
        click.echo(f"Passages may be read {allowed} hours back.")


@checkpoint.command()
@click.argument("person", type=PERSON)
@click.option("--purpose", required=True, help="Why you look; the person can see it.")
@click.option("--hours", type=int, help="How far back; as far as the site allows if not given.")
@json_option
@with_site
def passages(site: Site, person: PersonId, purpose: str, hours: int | None, as_json: bool) -> None:
    """Show one person's passages. The look is recorded, and the person can see it.

    \b
    Example:
      doorward checkpoint passages ID --purpose "asked for by the person"
    """
    kept = site.doorkeeper.passages_of(Actor(site.actor.name, purpose), person, site.reading_span.within(hours))
    names = site.doorkeeper.names()
    rows = [(passage.at.isoformat(timespec="seconds"), names.get(passage.checkpoint, "removed")) for passage in kept]
    if as_json:
        print_json({"person": person, "passages": [{"at": at, "checkpoint": door} for at, door in rows]})
        return
    table = Table("At", "Checkpoint", box=None, pad_edge=False)
    for row in rows:
        table.add_row(*row)
    console().print(table if rows else "No passage is kept of this person.")


def _door_json(site: Site, door: Checkpoint) -> dict[str, object]:
    return {
        "id": door.id,
        "name": door.name,
        "group": door.group,
        "act": door.act.value,
        "attack_checks": told_methods(door.attack_checks),
        "fpir": site.search_policy.fpir_at(door),
        **tallies(site, door),
    }
