"""The part of `doorward people import` that takes in people from another site."""

import csv
from contextlib import ExitStack
from pathlib import Path
from time import monotonic

import click

from doorward.cli.output import print_json
from doorward.cli.progress import file_progress, size_of, writable
from doorward.cli.site_card import ask_fingerprint
from doorward.errors import WrongUse
from doorward.kernel.audit import Actor
from doorward.wiring.face.moving_in import ArrivalReport, import_moved
from doorward.wiring.face.site import Site

_REFUSED_SOME = 3
_SHOWN = 20


def import_from_site(
    site: Site,
    context: click.Context,
    path: Path,
    report_file: Path | None,
    receipt_file: Path | None,
    fingerprint: str | None,
    purpose: str,
    *,
    as_json: bool,
) -> None:
    """Take in everybody in the file at ``path``, tell what became of them, and end with the exit status."""
    receipt = receipt_file or path.with_name(f"{path.name}.receipt")
    if len({path.resolve(), receipt.resolve(), (report_file or path.parent).resolve()}) < 3:
        raise WrongUse("The file, its receipt and the report are three files; name them apart.")
    began = monotonic()
    with ExitStack() as opened:
        told = opened.enter_context(writable(report_file)) if report_file else None
        bar = opened.enter_context(file_progress())
        task = bar.add_task("people", total=size_of(path), rows=0, rate=0.0)

        def progress(end: int, so_far: ArrivalReport) -> None:
            rate = so_far.people / max(monotonic() - began, 1e-3)
            bar.update(task, completed=end, rows=so_far.people, rate=rate)

        actor = Actor(site.actor.name, purpose)
        report = import_moved(site, actor, path, receipt, lambda name: ask_fingerprint(name, fingerprint), progress)
        if told is not None:
            rows = csv.writer(told)
            rows.writerow(("person", "code", "reason"))
            rows.writerows((one.person, one.code, one.reason) for one in report.refused)
    seconds = monotonic() - began
    if as_json:
        print_json(_json(report, receipt, seconds))
    else:
        _tell(report, receipt, seconds)
    if report.all_refused:
        context.exit(_REFUSED_SOME)


def _json(report: ArrivalReport, receipt: Path, seconds: float) -> dict[str, object]:
    return {
        "from": report.name,
        "people": report.people,
        "imported": report.taken,
        "already_in": report.already_in,
        "pending": report.pending,
        "other_models": [{"model": model, "references": count} for model, count in report.other_models.items()],
        "groups": [{"group": group, "people": count} for group, count in sorted(report.groups.items())],
        "refused_in_all": report.all_refused,
        "refused": [{"person": one.person, "code": one.code, "reason": one.reason} for one in report.refused],
        "receipt": str(receipt),
        "seconds": round(seconds, 3),
    }


def _tell(report: ArrivalReport, receipt: Path, seconds: float) -> None:
    click.echo(
        f"{report.people:,} people from “{report.name}” in {seconds:.1f} s: {report.taken:,} taken in, "
        f"{report.already_in:,} were in already, {report.all_refused:,} refused."
    )
    for one in report.refused[:_SHOWN]:
        click.echo(f"Person {one.person} of that site ({one.code}): {one.reason}")
    if len(report.refused) > _SHOWN:
        click.echo("The first of them are listed here; --report FILE writes them all.")
    if report.groups:
        groups = ", ".join(f"{group} ({count:,})" for group, count in sorted(report.groups.items()))
        click.echo(f"They came with memberships, which hold here once they confirmed: {groups}.")
    for model, count in report.other_models.items():
        click.echo(f"{count:,} references are of the model {model}, which is not in use here: enrol those people anew.")
    if report.pending:
        click.echo(
            f"{report.pending:,} references are pending: each counts once its person confirms it in person, with "
            "`doorward people confirm ID --source camera:0`."
        )
    click.echo(f"Wrote {receipt}. Back up this site, data and keys, before you give it to the other site: with it they")
    click.echo("are erased there.")
