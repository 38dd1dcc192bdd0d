"""People, their consents and their enrolments on the command line."""

from datetime import date, datetime
from pathlib import Path

import click
from rich.table import Table

from doorward.cli.enrolment import confirm, consent, enrol, invite, update, withdraw
from doorward.cli.opening import purpose_option, with_site
from doorward.cli.output import console, json_option, print_json
from doorward.cli.own_passages import own_passages
from doorward.cli.parameters import DAY, MOMENT, MOMENT_HELP, PERSON
from doorward.cli.people_import import import_command
from doorward.cli.people_move import move, moved
from doorward.cli.people_output import dossier_json, person_json, print_dossier
from doorward.cli.people_waiting import tell_waiting
from doorward.cli.pins import pin
from doorward.cli.receipt import receipt
from doorward.cli.rights import export
from doorward.errors import WrongUse
from doorward.kernel.audit import Actor
from doorward.kernel.ids import PersonId
from doorward.people.membership import in_order
from doorward.people.person import Details, Document, Person
from doorward.wiring.face.erasing import erase_person, write_receipt
from doorward.wiring.face.site import Site
from doorward.wiring.face.waiting import who_waits

_MOMENT = "%Y-%m-%d %H:%M UTC"


@click.group()
def people() -> None:
    """Add, show, enrol and erase people.

    \b
    Example:
      doorward people list
    """


for command in (
    import_command, move, moved, consent, withdraw, enrol, update, invite, confirm, pin, receipt, export, own_passages,
):  # fmt: skip
    people.add_command(command)


@people.command()
@click.argument("display_name")
@click.option("--full-name", help="As in the person's documents.")
@click.option("--document-number", help="Of an identity document.")
@click.option("--document-issued", type=DAY, help="YYYY-MM-DD")
@click.option("--document-expires", type=DAY, help="YYYY-MM-DD")
@click.option("--birth-date", type=DAY, help="YYYY-MM-DD")
@click.option("--address")
@click.option("--employer")
@click.option("--badge", help="Badge number.")
@click.option("--group", "groups", multiple=True, help="A group the person belongs to, besides everyone.")
@json_option
@with_site
def add(
    site: Site,
    display_name: str,
    full_name: str | None,
    document_number: str | None,
    document_issued: datetime | None,
    document_expires: datetime | None,
    birth_date: datetime | None,
    address: str | None,
    employer: str | None,
    badge: str | None,
    groups: tuple[str, ...],
    as_json: bool,
) -> None:
    """Add a person. Only the display name is needed; keep what you need and no more.

    \b
    Example:
      doorward people add "Ada Lovelace" --badge 4711
    """
    if document_number is None and (document_issued or document_expires):
        raise WrongUse("A document's dates need its number: add --document-number.")
    document = Document(document_number, _day(document_issued), _day(document_expires)) if document_number else None
    details = Details(full_name, document, _day(birth_date), address, employer, badge)
    person = site.add_person(display_name, details, groups)
    if as_json:
        print_json(person_json(person, _now(site)))
        return
    click.echo(f"Added {person.display_name}: {person.id}")
    click.echo(
        f'Next: doorward people consent {person.id} --notice "Door notice" --notice-version 1 '
        '--purpose verify --how "signed form"'
    )


@people.command()
@click.argument("person", type=PERSON)
@click.argument("group")
@click.option("--from", "begins", type=MOMENT, help=f"When it begins, {MOMENT_HELP}; now if not given.")
@click.option("--until", "ends", type=MOMENT, help="The first moment at which it no longer holds; never if not given.")
@json_option
@with_site
def permit(
    site: Site, person: PersonId, group: str, begins: datetime | None, ends: datetime | None, as_json: bool
) -> None:
    """Put a person into a group that may pass some checkpoints, for good or for a time. Groups only permit.

    It takes the place of the membership of that group that there was. It begins and ends by itself.

    \b
    Example:
      doorward people permit ID staff
      doorward people permit ID contractors --from 2026-12-01 --until 2027-03-01T18:00+01:00
    """
    _tell_groups(site, site.register.permit(site.actor, person, group, begins, ends), as_json)


