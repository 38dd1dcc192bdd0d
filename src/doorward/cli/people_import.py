"""`doorward people import`: many people, from a list or from another site."""

import csv
from contextlib import ExitStack
from pathlib import Path
from time import monotonic
from typing import TextIO

import click

from doorward.adapters.moving.frames import SUFFIX, is_moving_file
from doorward.cli.opening import purpose_option, with_site
from doorward.cli.output import json_option, print_json
from doorward.cli.people_arrivals import import_from_site
from doorward.cli.progress import file_progress, size_of, writable
from doorward.errors import WrongUse
from doorward.kernel.audit import Actor
from doorward.wiring.face.importing import ImportReport, import_people
from doorward.wiring.face.site import Site

_REFUSED_SOME = 3
_SHOWN = 20
"""Refused rows that are listed on a terminal; the report has them all."""


@click.command("import")
@click.argument("people_list", metavar="FILE", type=click.Path(path_type=Path))
@click.option(
    "--report",
    "report_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write row, code and reason of each row that was refused to this CSV file.",
)
@click.option(
    "--receipt",
    "receipt_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Of people from another site: where the receipt for that site is written; FILE.receipt if not given.",
)
@click.option(
    "--fingerprint",
    help="Of another site that is not known here yet: what it told you by telephone or on paper; else it is asked for.",
)
@purpose_option
@json_option
@click.pass_context
@with_site
def import_command(
    site: Site,
    context: click.Context,
    people_list: Path,
    report_file: Path | None,
    receipt_file: Path | None,
    fingerprint: str | None,
    purpose: str,
    as_json: bool,
) -> None:
    """Import people from a .csv or .jsonl list, each with their consent record, or from another site's file.

    A row without a consent in force is refused. Who comes with a photo or from another site stays pending until they
    confirm it in person. Run it again after a crash, or with corrected rows: who is in stays as they are. Exit status 3
    when somebody was refused. At the end of another site's file the receipt is written by which that site erases them.

    \b
    Example:
      doorward people import people.csv --report refused.csv --purpose "staff of the new building"
      doorward people import people.moving --purpose "moved to the new building"
    """
    if is_moving_file(people_list) or people_list.suffix == SUFFIX:
        import_from_site(site, context, people_list, report_file, receipt_file, fingerprint, purpose, as_json=as_json)
        return
    if receipt_file is not None or fingerprint is not None:
        raise WrongUse("A receipt and a fingerprint belong to another site's file; this is a list.")
    if report_file is not None and report_file.resolve() == people_list.resolve():
        raise WrongUse("The report would replace the list; name another file.")
    began = monotonic()
    with ExitStack() as opened:
        told = opened.enter_context(writable(report_file)) if report_file else None
        bar = opened.enter_context(file_progress())
        task = bar.add_task("rows", total=size_of(people_list), rows=0, rate=0.0)

        def progress(end: int, so_far: ImportReport) -> None:
            rate = so_far.rows / max(monotonic() - began, 1e-3)
            bar.update(task, completed=end, rows=so_far.rows, rate=rate)

        report = import_people(site, Actor(site.actor.name, purpose), people_list, progress)
        if told is not None:
            _write(told, report)
    seconds = monotonic() - began
    if as_json:
        print_json(_json(report, seconds))
    else:
        _tell(report, seconds, report_file)
    if report.refused:
        context.exit(_REFUSED_SOME)


def _json(report: ImportReport, seconds: float) -> dict[str, object]:
    return {
        "rows": report.rows,
        "imported": report.imported,
        "pending": report.pending,
        "already_in": report.already_in,
        "refused": [{"row": one.number, "code": one.code, "reason": one.reason} for one in report.refused],
        "seconds": round(seconds, 3),
    }


def _tell(report: ImportReport, seconds: float, report_file: Path | None) -> None:
    click.echo(
        f"{report.rows:,} rows in {seconds:.1f} s: {report.imported:,} people imported, {report.already_in:,} were in "
        f"already, {len(report.refused):,} refused."
    )
    for one in report.refused[:_SHOWN]:
        click.echo(f"Row {one.number} ({one.code}): {one.reason}")
    if len(report.refused) > _SHOWN:
        click.echo("The first of them are listed here; --report FILE writes them all.")
    if report_file is not None:
        click.echo(f"Wrote {report_file}.")
    if report.pending:
        click.echo(
            f"{report.pending:,} references are pending: each counts once its person confirms it in person, with "
            "`doorward people confirm ID --source camera:0`."
        )


def _write(file: TextIO, report: ImportReport) -> None:
    rows = csv.writer(file)
    rows.writerow(("row", "code", "reason"))
    rows.writerows((one.number, one.code, one.reason) for one in report.refused)
