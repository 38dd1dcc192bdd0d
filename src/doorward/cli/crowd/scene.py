"""`doorward crowd scene`: a scene file made, checked and drawn."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from doorward.cli.crowd.drawn_places import LIMIT, PLACES, POINT, NamedPlaces
from doorward.cli.crowd.options import site_option
from doorward.cli.drawings import check_drawing
from doorward.cli.output import console, json_option, print_json
from doorward.cli.parameters import SOURCE, SOURCE_HELP
from doorward.cli.progress import counting_progress
from doorward.crowd.as_json import rounded
from doorward.crowd.camera_shift import CameraShift, Standing, told
from doorward.crowd.scene import Point, Scene
from doorward.crowd.scene_check import SceneCheck, check_scene
from doorward.errors import WrongUse
from doorward.kernel.image import Image
from doorward.settings.crowd.detector import DETECTORS
from doorward.settings.crowd.scene_file import LARGEST, load_scene
from doorward.settings.crowd.scene_text import SceneDraft, parsed, scene_text
from doorward.settings.crowd.site import crowd_models

_FILE = click.Path(path_type=Path)
DEFAULT_SECONDS = 60.0
MOVED = 3
"""The exit status when the camera does not see what it saw."""


@click.group("scene")
def scene_group() -> None:
    """Make, check and draw the scene of a camera: its ground in metres, and the lines and zones on it.

    \b
    Example:
      doorward crowd scene check hall.toml --source rtsp://camera/stream
    """


@scene_group.command("make")
@click.argument("scene_file", type=_FILE)
@click.option("--source", type=SOURCE, required=True, help=SOURCE_HELP)
@click.option("--point", "points", type=POINT, multiple=True, help="A pixel and its place in metres: 640,360:16,0.")
@click.option("--line", "lines", type=PLACES, multiple=True, help="An id and two ends in metres: door:5,0:5,9.")
@click.option("--zone", "zones", type=PLACES, multiple=True, help="An id and corners: hall:3,1:13,1:13,8:3,8.")
@click.option("--limit", "limits", type=LIMIT, multiple=True, help="A zone's id and its limit of people: hall:60.")
@click.option("--mount-height", type=float, help="Metres from the ground to the camera.")
@click.option("--detector", type=click.Choice(DETECTORS), help="What finds the people.")
@click.option(
    "--seconds", type=click.FloatRange(5, 3600), default=DEFAULT_SECONDS, show_default=True,
    help="How long to watch until a still without people is known.",
)  # fmt: skip
@site_option
@json_option
def make_command(**options: Any) -> None:
    """Write SCENE_FILE, and beside it the place without people as a still and the scene drawn on it.

    Watch for a minute or more in which people walk by: who does not move all the while stays in the still, so look at
    it before you keep it. With a model as the detector, a still with somebody in it is refused.

    \b
    Example:
      doorward crowd scene make hall.toml --source hall.mp4 --point 0,0:0,9 --point 640,0:16,9 --point 640,360:16,0 --point 0,360:0,0 --line door:5,0:5,9 --zone hall:3,1:13,1:13,8:3,8 --limit hall:60 --mount-height 6
    """  # noqa: E501 # an example is one line
    path: Path = options["scene_file"]
    still_path, drawing = path.with_suffix(".still.png"), path.with_suffix(".png")
    for each in (path, still_path, drawing):
        if each.exists():
            raise WrongUse(f"{each} is there already; name another scene file, or remove it.")
    if not path.parent.is_dir():
        raise WrongUse(f"There is no folder {path.parent}; make it first.")
    # What is wrong already is said before a minute is watched; the largest size stands in for the one not known yet.
    parsed(scene_text(_draft(options, (LARGEST, LARGEST), still_path.name)), path.parent, path.stem)
    from doorward.wiring.crowd.stills import check_empty, draw_scene, still_png, write_together

    still, unknown = _watched(options["source"], options["seconds"])
    text = scene_text(_draft(options, (still.shape[1], still.shape[0]), still_path.name))
    scene = parsed(text, path.parent, path.stem)
    looked_for = check_empty(still, scene, crowd_models(options["site"]))
    check, picture = check_scene(scene), draw_scene(scene, still, drawing.suffix)
    write_together({still_path: still_png(still), drawing: picture, path: text.encode()})
    made = {"scene": str(path), "still": str(still_path), "drawing": str(drawing), "unknown_share": rounded(unknown)}
    if options["as_json"]:
        print_json({**made, **_object(check, None)})
        return
    _tell(check)
    console().print(f"Wrote {path}, {still_path.name} and {drawing.name}.")
    if not looked_for:
        console().print(f"Look at {drawing.name}: who never moved is still in it. If somebody is, remove all three.")


@scene_group.command("check")
@click.argument("scene_file", type=_FILE)
@click.option("--source", type=SOURCE, help="The camera, to be held against the still. " + SOURCE_HELP)
@json_option
def check_command(scene_file: Path, source: str | None, as_json: bool) -> int:
    """Say how well SCENE_FILE knows its ground; with --source, whether the camera moved since it was drawn.

    Exit status 3 when it moved.

    \b
    Example:
      doorward crowd scene check hall.toml --source rtsp://camera/stream
    """
    scene = load_scene(scene_file, scene_file.stem)
    shift = None if source is None else _shift(scene, source)
    check = check_scene(scene)
    if as_json:
        print_json(_object(check, shift))
    else:
        _tell(check)
        if shift is not None:
            console().print(told(shift))
    return MOVED if shift is not None and shift.standing is Standing.MOVED else 0


@scene_group.command("draw")
@click.argument("scene_file", type=_FILE)
@click.argument("drawing", type=_FILE)
@click.option("--source", type=SOURCE, help="Where to take the picture below from, people removed; else the still.")
@click.option("--seconds", type=click.FloatRange(5, 3600), default=DEFAULT_SECONDS, show_default=True)
@site_option
@json_option
def draw_command(
    scene_file: Path, drawing: Path, source: str | None, seconds: float, site: Path | None, as_json: bool
) -> None:
    """Draw SCENE_FILE into DRAWING (.png or .svg): the ground in squares, coloured by how well places are known.

    \b
    Example:
      doorward crowd scene draw hall.toml hall-scene.svg
    """
    check_drawing(drawing)
    scene = load_scene(scene_file, scene_file.stem)
    from doorward.wiring.crowd.stills import check_empty, draw_scene, read_still, write_new

    still = read_still(scene) if source is None else _watched(source, seconds)[0]
    if (still.shape[1], still.shape[0]) != scene.size:
        raise WrongUse("The source's pictures are not as large as the scene's image; draw it on its own camera's.")
    check_empty(still, scene, crowd_models(site))
    write_new(drawing, draw_scene(scene, still, drawing.suffix.lower()))
    if as_json:
        print_json({"drawing": str(drawing), "warnings": list(check_scene(scene).warnings)})
    else:
        console().print(f"Drew {drawing}.")


def _watched(source: str, seconds: float) -> tuple[Image, float]:
    from doorward.wiring.crowd.stills import make_still

    with counting_progress() as bar:
        task = bar.add_task("seconds", total=seconds)
        return make_still(source, seconds, lambda done: bar.update(task, completed=done))


def _draft(options: dict[str, Any], size: tuple[int, int], still: str) -> SceneDraft:
    return SceneDraft(
        size,
        options["points"],
        _by_id(options["lines"], "line"),
        _by_id(options["zones"], "zone"),
        dict(options["limits"]),
        options["mount_height"],
        options["detector"],
        still,
    )


def _by_id(named: Sequence[NamedPlaces], kind: str) -> dict[str, tuple[Point, ...]]:
    places = dict(named)
    if len(places) < len(named):
        raise WrongUse(f"A {kind}'s id is given twice; give each {kind} its own.")
    return places


def _shift(scene: Scene, source: str) -> CameraShift:
    from doorward.wiring.crowd.stills import first_picture, read_still, shift_since

    return shift_since(scene, read_still(scene), first_picture(source))


def _object(check: SceneCheck, shift: CameraShift | None) -> dict[str, Any]:
    return {
        "zones": [
            {
                "id": zone.id,
                "area": rounded(zone.area),
                "seen": rounded(zone.seen),
                "position": rounded(zone.position),
                "hidden_feet": rounded(zone.hidden_feet),
            }
            for zone in check.zones
        ],
        "warnings": list(check.warnings),
        "camera": None if shift is None else {"standing": str(shift.standing), "pixels": rounded(shift.pixels)},
    }


def _tell(check: SceneCheck) -> None:
    table = Table("zone", "m2", "in the picture", "worst place, m", "hidden feet, m")
    for zone in check.zones:
        hidden = "unknown" if zone.hidden_feet is None else f"{zone.hidden_feet:.2f}"
        table.add_row(zone.id, f"{zone.area:.1f}", f"{zone.seen:.0%}", f"{zone.position:.2f}", hidden)
    console().print(table)
    for warning in check.warnings:
        console().print(f"Warning: {warning}", markup=False)
