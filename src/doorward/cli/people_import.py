"""`doorward people import`: many people from a list."""

import csv
from contextlib import ExitStack
from pathlib import Path
from time import monotonic
from typing import TextIO

import click
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from doorward.cli.opening import purpose_option, with_site
from doorward.cli.output import json_option, print_json, progress_console
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
@purpose_option
@json_option
@click.pass_context
@with_site
def import_command(
    site: Site, context: click.Context, people_list: Path, report_file: Path | None, purpose: str, as_json: bool
) -> None:
    """Import people from a .csv or .jsonl list, each with their consent record, with or without a photo.

    A row without a consent in force is refused. Who comes with a photo stays pending until they confirm it in person.
    Run it again after a crash, or with corrected rows: who is in by their reference stays as they are. Exit status 3
    when rows were refused.

    \b
    Example:
      doorward people import people.csv --report refused.csv --purpose "staff of the new building"
    """
    if report_file is not None and report_file.resolve() == people_list.resolve():
        raise WrongUse("The report would replace the list; name another file.")
    began = monotonic()
    with ExitStack() as opened:
        told = opened.enter_context(_writable(report_file)) if report_file else None
        bar = opened.enter_context(_progress())
        task = bar.add_task("rows", total=_size(people_list), rows=0, rate=0.0)

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


def _writable(path: Path) -> TextIO:
    """Opened before the work, so that it is not done in vain."""
    try:
        return path.open("w", encoding="utf-8", newline="")
    except OSError as error:
        raise WrongUse(f"{path} cannot be written ({error.strerror}); name another file.") from None


def _size(path: Path) -> int | None:
    return path.stat().st_size if path.is_file() else None


def _progress() -> Progress:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[rows]:,}, {task.fields[rate]:.0f} a second"),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=progress_console(), transient=True)
