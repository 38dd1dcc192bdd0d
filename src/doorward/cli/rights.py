"""What people, officers and authorities are owed: exports, the record of processing, the report of an incident."""

import json
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import click

from doorward.cli.hold import hold_json, passages_json
from doorward.cli.opening import purpose_option, with_site
from doorward.cli.output import json_option, print_json
from doorward.cli.parameters import PERSON
from doorward.cli.people_output import dossier_json, enrolment_json, issued_json
from doorward.cli.rights_output import incident_json, incident_page, record_json, record_page
from doorward.kernel.audit import Actor
from doorward.kernel.ids import PersonId
from doorward.wiring.face.reporting import incident_report, processing_record
from doorward.wiring.face.rights import Holdings, everything_on, write_private
from doorward.wiring.face.site import Site

FORMAT = "doorward export 1"
MOMENT = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"])
FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("person", type=PERSON)
@click.option("--to", "file", type=FILE, required=True, help="A new file; its owner alone may read it.")
@click.option("--with-templates", is_flag=True, help="The templates' numbers too: who steals the file has the face.")
@purpose_option
@json_option
@with_site
def export(site: Site, person: PersonId, file: Path, with_templates: bool, purpose: str, as_json: bool) -> None:
    """Write everything held on a person into a file, in JSON, to be given to them. This is recorded.

    \b
    Example:
      doorward people export ID --to ada.json --purpose "asked for by the person"
    """
    holdings = everything_on(site, Actor(site.actor.name, purpose), person, with_templates=with_templates)
    size, digest = write_private(file, _readable(holdings_json(site.settings.site, holdings, with_templates)))
    if as_json:
        print_json({"person": person, "file": str(file), "bytes": size, "sha256": digest})
    else:
        click.echo(f"Wrote {file}, {size:,} bytes. Nothing in it is sealed: hand it over, and delete it here.")


@click.command(name="record-of-processing")
@click.option("--controller", help="Name and contact details of who decides about the processing.")
@click.option("--officer", help="Name and contact details of the data-protection officer.")
@click.option("--to", "file", type=FILE, help="A new file; printed if not given.")
@json_option
@with_site
def record_of_processing(
    site: Site, controller: str | None, officer: str | None, file: Path | None, as_json: bool
) -> None:
    """Write the record of processing activities, after GDPR article 30 from the site's settings as they are.

    Markdown, or JSON with --json. It names nobody who is enrolled.

    \b
    Example:
      doorward record-of-processing --controller "Example Ltd, 1 Main Street" --to record.md
    """
    record = processing_record(site, controller, officer)
    _give(record_json(record), record_page(record), file, as_json)


@click.command()
@click.option("--from", "begin", type=MOMENT, required=True, help="YYYY-MM-DD or YYYY-MM-DDTHH:MM, UTC.")
@click.option("--to", "end", type=MOMENT, required=True, help="The first moment that no longer counts, UTC.")
@click.option("--to-file", "file", type=FILE, help="A new file; printed if not given.")
@purpose_option
@json_option
@with_site
def incident(site: Site, begin: datetime, end: datetime, file: Path | None, purpose: str, as_json: bool) -> None:
    """Collect what GDPR article 33 asks for: how many people and records, what was accessed by whom, what protects it.

    Markdown, or JSON with --json. It names nobody who is enrolled. This look is recorded.

    \b
    Example:
      doorward incident --from 2026-11-20 --to 2026-11-23T18:00 --to-file incident.md
    """
    by = Actor(site.actor.name, purpose)
    report = incident_report(site, by, begin.replace(tzinfo=UTC), end.replace(tzinfo=UTC))
    _give(incident_json(report), incident_page(report), file, as_json)


def holdings_json(site: str, holdings: Holdings, with_templates: bool) -> dict[str, object]:
    """The export: of a template its origin, and its numbers only ``with_templates``."""
    enrolments = []
    for one in holdings.dossier.enrolments:
        photo = holdings.photos.get(one.id)
        enrolments.append(
            {
                **enrolment_json(one),
                "dimensions": len(one.template.vector),
                "template": [float(number) for number in one.template.vector] if with_templates else None,
                "photo_base64": None if photo is None else b64encode(photo).decode(),
            }
        )
    passages = [
        {"id": one.id, "at": one.at.isoformat(), "checkpoint": holdings.doors.get(one.checkpoint)}
        for one in holdings.passages
    ]
    return {
        "format": FORMAT,
        "site": site,
        "exported_at": holdings.at.isoformat(),
        **dossier_json(holdings.dossier),
        "enrolments": enrolments,
        # Whom they resemble is somebody else's affair (GDPR Art. 15(4)).
        "lookalikes": [{"stated_at": one.stated_at.isoformat()} for one in holdings.dossier.lookalikes],
        "passages": passages,
        "holds": [{**hold_json(one), "passages": passages_json(kept, holdings.doors)} for one, kept in holdings.holds],
        "invitations": [{"ends": ends} for ends in holdings.invitations],
        "credential": holdings.credential and issued_json(holdings.credential),
    }


def _give(value: Mapping[str, object], page: str, file: Path | None, as_json: bool) -> None:
    if file is None:
        print_json(value) if as_json else click.echo(page, nl=False)
        return
    size, digest = write_private(file, _readable(value) if as_json else page)
    if as_json:
        print_json({"file": str(file), "bytes": size, "sha256": digest})
    else:
        click.echo(f"Wrote {file}, {size:,} bytes.")


def _readable(value: Mapping[str, object]) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"
