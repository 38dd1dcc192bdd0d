"""`doorward crowd run`: count, and store aggregates."""

import sys
from pathlib import Path

import click
from rich.live import Live
from rich.table import Table

from doorward.cli.crowd.options import checked_name, scene_option, site_option
from doorward.cli.crowd.values import shown
from doorward.cli.output import console, json_option, print_json, progress_console
from doorward.cli.parameters import SOURCE, SOURCE_HELP, hardware_decoding_option
from doorward.crowd.as_json import rounded
from doorward.crowd.intervals import LineCount
from doorward.crowd.live import LiveView
from doorward.settings.crowd.alarms_file import load_alarms
from doorward.settings.crowd.scene_file import load_scene
from doorward.settings.crowd.site import crowd_models, crowd_site


@click.command("run")
@click.argument("name")
@click.option("--source", type=SOURCE, required=True, help=SOURCE_HELP)
@scene_option
@click.option("--limit-seconds", type=click.FloatRange(min=0, min_open=True), help="Stop after so many seconds.")
@click.option("--alarms", type=click.Path(path_type=Path), help="When to alarm and whom to tell: a TOML file.")
@hardware_decoding_option
@site_option
@json_option
def run_command(
    name: str,
    source: str,
    scene_file: Path,
    limit_seconds: float | None,
    alarms: Path | None,
    hardware_decoding: str,
    site: Path | None,
    as_json: bool,
) -> None:
    """Count the people that the camera NAME sees, and store minute aggregates.

    No key of the site is needed: this process can read neither people nor faces. Example:

    doorward crowd run hall --source hall.mp4 --scene hall.toml --site my-site
    """
    scene = load_scene(scene_file, checked_name(name))
    settings = load_alarms(alarms)
    folder = crowd_site(site)
    from doorward.wiring.crowd.running import run_crowd  # loads the media libraries, which help texts do not need

    with _Watcher(as_json) as watcher:
        report = run_crowd(
            scene,
            source,
            folder,
            crowd_models(folder),
            watcher,
            limit_seconds,
            settings,
            in_hardware=hardware_decoding == "auto",
        )
    summary = report.summary
    result = {
        "scene": name,
        "detector": report.detector,
        "frames": report.frames,
        "seconds": round(summary.measured_seconds, 3),
        "lines": [_line(line) for line in summary.lines],
        "zones": [
            {"id": zone.id, "mean": rounded(zone.mean), "max": zone.most, "p95": zone.p95} for zone in summary.zones
        ],
        "intervals": report.intervals,
    }
    if as_json:
        print_json(result)
        return
    table = Table(title=f"{name}: {summary.measured_seconds:.0f} s counted by {report.detector}")
    for heading in ("", "in", "out", "mean", "max", "p95"):
        table.add_column(heading, justify="left" if not heading else "right")
    for line in summary.lines:
        table.add_row(f"line {line.id}", shown(line.inward), shown(line.outward), "", "", "")
    for zone in summary.zones:
        table.add_row(f"zone {zone.id}", "", "", shown(zone.mean), shown(zone.most), shown(zone.p95))
    console().print(table)
    console().print(f"Stored {report.intervals} minute intervals; see `doorward crowd intervals {name}`.")


class _Watcher:
    """A live table on a terminal, remarks on standard error; silent otherwise."""

    def __init__(self, as_json: bool) -> None:
        self._live = Live(console=console(), transient=True, refresh_per_second=4)
        self._shown = not as_json and sys.stdout.isatty()
        self._remarks = progress_console()

    def __enter__(self) -> "_Watcher":
        if self._shown:
            self._live.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._live.stop()

    def see(self, view: LiveView) -> None:
        if self._shown:
            self._live.update(_live_table(view))

    def remark(self, sentence: str) -> None:
        self._remarks.print(sentence, markup=False, highlight=False)


def _live_table(view: LiveView) -> Table:
    table = Table("", "now", "persons/m2", "level, risk", "in", "out", title=f"{view.seconds:.0f} s")
    for zone in view.zones:
        level = f"{zone.service or '-'}, {shown(zone.safety)}"
        table.add_row(f"zone {zone.id}", shown(zone.count), shown(zone.voronoi, 2), level, "", "")
    for line in view.lines:
        level = f"{line.service or '-'}, {shown(line.safety)}"
        table.add_row(f"line {line.id}", "", "", level, shown(line.inward), shown(line.outward))
    for area in view.areas:
        table.add_row(f"area {area.id}", f"{area.people:.0f} ± {2 * area.uncertainty:.0f}", "", "", "", "")
    return table


def _line(line: LineCount) -> dict[str, object]:
    return {"id": line.id, "in": line.inward, "out": line.outward}
