"""`doorward attempts`: who failed how often in a row, and letting them go on."""

import click
from rich.table import Table

from doorward.cli.opening import with_site
from doorward.cli.output import console, json_option, print_json
from doorward.cli.parameters import PERSON
from doorward.errors import WrongUse
from doorward.kernel.ids import PersonId
from doorward.wiring.face.attempts import Counting, attempts_of, lift_device, lift_others, lift_person
from doorward.wiring.face.site import Site


@click.group()
def attempts() -> None:
    """List failed verifications in a row, and let who is locked go on.

    \b
    Example:
      doorward attempts list
    """


@attempts.command(name="list")
@json_option
@with_site
def list_attempts(site: Site, as_json: bool) -> None:
    """List whose attempts failed, how often in a row, and how long they must wait.

    \b
    Example:
      doorward attempts list
    """
    known, others = attempts_of(site, site.actor)
    if as_json:
        print_json({"attempts": [_json(one) for one in known], "others": others})
        return
    table = Table("Kind", "Name", "Failures", "Last", "Next", box=None, pad_edge=False)
    for one in known:
        last = f"{one.streak.last:%Y-%m-%d %H:%M:%S}" if one.streak.last else ""
        table.add_row(one.subject.kind, one.subject.name, str(one.streak.failures), last, _next(one))
    console().print(table if known else "Nobody known failed since their last success.")
    click.echo(f"Of nobody known here: {others}")


@attempts.command()
@click.option("--person", "person", type=PERSON, help="The id of a person, who goes on with the credential they carry.")
@click.option("--device", help="A token or checkpoint, by the name that the list shows.")
@click.option("--others", is_flag=True, help="All that is of nobody known here.")
@json_option
@with_site
def lift(site: Site, person: PersonId | None, device: str | None, others: bool, as_json: bool) -> None:
    """Forget the failures of a person, a device or nobody known, so that they may try again. It is recorded.

    \b
    Example:
      doorward attempts lift --person ID
      doorward attempts lift --device "checkpoint Main door"
    """
    if (person is not None) + (device is not None) + others != 1:
        raise WrongUse("Say whose failures to forget, once: --person ID, --device NAME or --others.")
    if person is not None:
        lifted = lift_person(site, site.actor, person)
    elif device is not None:
        lifted = lift_device(site, site.actor, device)
    else:
        lifted = lift_others(site, site.actor) > 0
    if as_json:
        print_json({"lifted": lifted})
    else:
        click.echo("The failures are forgotten." if lifted else "No failures were counted.")


def _next(one: Counting) -> str:
    if one.verdict.is_locked:
        return "locked: lift it"
    return "now" if one.verdict.allowed else f"in {one.verdict.retry_after} s"


def _json(one: Counting) -> dict[str, object]:
    return {
        "kind": one.subject.kind.value,
        "name": one.subject.name,
        "failures": one.streak.failures,
        "last": one.streak.last.isoformat() if one.streak.last else None,
        "locked": one.verdict.is_locked,
        "retry_after": one.verdict.retry_after,
    }
