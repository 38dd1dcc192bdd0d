"""`doorward crowd picture`: what was stored, drawn."""

from pathlib import Path

import click

from doorward.cli.crowd.options import checked_name, site_option, time_of
from doorward.cli.drawings import check_drawing
from doorward.cli.output import console, json_option, print_json, write_result
from doorward.crowd.looks import LookedAt
from doorward.settings.crowd.scene_file import load_scene
from doorward.settings.crowd.site import crowd_site

SUBJECTS = ("heat", "flow", "density", "line")


@click.command("picture")
@click.argument("subject", type=click.Choice(SUBJECTS))
@click.argument("name")
@click.option("--from", "start", help="Only intervals that begin at this time or later, such as 2026-05-01T08:00Z.")
@click.option("--to", "end", help="Only intervals that begin before this time.")
@click.option(
    "--scene", "scene_file", type=click.Path(path_type=Path), help="The scene's TOML file: its lines, zones and tables."
)
@click.option("--place", help="The zone (density) or line (line) to draw; otherwise all zones, or the first line.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The .svg or .png file.")
@site_option
@json_option
def picture_command(
    subject: str,
    name: str,
    start: str | None,
    end: str | None,
    scene_file: Path | None,
    place: str | None,
    out: Path,
    site: Path | None,
    as_json: bool,
) -> None:
    """Draw what the camera NAME has seen. It is the operator's picture, and exact: publish none of it.

    heat: people on the ground; flow: where they go; density: over time, with levels of service; line: the flow across
    it, by time and place. Squares that few visited stay blank.

    \b
    Example:
      doorward crowd picture heat hall --scene hall.toml --out hall.svg
      doorward crowd picture density hall --from 2026-05-01 --to 2026-05-02 --out day.png
    """
    check_drawing(out)
    scene = None if scene_file is None else load_scene(scene_file, checked_name(name))
    first, last = time_of(start, "--from"), time_of(end, "--to")
    folder = crowd_site(site)
    from doorward.wiring.crowd.picturing import Subject, picture  # loads the drawing library
    from doorward.wiring.crowd.stores import intervals_of, note_look

    ending = out.suffix.lower().removeprefix(".")
    with intervals_of(folder) as store:
        drawn = picture(store, checked_name(name), Subject(subject), first, last, scene, place, ending)
        note_look(store, LookedAt.PICTURE, name)
    write_result(out, drawn)
    if as_json:
        print_json({"scene": name, "subject": subject, "file": str(out)})
        return
    console().print(f"Drawn to {out}.", markup=False, highlight=False)
