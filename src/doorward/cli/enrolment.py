"""Consent and enrolment on the command line: the part of `doorward people` that makes somebody known by face."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click

from doorward.cli.opening import with_site
from doorward.cli.output import json_option, print_json
from doorward.cli.parameters import DAY, PERSON, SOURCE, SOURCE_HELP
from doorward.cli.people_output import enrolment_json
from doorward.errors import WrongUse
from doorward.kernel.audit import Actor
from doorward.kernel.ids import ConsentId, PersonId
from doorward.people.consent import Purpose
from doorward.people.lookalikes import Distinction
from doorward.wiring.face.document_enrolment import enrol_by_document
from doorward.wiring.face.site import Site

R = TypeVar("R")

recorded_option = click.option(
    "--unsafe-recorded-source",
    "unsafe_recorded",
    is_flag=True,
    help="Take a recording as if it were live. For trials: it proves nobody's presence.",
)


def distinct_options(command: Callable[..., R]) -> Callable[..., R]:
    """Give ``command`` what an officer states of lookalikes, as ``distinct``."""

    @click.option(
        "--distinct-from",
        "others",
        type=PERSON,
        multiple=True,
        help="Somebody enrolled whom the face resembles, and who is another person, such as a twin. May be repeated.",
    )
    @click.option("--reason", help="With --distinct-from: how you know. It stands in the audit log of both.")
    @wraps(command)
    def stated(*args: Any, others: tuple[PersonId, ...], reason: str | None, **options: Any) -> R:
        distinct = Distinction(frozenset(others), reason or "") if others or reason is not None else None
        return command(*args, distinct=distinct, **options)

    return stated


@click.command()
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
    Example:
      doorward people consent ID --notice "Door notice" --notice-version 3 --purpose verify --how "signed form"
    """
    ends = until.replace(tzinfo=UTC) if until else None
    given = site.record_consent(person, notice, notice_version, purposes, how, ends)
    if as_json:
        print_json({"consent": given.id, "person": person, "purposes": sorted(given.purposes)})
    else:
        click.echo(f"Recorded consent {given.id} to {', '.join(sorted(given.purposes))}.")


@click.command()
@click.argument("person", type=PERSON)
@click.argument("consent_id")
@json_option
@with_site
def withdraw(site: Site, person: PersonId, consent_id: str, as_json: bool) -> None:
    """Withdraw a consent. What rested on it alone is gone, and the person gets a new key.

    \b
    Example:
      doorward people withdraw ID CONSENT
    """
    ended = site.register.withdraw(site.actor, person, ConsentId(consent_id))
    if as_json:
        print_json({"consent": ended.id, "withdrawn_at": ended.withdrawn_at and ended.withdrawn_at.isoformat()})
    else:
        click.echo("Withdrawn: what rested on it alone is gone, and what stays is sealed under a new key.")


@click.command()
@click.argument("person", type=PERSON)
@click.option("--photo", type=click.Path(path_type=Path), help="A photo file: the enrolment stays pending.")
@click.option("--source", type=SOURCE, help="A camera or stream: the person stands before it now. " + SOURCE_HELP)
@click.option(
    "--document",
    "scan",
    type=click.Path(path_type=Path),
    help="A scan of the identity document that says who they are: the face has to match its portrait, and its number, "
    "dates and name go into the record. Alone, its portrait is enrolled. The scan is not kept.",
)
@click.option("--name-checked-by", metavar="OFFICER", help="Who read the document's name, where the page prints none.")
@recorded_option
@distinct_options
@json_option
@with_site
def enrol(
    site: Site,
    person: PersonId,
    photo: Path | None,
    source: str | None,
    scan: Path | None,
    name_checked_by: str | None,
    unsafe_recorded: bool,
    distinct: Distinction | None,
    as_json: bool,
) -> None:
    """Enrol a face, live or from a photo. Needs a consent in force.

    In the identify profile a face that resembles somebody enrolled is refused, unless you state that they are two.

    \b
    Example:
      doorward people enrol ID --source camera:0
      doorward people enrol ID --photo ada.jpg
      doorward people enrol ID --source camera:0 --document passport.jpg
      doorward people enrol ID --source camera:0 --distinct-from TWIN --reason "both were here, with passports"
    """
    if (photo is None) == (source is None) and (scan is None or photo is not None):
        raise WrongUse("Give either --photo FILE or --source camera:0.")
    if scan is None and name_checked_by is not None:
        raise WrongUse("--name-checked-by goes with --document SCAN.")
    if scan is not None:
        enrolment = enrol_by_document(
            site,
            person,
            scan,
            photo=photo,
            source=source,
            name_checked_by=name_checked_by,
            unsafe_recorded=unsafe_recorded,
            tell=_tell,
            distinct=distinct,
        )
    elif photo is not None:
        enrolment = site.enrol_photo(person, photo, distinct=distinct)
    else:
        enrolment = site.enrol_live(
            person, source or "", unsafe_recorded=unsafe_recorded, tell=_tell, distinct=distinct
        )
    if as_json:
        print_json(enrolment_json(enrolment))
    elif enrolment.is_pending:
        click.echo("Enrolled, pending: it counts once the person confirms it in person,")
        click.echo(f"with `doorward people confirm {person} --source camera:0`.")
    else:
        click.echo("Enrolled.")


