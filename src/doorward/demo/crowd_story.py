"""The crowd's part: an overhead clip of simulated people, counted by the real command, held against the truth."""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

from doorward.demo.claims import Claim
from doorward.demo.crowd_clip import CrowdClip, make_crowd_clip
from doorward.demo.house import House

MOST_OFF = 1
"""Crossings a line and direction."""

MOST_OCCUPANCY_OFF = 0.3
"""People, of the mean over the clip."""


def tell_crowd_story(house: House) -> tuple[Claim, ...]:
    """Simulate, film, count, compare."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as another_process:
        clip = another_process.submit(make_crowd_clip, house.folder).result()
    counted = house.do("crowd", "run", "demo-hall", "--source", clip.video, "--scene", clip.scene)
    return tuple(_claims(clip, counted))


def _claims(clip: CrowdClip, counted: dict[str, Any]) -> Iterator[Claim]:
    lines = {line["id"]: (line["in"], line["out"]) for line in counted["lines"]}
    off = [
        abs(seen - true)
        for name, truth in clip.crossings.items()
        for seen, true in zip(lines[name], truth, strict=True)
    ]
    told = "; ".join(
        f"{name}: {lines[name][0]}+{lines[name][1]} counted, {truth[0]}+{truth[1]} true"
        for name, truth in clip.crossings.items()
    )
    yield Claim("A simulated crowd is counted across two lines, both ways", max(off) <= MOST_OFF, told)
    mean = next(zone["mean"] for zone in counted["zones"])
    difference = None if mean is None else abs(mean - clip.occupancy)
    yield Claim(
        "and in a zone, by its mean over the clip",
        difference is not None and difference <= MOST_OCCUPANCY_OFF,
        f"{mean:.2f} counted, {clip.occupancy:.2f} true" if mean is not None else "not seen",
    )
