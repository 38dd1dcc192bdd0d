"""`doorward hold`: one person's passages kept past their retention, once two signatories agreed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

import click
from rich.table import Table

from doorward.cli.opening import with_site
from doorward.cli.output import console, json_option, print_json
from doorward.cli.parameters import MOMENT, MOMENT_HELP, PERSON
from doorward.cli.signatures import secret_file_option, secret_of, secrets_of
from doorward.kernel.audit import Actor
from doorward.kernel.ids import CheckpointId, HoldId, PersonId
from doorward.passages.legal_hold import LegalHold
from doorward.passages.passage import Passage
from doorward.wiring.face.site import Site

SecretFiles = tuple[tuple[str, Path], ...]
hold_argument = click.argument("hold_id", metavar="HOLD", type=click.UUID)


@click.group()
def hold() -> None:
    """Keep one person's passages of a stated span past their retention: one signatory asks, another approves.

    The person can see it. While it lasts they cannot be erased.

    \b
    Example:
      doorward hold list
    """


@hold.command()
@click.argument("person", type=PERSON)
@click.option("--from", "begin", type=MOMENT, required=True, help=f"The span's beginning: {MOMENT_HELP}.")
@click.option("--to", "end", type=MOMENT, help="Its end, the first moment that no longer counts; now if not given.")
@click.option("--until", type=MOMENT, required=True, help="When the hold ends by itself, at most 180 days from now.")
@click.option("--reason", required=True, help="Why; the person can see it.")
@click.option("--by", required=True, help="The signatory who asks, with their secret.")
@secret_file_option
@json_option
@with_site
def request(
    site: Site,
    person: PersonId,
    begin: datetime,
    end: datetime | None,
    until: datetime,
    reason: str,
    by: str,
    secret_files: SecretFiles,
    as_json: bool,
) -> None:
    """Ask, as a signatory, for a hold. Nothing is held until another one approves, and retention goes on meanwhile.

    \b
    Example:
      doorward hold request ID --from 2026-11-28T08:00+01:00 --until 2027-02-28 --reason "claim 17" --by "Ada"
    """
    signed = (by, secret_of(by, secret_files))
    asked = site.legal_holds.request(site.actor, person, (begin, end), reason, until, signed)
    if as_json:
        print_json(hold_json(asked))
        return
    click.echo("Asked for. Nothing is held yet: each passage is dropped 24 hours after its hour, as ever.")
    click.echo(
        f"Next, by another signatory before {asked.ends_at:%Y-%m-%d %H:%M} UTC: doorward hold approve {asked.id}"
    )


@hold.command()
@hold_argument
@click.option("--by", required=True, help="The signatory who approves, with their secret; not the one who asked.")
@secret_file_option
@json_option
@with_site
def approve(site: Site, hold_id: object, by: str, secret_files: SecretFiles, as_json: bool) -> None:
    """Approve a hold, as another signatory than the one who asked. What is left of the span is held from now on.

    \b
    Example:
      doorward hold approve HOLD --by "Grace Hopper"
    """
    signed = (by, secret_of(by, secret_files))
    agreed, count = site.legal_holds.approve(site.actor, HoldId(str(hold_id)), signed)
    if as_json:
        print_json({**hold_json(agreed), "held": count})
        return
    click.echo(f"Held until {agreed.until:%Y-%m-%d %H:%M} UTC: {count} passages. The person can see it.")
    click.echo("Until then they cannot be erased; when they ask for it, withdraw their consents, and tell them why.")


@hold.command(name="list")
@json_option
@with_site
def list_holds(site: Site, as_json: bool) -> None:
    """List the holds in force and those asked for. The look is recorded.

    \b
    Example:
      doorward hold list
    """
    found = site.legal_holds.listed(site.actor)
    if as_json:
        print_json({"holds": [hold_json(one) for one in found]})
        return
    table = Table("Hold", "Person", "Span", "Reason", "Ends", "Signed by", box=None, pad_edge=False)
    for one in found:
        span = f"{one.begin:%Y-%m-%d %H:%M} to {one.end:%Y-%m-%d %H:%M}"
        signed = f"{one.asked_by}, {one.approved_by}" if one.approved_by else f"{one.asked_by}; not approved"
        table.add_row(one.id, one.person, span, one.reason, f"{one.ends_at:%Y-%m-%d %H:%M}", signed)
    console().print(table if found else "Nobody's passages are held.")


@hold.command()
@hold_argument
@click.option("--purpose", required=True, help="Why you look; the person can see it.")
@json_option
@with_site
def passages(site: Site, hold_id: object, purpose: str, as_json: bool) -> None:
    """Show the passages that a hold keeps. The look is recorded.

    \b
    Example:
      doorward hold passages HOLD --purpose "claim 17"
    """
    held, kept = site.legal_holds.read(Actor(site.actor.name, purpose), HoldId(str(hold_id)))
    doors = site.doorkeeper.names()
    told = passages_json(kept, doors)
    if as_json:
        print_json({"hold": held.id, "person": held.person, "passages": told})
        return
    for one in told:
        click.echo(f"{one['at']}  {one['checkpoint'] or 'a checkpoint that is no more'}")
    if not kept:
        click.echo("Nothing was left of that span when it was approved.")


@hold.command()
@hold_argument
@click.option("--by", multiple=True, required=True, help="A signatory who agrees; name two. A request takes one.")
@secret_file_option
@json_option
@with_site
def lift(site: Site, hold_id: object, by: tuple[str, ...], secret_files: SecretFiles, as_json: bool) -> None:
    """End a hold before its time, as two signatories, or take a request back as one. What was held is gone.

    \b
    Example:
      doorward hold lift HOLD --by "Ada Lovelace" --by "Grace Hopper"
    """
    ended = site.legal_holds.lift(site.actor, HoldId(str(hold_id)), secrets_of(by, secret_files))
    if as_json:
        print_json({"hold": ended.id, "lifted": True})
    else:
        click.echo("Lifted. What it held is gone, but for what is not 24 hours old.")


def hold_json(one: LegalHold) -> dict[str, object]:
    return {
        "hold": one.id,
        "person": one.person,
        "from": one.begin.isoformat(),
        "to": one.end.isoformat(),
        "reason": one.reason,
        "until": one.until.isoformat(),
        "asked_by": one.asked_by,
        "asked_at": one.asked_at.isoformat(),
        "approved_by": one.approved_by,
        "approved_at": one.approved_at and one.approved_at.isoformat(),
    }


def passages_json(kept: Sequence[Passage], doors: Mapping[CheckpointId, str]) -> list[dict[str, str | None]]:
    """``doors``: checkpoints' names by id."""
    return [{"at": one.at.isoformat(timespec="seconds"), "checkpoint": doors.get(one.checkpoint)} for one in kept]
