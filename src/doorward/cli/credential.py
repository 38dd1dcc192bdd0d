"""`doorward credential`: what people carry instead of being kept."""

from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import click
from rich.table import Table

from doorward.adapters.credentials.card import CardForm
from doorward.cli.opening import purpose_option, with_site
from doorward.cli.output import console, json_option, print_json
from doorward.cli.parameters import DAY, PERSON
from doorward.cli.people_output import issued_json
from doorward.errors import WrongUse
from doorward.kernel.audit import Actor
from doorward.kernel.ids import CredentialId, PersonId
from doorward.people.credential import DEFAULT_LIFETIME, Revocation
from doorward.wiring.face.credentials import issue_card
from doorward.wiring.face.site import Site


@click.group()
def credential() -> None:
    """Issue, list and revoke credentials: a person's reference, sealed, in a code that they carry.

    \b
    Example:
      doorward credential list
    """


@credential.command()
@click.argument("person", type=PERSON)
@click.option(
    "--to",
    "card",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("credential.pdf"),
    show_default=True,
    help=f"The card to write: {', '.join(f'.{form}' for form in CardForm)}.",
)
@click.option(
    "--until",
    type=DAY,
    help=f"YYYY-MM-DD, the first day it no longer holds; {DEFAULT_LIFETIME.days} days if not given.",
)
@click.option("--name", "with_name", is_flag=True, help="Print the person's display name on the card.")
@click.option(
    "--carried-only", is_flag=True, help="Remove the person's references from the site once the card is written."
)
@json_option
@with_site
def issue(
    site: Site,
    person: PersonId,
    card: Path,
    until: datetime | None,
    with_name: bool,
    carried_only: bool,
    as_json: bool,
) -> None:
    """Issue a credential to PERSON, who is enrolled, confirmed and agreed to verification. It ends their former one.

    \b
    Example:
      doorward credential issue ID --to card.pdf --until 2027-06-30 --carried-only
    """
    done = issue_card(
        site.folder,
        site.stores,
        site.actor,
        person,
        card,
        until=until.replace(tzinfo=UTC) if until else None,
        with_name=with_name,
        carried_only=carried_only,
        model=site.embedder.model,
    )
    if as_json:
        told = issued_json(done.issued)
        print_json({**told, "file": str(done.file), "bytes": done.octets, "references_kept": done.references_kept})
        return
    click.echo(f"Wrote {done.file}. Credential {done.issued.id} holds until {done.issued.until:%Y-%m-%d %H:%M} UTC.")
    if not done.references_kept:
        click.echo("The site keeps none of the person's references any more: without the card, enrol them again.")
    click.echo("Print it or hand the file over, then delete the file. Next: doorward verify PHOTO --credential same")


@credential.command()
@click.argument("which", metavar="ID")
@json_option
@with_site
def revoke(site: Site, which: str, as_json: bool) -> None:
    """End a credential now; ID is its own, or that of the person who carries it.

    \b
    Example:
      doorward credential revoke ID
    """
    person = _holder(site, which)
    ended = site.credentials.revoke(site.actor, person)
    if as_json:
        print_json({**issued_json(ended), "state": "ended"})
    else:
        click.echo(f"Credential {ended.id} is revoked; it is refused from now on.")


@credential.command(name="list")
@purpose_option
@json_option
@with_site
def list_credentials(site: Site, purpose: str, as_json: bool) -> None:
    """List the credentials that people carry, and those that were ended, of which the person is not kept.

    \b
    Example:
      doorward credential list --json
    """
    carried, ended = site.credentials.list(Actor(site.actor.name, purpose))
    if as_json:
        told = {"credentials": [issued_json(one) for one in carried], "ended": [_ended_json(one) for one in ended]}
        print_json(told)
        return
    now = site.stores.vault.clock.now()
    table = Table(box=None, pad_edge=False)
    for heading in ("Credential", "Person", "State", "Until"):
        table.add_column(heading, overflow="fold")
    for one in carried:
        table.add_row(one.id, one.person, "holds" if now < one.until else "expired", f"{one.until:%Y-%m-%d}")
    for gone in ended:
        table.add_row(gone.id, "", gone.cause.value, f"{gone.until:%Y-%m-%d}")
    some = carried or ended
    console().print(table if some else "Nobody carries a credential; issue one with `doorward credential issue`.")


def _holder(site: Site, which: str) -> PersonId:
    try:
        given = str(UUID(which))
    except ValueError:
        raise WrongUse("That is no id; `doorward credential list` shows credentials and people.") from None
    if site.stores.credentials.of(PersonId(given)) is not None:
        return PersonId(given)
    return site.credentials.holder(CredentialId(given))


def _ended_json(ended: Revocation) -> dict[str, object]:
    return {
        "credential": ended.id,
        "cause": ended.cause.value,
        "ended_at": ended.at.isoformat(),
        "until": ended.until.isoformat(),
    }
