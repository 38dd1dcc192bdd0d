"""`doorward crowd`: how many people, with nobody known."""

import re
import sys
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.live import Live
from rich.table import Table

from doorward.cli.output import console, json_option, print_json, progress_console
from doorward.cli.parameters import SOURCE, SOURCE_HELP
from doorward.crowd.analysis import LiveView
from doorward.crowd.intervals import IntervalAggregate, LineCount
from doorward.errors import NotFound, WrongUse
from doorward.settings.crowd import crowd_site, load_scene

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")

site_option = click.option(
    "--site",
    type=click.Path(path_type=Path),
    help="The site's folder; otherwise DOORWARD_SITE, or the folder you are in.",
)


@click.group()
def crowd() -> None:
    """Count people without knowing them: crossings of lines, people in zones, minute by minute.

    \b
    Example:
      doorward crowd run hall --source rtsp://camera/stream --scene hall.toml
    """


@crowd.command("run")
@click.argument("name")
@click.option("--source", type=SOURCE, required=True, help=SOURCE_HELP)
@click.option("--scene", "scene_file", required=True, type=click.Path(path_type=Path), help="The scene's TOML file.")
@click.option("--limit-seconds", type=click.FloatRange(min=0, min_open=True), help="Stop after so many seconds.")
@site_option
@json_option
def run_command(
    name: str, source: str, scene_file: Path, limit_seconds: float | None, site: Path | None, as_json: bool
) -> None:
    """Count the people that the camera NAME sees from above, and store minute aggregates.

    No key of the site is needed: this process can read neither people nor faces. Example:

    doorward crowd run hall --source hall.mp4 --scene hall.toml --site my-site
    """
    scene = load_scene(scene_file, _checked(name))
    folder = crowd_site(site)
    from doorward.wiring.crowd import run_crowd  # loads the media libraries, which help texts do not need

    with _Watcher(as_json) as watcher:
        report = run_crowd(scene, source, folder, watcher, limit_seconds)
    summary = report.summary
    result = {
        "scene": name,
        "detector": report.detector,
        "frames": report.frames,
        "seconds": round(summary.measured_seconds, 3),
        "lines": [_line(line) for line in summary.lines],
        "zones": [
            {"id": zone.id, "mean": _rounded(zone.mean), "max": zone.most, "p95": zone.p95} for zone in summary.zones
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
        table.add_row(f"line {line.id}", _shown(line.inward), _shown(line.outward), "", "", "")
    for zone in summary.zones:
        table.add_row(f"zone {zone.id}", "", "", _shown(zone.mean), _shown(zone.most), _shown(zone.p95))
    console().print(table)
    console().print(f"Stored {report.intervals} minute intervals; see `doorward crowd intervals {name}`.")


@crowd.command("intervals")
@click.argument("name")
@click.option("--from", "start", help="Only minutes that begin at this time or later, such as 2026-05-01T08:00Z.")
@click.option("--to", "end", help="Only minutes that begin before this time.")
@site_option
@json_option
def intervals_command(name: str, start: str | None, end: str | None, site: Path | None, as_json: bool) -> None:
    """Show the stored minutes of the camera NAME; what was not seen is unknown, never 0.

    \b
    Example:
      doorward crowd intervals hall --from 2026-05-01T08:00Z --to 2026-05-01T09:00Z
    """
    first, last = _time(start, "--from"), _time(end, "--to")
    folder = crowd_site(site)
    from doorward.wiring.crowd import crowd_store  # loads the media libraries, which help texts do not need

    with crowd_store(folder) as store:
        found = store.read(name, first, last)
        if not found and name not in store.scenes():
            raise NotFound(f"No intervals are stored for {name!r}; count some with `doorward crowd run {name} …`.")
    if as_json:
        print_json({"scene": name, "intervals": [interval_object(interval) for interval in found]})
        return
    table = Table("minute (UTC)", "coverage", "lines: in / out", "zones: mean (max)", title=name)
    for interval in found:
        lines = ", ".join(f"{line.id} {_shown(line.inward)} / {_shown(line.outward)}" for line in interval.lines)
        zones = ", ".join(f"{zone.id} {_shown(zone.mean)} ({_shown(zone.most)})" for zone in interval.zones)
        table.add_row(f"{interval.start:%Y-%m-%d %H:%M}", f"{interval.coverage:.0%}", lines, zones)
    console().print(table)


def interval_object(interval: IntervalAggregate) -> dict[str, object]:
    """An interval as JSON names it; ``null`` is what was not seen."""
    return {
        "start": interval.start.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "seconds": 60,
        "coverage": _rounded(interval.coverage),
        "method": interval.method,
        "lines": [_line(line) for line in interval.lines],
        "zones": [
            {"id": zone.id, "mean": _rounded(zone.mean), "min": zone.least, "max": zone.most, "p95": zone.p95}
            for zone in interval.zones
        ],
    }


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
    table = Table("", "now", "in", "out", title=f"{view.seconds:.0f} s")
    for zone, count in view.zones:
        table.add_row(f"zone {zone}", _shown(count), "", "")
    for line in view.lines:
        table.add_row(f"line {line.id}", "", _shown(line.inward), _shown(line.outward))
    return table


def _line(line: LineCount) -> dict[str, object]:
    return {"id": line.id, "in": line.inward, "out": line.outward}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _shown(value: float | None) -> str:
    if value is None:
        return "unknown"
    return str(value) if isinstance(value, int) else f"{value:.1f}"


def _checked(name: str) -> str:
    if not NAME.fullmatch(name):
        raise WrongUse("A camera's name has to be of letters, digits, '.', '-' and '_', at most 64 of them.")
    return name


def _time(text: str | None, option: str) -> datetime | None:
    if text is None:
        return None
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise WrongUse(f"{option} is not a time; write it as 2026-05-01T08:00Z.") from None
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
