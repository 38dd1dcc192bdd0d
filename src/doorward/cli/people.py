"""People, their consents and their enrolments on the command line."""

from datetime import UTC, date, datetime
from pathlib import Path

import click
from rich.table import Table

from doorward.cli.opening import purpose_option, with_site
from doorward.cli.output import console, json_option, print_json
from doorward.cli.people_output import dossier_json, enrolment_json, person_json, print_dossier
from doorward.errors import WrongUse
from doorward.kernel.audit import Actor
from doorward.kernel.ids import ConsentId, PersonId, parse_person_id
from doorward.people.consent import Purpose
from doorward.people.person import Details, Document
from doorward.wiring.face.site import Site


class PersonParameter(click.ParamType[PersonId]):
    """A person id, checked."""

    name = "id"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> PersonId:
        return parse_person_id(value)


PERSON = PersonParameter()
DAY = click.DateTime(["%Y-%m-%d"])

recorded_option = click.option(
    "--unsafe-recorded-source",
    "unsafe_recorded",
    is_flag=True,
    help="Take a recording as if it were live. For trials: it proves nobody's presence.",
)


@click.group()
def people() -> None:
    """Add, show, enrol and erase people.

    \b
    Example: doorward people list
    """


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
    Example: doorward people add "Ada Lovelace" --badge 4711
    """
    if document_number is None and (document_issued or document_expires):
        raise WrongUse("A document's dates need its number: add --document-number.")
    document = Document(document_number, _day(document_issued), _day(document_expires)) if document_number else None
    details = Details(full_name, document, _day(birth_date), address, employer, badge)
    person = site.add_person(display_name, details, groups)
    if as_json:
        print_json(person_json(person))
        return
    click.echo(f"Added {person.display_name}: {person.id}")
    click.echo(
        f'Next: doorward people consent {person.id} --notice "Door notice" --notice-version 1 '
        '--purpose verify --how "signed form"'
    )


@people.command()
@click.argument("person", type=PERSON)
@click.option("--notice", required=True, help="Which notice the person was shown.")
@click.option("--notice-version", required=True)
@click.option(
    "--purpose",
    "purposes",
    type=click.Choice([purpose.value for purpose in Purpose]),
    multiple=True,
    required=True,
    help="What the person agreed to; give it once a purpose.",
)
@click.option("--how", required=True, help="How consent was given, such as “signed form”.")
@click.option("--until", type=DAY, help="YYYY-MM-DD, the first day it no longer holds.")
@json_option
@with_site
def consent(
    site: Site,
    person: PersonId,
    notice: str,
    notice_version: str,
    purposes: tuple[str, ...],
    how: str,
    until: datetime | None,
    as_json: bool,
) -> None:
    """Record a consent that the person gave now.

    \b
    Example: doorward people consent ID --notice "Door notice" --notice-version 3 \\
                 --purpose verify --purpose passages --how "signed form"
    """
    ends = until.replace(tzinfo=UTC) if until else None
    given = site.record_consent(person, notice, notice_version, purposes, how, ends)
    if as_json:
        print_json({"consent": given.id, "person": person, "purposes": sorted(given.purposes)})
    else:
        click.echo(f"Recorded consent {given.id} to {', '.join(sorted(given.purposes))}.")


@people.command()
@click.argument("person", type=PERSON)
@click.argument("consent_id")
@json_option
@with_site
def withdraw(site: Site, person: PersonId, consent_id: str, as_json: bool) -> None:
    """Withdraw a consent. What rested on it alone is used no more from this moment.

    \b
    Example: doorward people withdraw ID CONSENT
    """
    ended = site.register.withdraw(site.actor, person, ConsentId(consent_id))
    if as_json:
        print_json({"consent": ended.id, "withdrawn_at": ended.withdrawn_at and ended.withdrawn_at.isoformat()})
    else:
        click.echo("Withdrawn.")


@people.command()
@click.argument("person", type=PERSON)
@click.option("--photo", type=click.Path(path_type=Path), help="A photo file: the enrolment stays pending.")
@click.option("--source", help="A camera or stream: the person stands before it now.")
@recorded_option
@json_option
@with_site
def enrol(
    site: Site, person: PersonId, photo: Path | None, source: str | None, unsafe_recorded: bool, as_json: bool
) -> None:
    """Enrol a face, live or from a photo. Needs a consent in force.

    \b
    Example: doorward people enrol ID --source camera:0
             doorward people enrol ID --photo ada.jpg
    """
    if (photo is None) == (source is None):
        raise WrongUse("Give either --photo FILE or --source camera:0.")
    if photo is not None:
        enrolment = site.enrol_photo(person, photo)
    else:
        enrolment = site.enrol_live(person, source or "", unsafe_recorded=unsafe_recorded)
    if as_json:
        print_json(enrolment_json(enrolment))
    elif enrolment.is_pending:
        click.echo("Enrolled, pending: it counts once the person confirms it in person,")
        click.echo(f"with `doorward people confirm {person} --source camera:0`.")
    else:
        click.echo("Enrolled.")


@people.command()
@click.argument("person", type=PERSON)
@click.option("--source", required=True, help="The camera or stream that the person stands before.")
@click.option("--officer", required=True, help="Who stands beside them and confirms it.")
@recorded_option
@json_option
@with_site
def confirm(site: Site, person: PersonId, source: str, officer: str, unsafe_recorded: bool, as_json: bool) -> None:
    """Confirm a pending enrolment: the person stands before a camera, beside an officer.

    \b
    Example: doorward people confirm ID --source camera:0 --officer "Front desk, J. Doe"
    """
    how = "a recorded source (unsafe)" if unsafe_recorded else "a live source"
    actor = Actor(f"{site.actor.name}, officer {officer}", f"confirmation in person from {how}")
    confirmed = site.confirm(person, source, actor, unsafe_recorded=unsafe_recorded)
    if as_json:
        print_json({"person": person, "confirmed": [enrolment.id for enrolment in confirmed]})
    else:
        click.echo(f"Confirmed {len(confirmed)} enrolment{'s' if len(confirmed) > 1 else ''}.")


@people.command()
@click.argument("person", type=PERSON)
@click.argument("group")
@json_option
@with_site
def permit(site: Site, person: PersonId, group: str, as_json: bool) -> None:
    """Put a person into a group that may pass some checkpoints. Groups only permit.

    \b
    Example: doorward people permit ID staff
    """
    changed = site.register.permit(site.actor, person, group)
    if as_json:
        print_json(person_json(changed))
    else:
        click.echo(f"In groups: {', '.join(sorted(changed.groups))}.")


@people.command()
@click.argument("person", type=PERSON)
@purpose_option
@json_option
@with_site
def show(site: Site, person: PersonId, purpose: str, as_json: bool) -> None:
    """Show all that is held on a person, and who looked at it. This look is recorded too.

    \b
    Example: doorward people show ID --purpose "asked for by the person"
    """
    dossier = site.register.show(Actor(site.actor.name, purpose), person)
    if as_json:
        print_json(dossier_json(dossier))
    else:
        print_dossier(dossier)


@people.command(name="list")
@purpose_option
@json_option
@with_site
def list_people(site: Site, purpose: str, as_json: bool) -> None:
    """List everybody, by display name.

    \b
    Example: doorward people list
    """
    everybody = site.register.list(Actor(site.actor.name, purpose))
    if as_json:
        print_json({"people": [person_json(person) for person in everybody]})
        return
    if not everybody:
        click.echo('Nobody is known here yet. Next: doorward people add "Ada Lovelace"')
        return
    table = Table("Name", "Id", "Groups", box=None, pad_edge=False)
    for person in everybody:
        table.add_row(person.display_name, person.id, ", ".join(sorted(person.groups)))
    console().print(table)


@people.command()
@click.argument("person", type=PERSON)
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@with_site
def erase(site: Site, person: PersonId, yes: bool, as_json: bool) -> None:
    """Erase a person: their key is destroyed, and with it all that was sealed for them. It cannot be undone.

    \b
    Example: doorward people erase ID
    """
    if not yes and not as_json:
        click.confirm("Erase this person for good?", abort=True)
    site.register.erase(site.actor, person)
    if as_json:
        print_json({"person": person, "erased": True})
    else:
        click.echo("Erased: the person's key is destroyed; nothing about them can be read here again.")


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None
