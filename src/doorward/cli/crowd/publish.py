"""`doorward crowd publish`: figures that may be shown to everybody."""

import json
from pathlib import Path

import click
from rich.table import Table

from doorward.cli.crowd.options import checked_name, site_option, time_of
from doorward.cli.output import console, json_option, print_json
from doorward.crowd.disclosure import Span
from doorward.crowd.looks import LookedAt
from doorward.crowd.publication_form import privacy_statement, publication_csv, publication_object
from doorward.crowd.releases import Release
from doorward.errors import WrongUse
from doorward.settings.crowd.site import crowd_site


@click.command("publish")
@click.argument("name")
@click.option("--from", "start", required=True, help="The beginning, such as 2026-05-01T08:00Z.")
@click.option("--to", "end", required=True, help="The end, in the past.")
@click.option(
    "--every", type=click.Choice([span.value for span in Span]), default="hour", show_default=True, help="A value each."
)
@click.option("--epsilon", type=float, default=1.0, show_default=True, help="Above 0, at most 1; less is more private.")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), default=Path(), help="Folder for the two files."
)
@site_option
@json_option
def publish_command(
    name: str, start: str, end: str, every: str, epsilon: float, out: Path, site: Path | None, as_json: bool
) -> None:
    """Publish crossings and visits of the camera NAME with differential privacy, as CSV and JSON.

    Noise is drawn once: publishing an interval again gives the same figures and spends nothing.

    \b
    Example:
      doorward crowd publish hall --from 2026-05-01T08:00Z --to 2026-05-01T18:00Z --out figures
    """
    first, last = time_of(start, "--from"), time_of(end, "--to")
    if first is None or last is None:
        raise WrongUse("Publishing needs --from and --to.")
    scene, folder, span = checked_name(name), crowd_site(site), Span(every)
    if not out.is_dir():
        raise WrongUse(f"There is no folder {out}; make it, or name another by --out.")
    from doorward.wiring.crowd.publishing import publish  # loads the stores, which help texts do not need
    from doorward.wiring.crowd.stores import intervals_of, note_look

    with intervals_of(folder) as store:
        note_look(store, LookedAt.PUBLICATION, scene)
        done = publish(store, scene, first, last, span, epsilon)
    stem = f"{scene}-{done.request.start:%Y%m%dT%H%MZ}-{done.request.end:%Y%m%dT%H%MZ}-{every}"
    table, document = out / f"{stem}.csv", out / f"{stem}.json"
    value = publication_object(done.request, done.releases)
    try:
        table.write_text(publication_csv(done.request, done.releases), encoding="utf-8")
        document.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise WrongUse(
            f"The figures are settled, but {out} cannot be written ({error.strerror}); publish again into another."
        ) from None
    if as_json:
        print_json(value | {"files": [str(table), str(document)]})
        return
    console().print(_table(scene, done.releases))
    console().print(privacy_statement(done.request), markup=False, highlight=False)
    console().print(f"Written to {table} and {document}.", markup=False, highlight=False)


def _table(scene: str, releases: tuple[Release, ...]) -> Table:
    table = Table("begins (UTC)", "coverage", "what", "count", title=f"{scene}, published")
    for release in releases:
        for count in release.counts:
            what = f"{count.of.place} {count.of.way or count.of.metric.value}"
            value = "left out" if count.published is None else str(count.published)
            table.add_row(f"{release.start:%Y-%m-%d %H:%M}", f"{release.coverage:.0%}", what, value)
    return table