@people.command()
@click.argument("person", type=PERSON)
@click.argument("group")
@json_option
@with_site
def leave(site: Site, person: PersonId, group: str, as_json: bool) -> None:
    """Take a person out of a group now.

    \b
    Example:
      doorward people leave ID contractors
    """
    _tell_groups(site, site.register.leave(site.actor, person, group), as_json)


@people.command()
@click.argument("person", type=PERSON)
@purpose_option
@json_option
@with_site
def show(site: Site, person: PersonId, purpose: str, as_json: bool) -> None:
    """Show all that is held on a person, and who looked at it. This look is recorded too.

    \b
    Example:
      doorward people show ID --purpose "asked for by the person"
    """
    dossier = site.register.show(Actor(site.actor.name, purpose), person)
    if as_json:
        print_json(dossier_json(dossier))
    else:
        print_dossier(dossier)


@people.command(name="list")
@click.option("--needs-enrolment", is_flag=True, help="Only those who have no reference of the model in use.")
@purpose_option
@json_option
@with_site
def list_people(site: Site, needs_enrolment: bool, purpose: str, as_json: bool) -> None:
    """List everybody, by display name.

    \b
    Example:
      doorward people list
      doorward people list --needs-enrolment
    """
    now = _now(site)
    if needs_enrolment:
        tell_waiting(who_waits(site, Actor(site.actor.name, purpose)), now, as_json)
        return
    everybody = site.register.list(Actor(site.actor.name, purpose))
    if as_json:
        print_json({"people": [person_json(person, now) for person in everybody]})
        return
    if not everybody:
        click.echo('Nobody is known here yet. Next: doorward people add "Ada Lovelace"')
        return
    table = Table("Name", "Id", "Groups", box=None, pad_edge=False)
    for person in everybody:
        table.add_row(person.display_name, person.id, ", ".join(sorted(person.groups_at(now))))
    console().print(table)


@people.command()
@click.argument("person", type=PERSON)
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option(
    "--receipt",
    "receipt_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the signed receipt here as JSON, and beside it as a page to print.",
)
@json_option
@with_site
def erase(site: Site, person: PersonId, yes: bool, receipt_file: Path | None, as_json: bool) -> None:
    """Erase a person: their key is destroyed, and with it all that was sealed for them. It cannot be undone.

    Exit status 3 and the error key_remnant: the erasure stands, and something may be left of the key.

    \b
    Example:
      doorward people erase ID --receipt receipt.json
    """
    if not yes and not as_json:
        click.confirm("Erase this person for good?", abort=True)
    done = erase_person(site, person)
    files = write_receipt(done.receipt, receipt_file) if receipt_file else ()
    gone_by = done.receipt.keys_gone_by
    if not done.ledger_handed_out:
        click.echo(
            "The erasure ledger could not be handed out; run `doorward backup keys` when its folder is there.", err=True
        )
    if done.remnant is not None:  # what was said of it stands in the receipt too
        raise done.remnant
    if as_json:
        confirmed = done.receipt.key_gone_confirmed
        told = {"person": person, "erased": True, "keys_gone_by": gone_by and gone_by.isoformat()}
        print_json({**told, "key_gone_confirmed": confirmed})
        return
    click.echo("Erased: the person's key is destroyed; nothing about them can be read here again.")
    click.echo("The files of the keys were searched, and nothing of it is left in them.")
    if gone_by:
        click.echo(f"The last backup of the key is gone by {gone_by:%Y-%m-%d %H:%M} UTC.")
    for file in files:
        click.echo(f"Wrote {file}.")


def _tell_groups(site: Site, person: Person, as_json: bool) -> None:
    if as_json:
        print_json(person_json(person, _now(site)))
        return
    click.echo(f"In groups: {', '.join(sorted(person.groups_at(_now(site))))}.")
    for one in in_order(person.memberships):
        term = [f"from {one.begins:{_MOMENT}}"] if one.begins else []
        term += [f"until {one.ends:{_MOMENT}}"] if one.ends else []
        if term:
            click.echo(f"{one.group}: {' '.join(term)}.")


def _now(site: Site) -> datetime:
    return site.stores.vault.clock.now()


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None
