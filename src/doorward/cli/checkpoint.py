"""Checkpoints on the command line: made, listed, run."""

from collections.abc import Iterator
from contextlib import suppress
from typing import TextIO

import click
from rich.live import Live
from rich.table import Table

from doorward.cli.attack_checks import asked_for, in_words, none_option, require_option
from doorward.cli.opening import purpose_option, with_site
from doorward.cli.output import console, json_option, print_json
from doorward.cli.parameters import PERSON, SOURCE, SOURCE_HELP
from doorward.errors import WrongUse
from doorward.face.pad import PadMethod, told_methods
from doorward.face.presentation import Act
from doorward.kernel.audit import Actor
from doorward.kernel.ids import PersonId
from doorward.passages.checkpoint import Checkpoint
from doorward.people.person import EVERYONE
from doorward.wiring.face.awaited_factor import AwaitedFactor
from doorward.wiring.face.camera_credentials import CameraCredentials
from doorward.wiring.face.checkpoint_run import CheckpointEvent, run_checkpoint
from doorward.wiring.face.claims import CheckpointClaims, Claims
from doorward.wiring.face.site import Site

SHOWN = 8
"""Decisions that the live table shows."""


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


@checkpoint.command()
@click.argument("name")
@click.option("--source", type=SOURCE, required=True, help=SOURCE_HELP)
@click.option(
    "--badges",
    type=click.File(),
    help="Badge numbers or the texts of credentials' codes, one a line, - for standard input: each person is verified "
    "against the next one.",
)
@click.option(
    "--credentials",
    type=click.Choice(["camera"]),
    help="Read the code of the card that each person holds before the camera of --source; then their face must match.",
)
@click.option(
    "--face-first",
    is_flag=True,
    help="Identify by face, and take a line of --badges only where a face does not decide alone, as with twins; a line "
    "that begins with pin: is a PIN.",
)
@click.option("--presentations", type=click.IntRange(min=1), help="Stop after so many decisions.")
@json_option
@with_site
def run(
    site: Site,
    name: str,
    source: str,
    badges: TextIO | None,
    credentials: str | None,
    face_first: bool,
    presentations: int | None,
    as_json: bool,
) -> None:
    """Watch a source and decide once a presentation, until it ends or Ctrl-C.

    \b
    Example:
      doorward checkpoint run "Main door" --source rtsp://camera.local/stream
      doorward checkpoint run "Main door" --source camera:0 --badges -
      doorward checkpoint run "Main door" --source camera:0 --badges - --face-first
      doorward checkpoint run "Main door" --source camera:0 --credentials camera
    """
    if credentials is not None and badges is not None:
        raise WrongUse("Give either --badges FILE or --credentials camera.")
    if face_first and badges is None:
        raise WrongUse("Say where badge numbers and PINs come from: --badges FILE, - for standard input.")
    door = site.doorkeeper.named(name)
    lines = Claims(badges) if badges else None
    claims: CheckpointClaims | None = CameraCredentials() if credentials is not None else lines
    claims, factor = (None, AwaitedFactor(lines)) if lines and face_first else (claims, None)
    events = _until_stopped(run_checkpoint(site, door, source, claims, presentations, factor))
    if as_json:
        decisions = [_event_json(event) for event in events if event.decision is not None]
        print_json({"checkpoint": door.name, "decisions": decisions, **_tallies(site, door)})
        return
    shown: list[CheckpointEvent] = []
    with Live(console=console(), refresh_per_second=8, transient=False) as live:
        for event in events:
            if event.decision is not None:
                shown = [*shown[-(SHOWN - 1) :], event]
            live.update(_table(door, shown, event.hint))
        live.update(_table(door, shown, None))
    counts = _tallies(site, door)
    if shown and shown[-1].decision is not None:
        click.echo(shown[-1].decision.pad.sentence)
    click.echo(f"Let in since the checkpoint was made: {counts['accepted']}; refused: {counts['refused']}.")


@checkpoint.command()
@click.argument("person", type=PERSON)
@purpose_option
@json_option
@with_site
def passages(site: Site, person: PersonId, purpose: str, as_json: bool) -> None:
    """Show one person's kept passages. The look is recorded, and the person can see it.

    \b
    Example:
      doorward checkpoint passages ID --purpose "asked for by the person"
    """
    if not purpose.strip():
        raise WrongUse("Say why you look: --purpose TEXT.")
    kept = site.doorkeeper.passages_of(Actor(site.actor.name, purpose), person)
    names = {door.id: door.name for door in site.doorkeeper.all()}
    rows = [(passage.at.isoformat(timespec="seconds"), names.get(passage.checkpoint, "removed")) for passage in kept]
    if as_json:
        print_json({"person": person, "passages": [{"at": at, "checkpoint": door} for at, door in rows]})
        return
    table = Table("At", "Checkpoint", box=None, pad_edge=False)
    for row in rows:
        table.add_row(*row)
    console().print(table if rows else "No passage is kept of this person.")


def _until_stopped(events: Iterator[CheckpointEvent]) -> Iterator[CheckpointEvent]:
    """Ctrl-C is how a camera's run ends: a normal end."""
    with suppress(KeyboardInterrupt):
        yield from events


def _table(door: Checkpoint, events: list[CheckpointEvent], hint: str | None) -> Table:
    table = Table("Second", "Decision", "Who", "Why", title=f"Checkpoint {door.name}", caption=hint or " ")
    for event in events:
        decision = event.decision
        if decision is None:
            continue
        outcome = "[green]let in[/]" if decision.is_accepted else "[red]refused[/]"
        table.add_row(f"{event.seconds:.1f}", outcome, event.name or "nobody known", decision.sentence)
    return table


def _event_json(event: CheckpointEvent) -> dict[str, object]:
    decision = event.decision.to_json() if event.decision is not None else {}
    return {"seconds": round(event.seconds, 2), "passage_recorded": event.recorded, **decision}


def _door_json(site: Site, door: Checkpoint) -> dict[str, object]:
    return {
        "id": door.id,
        "name": door.name,
        "group": door.group,
        "act": door.act.value,
        "attack_checks": told_methods(door.attack_checks),
        "fpir": site.search_policy.fpir_at(door),
        **_tallies(site, door),
    }


def _tallies(site: Site, door: Checkpoint) -> dict[str, int]:
    return {counter.value: count for counter, count in site.doorkeeper.tallies(door).items()}
