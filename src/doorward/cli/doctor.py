"""`doorward doctor`: what is wrong with a site, why it matters, and how to mend it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.progress import Progress

from doorward.cli.opening import open_named_site, passphrase_option, site_option
from doorward.cli.output import json_option, print_json, progress_console
from doorward.errors import WrongUse
from doorward.settings.environment import passphrase_file as passphrase_file_of_environment
from doorward.settings.environment import site_folder
from doorward.wiring.doctor.examination import examine_files, examine_outside, examine_site, is_openable
from doorward.wiring.doctor.finding import Finding, critical, worst_first

CRITICAL = 3
"""Exit status with critical findings."""


@click.command()
@click.option("--outside", metavar="URL", help="Only look at the server at https://HOST:PORT, as a scanner would.")
@click.option("--deep", is_flag=True, help="Open every sealed record of every table; takes as long as there are.")
@click.option(
    "--advisories",
    "with_advisories",
    is_flag=True,
    help="Ask osv.dev about the packages that run here; it learns their names and versions.",
)
@site_option
@passphrase_option
@json_option
def doctor(
    outside: str | None,
    deep: bool,
    with_advisories: bool,
    folder: Path | None,
    passphrase_file: Path | None,
    as_json: bool,
) -> int:
    """Examine a site, and the server that serves it: modes, keys, ports, routes, clock, consents, retention.

    Exit status 0: nothing critical, 3: something critical. --outside needs no site and runs on any machine; it also
    tries the ports of that host where such systems were found open, so name a host that is yours.

    \b
    Example:
      doorward doctor --site my-site
      doorward doctor --deep --advisories --json --site my-site
      doorward doctor --outside https://192.0.2.7:8443
    """
    if outside is not None and (deep or with_advisories or folder is not None):
        raise WrongUse("--outside looks at a server and at no site; leave --site, --deep and --advisories away.")
    from doorward.http.app import guarded_routes  # loads the web framework, which help texts do not need

    if outside is not None:
        findings = examine_outside(outside, guarded_routes(), datetime.now(UTC))
    else:
        routes, place = guarded_routes(), (folder or site_folder()).resolve()
        findings = _examined(place, passphrase_file, routes, deep=deep, with_advisories=with_advisories)
    if as_json:
        print_json({"findings": [_finding_json(finding) for finding in findings], "critical": len(critical(findings))})
    else:
        _tell(findings)
    return CRITICAL if critical(findings) else 0


def _examined(
    folder: Path,
    passphrase_file: Path | None,
    routes: Sequence[tuple[str, str]],
    *,
    deep: bool,
    with_advisories: bool,
) -> tuple[Finding, ...]:
    found = examine_files(folder, passphrase_file or passphrase_file_of_environment(), datetime.now(UTC))
    if not is_openable(found):
        return found
    with open_named_site(folder, passphrase_file) as site, Progress(console=progress_console(), transient=True) as bar:
        task = bar.add_task("Opening every record", visible=deep)

        def progress(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        told = examine_site(site, routes, progress if deep else None, with_advisories=with_advisories)
        return worst_first((*found, *told))


def _finding_json(finding: Finding) -> dict[str, str]:
    return {
        "id": finding.id,
        "severity": finding.severity.value,
        "what": finding.what,
        "why": finding.why,
        "mend": finding.mend,
    }


def _tell(findings: Sequence[Finding]) -> None:
    for finding in findings:
        click.echo(f"{finding.severity.value.upper()} {finding.id}: {finding.what}")
        click.echo(f"  Why: {finding.why}")
        click.echo(f"  Mend: {finding.mend}")
    number = len(critical(findings))
    click.echo(f"{len(findings)} findings, {number} of them critical." if findings else "Nothing was found.")