@click.command()
@click.argument("person", type=PERSON)
@click.option("--photo", type=click.Path(path_type=Path), required=True, help="A photo of them as they look now.")
@distinct_options
@json_option
@with_site
def update(site: Site, person: PersonId, photo: Path, distinct: Distinction | None, as_json: bool) -> None:
    """Add a newer photo to the references of PERSON, if it matches them strongly. It counts at once.

    \b
    Example:
      doorward people update ID --photo ada-2027.jpg
    """
    enrolment = site.update_photo(person, photo, distinct=distinct)
    if as_json:
        print_json(enrolment_json(enrolment))
    else:
        click.echo("Updated.")


@click.command()
@click.argument("person", type=PERSON)
@json_option
@with_site
def invite(site: Site, person: PersonId, as_json: bool) -> None:
    """Make a one-time code by which a person confirms their own enrolment.

    \b
    Example:
      doorward people invite ID
    """
    site.stores.people.get(person)
    code, ends = site.invitations.invite(person)
    if as_json:
        print_json({"person": person, "invitation": code, "ends": ends.isoformat()})
        return
    click.echo(f"Invitation, shown this once: {code}")
    click.echo(f"Good until {ends:%Y-%m-%d %H:%M} UTC, for this person, one use:")
    click.echo(f"doorward people confirm {person} --source camera:0 --invitation {code}")


@click.command()
@click.argument("person", type=PERSON)
@click.option("--source", type=SOURCE, required=True, help="The camera or stream that the person stands before.")
@click.option("--officer", help="Who stands beside them and confirms it.")
@click.option("--invitation", help="Or the person's one-time code, from `doorward people invite`.")
@recorded_option
@distinct_options
@json_option
@with_site
def confirm(
    site: Site,
    person: PersonId,
    source: str,
    officer: str | None,
    invitation: str | None,
    unsafe_recorded: bool,
    distinct: Distinction | None,
    as_json: bool,
) -> None:
    """Confirm a pending enrolment: the person stands before a camera, beside an officer or by invitation.

    \b
    Example:
      doorward people confirm ID --source camera:0 --officer "Front desk, J. Doe"
    """
    if (officer is None) == (invitation is None):
        raise WrongUse("Say who confirms it: --officer NAME, or --invitation CODE.")
    if invitation is not None and distinct is not None:
        raise WrongUse("An invited person states nothing of others; let an officer confirm with --distinct-from.")
    if invitation is not None:
        site.invitations.try_once(invitation, person)
    beside = f"{site.actor.name}, officer {officer}" if officer else "the person, by invitation"
    confirmed = site.confirm(
        person,
        source,
        Actor(beside, "confirmation in person"),
        unsafe_recorded=unsafe_recorded,
        tell=_tell,
        distinct=distinct,
        may_see_duplicate=officer is not None,
    )
    if invitation is not None:
        site.invitations.use_up(invitation)
    if as_json:
        print_json({"person": person, "confirmed": [enrolment.id for enrolment in confirmed]})
    else:
        click.echo(f"Confirmed {len(confirmed)} enrolment{'s' if len(confirmed) > 1 else ''}.")


def _tell(hint: str) -> None:
    """To whoever stands before the camera; standard output is for the answer."""
    click.echo(hint, err=True)
