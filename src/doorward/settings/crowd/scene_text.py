"""A scene file written from what a person gave."""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from doorward.crowd.scene import Point, Scene
from doorward.errors import WrongUse
from doorward.settings.crowd.scene_file import scene_of


@dataclass(frozen=True, slots=True)
class SceneDraft:
    """``points``: a pixel and where it lies on the ground. ``limits``: people by zone. ``still``: a file's name."""

    size: tuple[int, int]
    points: tuple[tuple[Point, Point], ...]
    lines: Mapping[str, tuple[Point, ...]]
    zones: Mapping[str, tuple[Point, ...]]
    limits: Mapping[str, float] = field(default_factory=dict)
    mount_height: float | None = None
    detector: str | None = None
    still: str | None = None


def scene_text(draft: SceneDraft) -> str:
    """The TOML of a scene; whether it is a good one, ``parsed`` tells."""
    for name in draft.limits:
        if name not in draft.zones:
            raise WrongUse(f"The limit is of {name!r}, which is no zone; give it by --zone.")
    return "\n".join([*_head(draft), *_ground(draft)]) + "\n"


def _head(draft: SceneDraft) -> list[str]:
    parts = [f"image = {{ width = {draft.size[0]}, height = {draft.size[1]} }}"]
    if draft.mount_height is not None:
        parts.append(f"mount_height = {draft.mount_height:g}")
    if draft.still is not None:
        parts.append(
            f"still = {json.dumps(draft.still)}      # the place without people, to see whether the camera moved"
        )
    if draft.detector is not None:
        parts.append(f"\n[detector]\nname = {json.dumps(draft.detector)}")
    return parts


def _ground(draft: SceneDraft) -> list[str]:
    parts = []
    for pixel, ground in draft.points:
        parts.append(f"\n[[points]]\nimage = {_point(pixel)}\nground = {_point(ground)}")
    for name, places in draft.lines.items():
        if len(places) != 2:
            raise WrongUse(f"The line {name!r} needs two ends, such as --line {name}:5,0:5,9.")
        parts.append(f"\n[[lines]]\nid = {json.dumps(name)}\nfrom = {_point(places[0])}\nto = {_point(places[1])}")
    for name, places in draft.zones.items():
        corners = ", ".join(_point(place) for place in places)
        parts.append(f"\n[[zones]]\nid = {json.dumps(name)}\ncorners = [{corners}]")
        if name in draft.limits:
            parts.append(f"limit = {draft.limits[name]:g}")
    return parts


def parsed(text: str, folder: Path, name: str) -> Scene:
    """The scene that the text describes; ``WrongUse`` says what does not fit."""
    return scene_of(tomllib.loads(text), folder, name)


def _point(point: Point) -> str:
    return f"[{point[0]:.10g}, {point[1]:.10g}]"
