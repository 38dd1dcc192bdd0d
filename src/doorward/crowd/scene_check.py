"""What a scene's geometry is good for."""

from dataclasses import dataclass

import numpy as np

from doorward.crowd.geometry import Points, as_points
from doorward.crowd.mount import FAR_ENOUGH_OFF, CameraFoot, camera_foot, misplacement
from doorward.crowd.scene import Scene, Zone
from doorward.crowd.uncertainty import position_spread

MOST_SQUARES = 2500
OTHER_HEIGHT = 0.3
"""Share by which the height that the picture tells may differ from the one that was written."""


@dataclass(frozen=True, slots=True)
class ZoneCheck:
    """``area``: square metres. ``seen``: share of it in the picture. ``position``: standard deviation in metres of the
    place worst known in it, for 2 pixels of error in each click. ``hidden_feet``: metres by which somebody at its far
    end is misplaced whose lowest half metre is hidden; None without a mount height."""

    id: str
    area: float
    seen: float
    position: float
    hidden_feet: float | None


@dataclass(frozen=True, slots=True)
class SceneCheck:
    zones: tuple[ZoneCheck, ...]
    warnings: tuple[str, ...]


def check_scene(scene: Scene) -> SceneCheck:
    """A scene that was read is usable; this says how well."""
    foot = camera_foot(scene.homography, scene.size)
    zones = tuple(_check_zone(scene, zone, foot) for zone in scene.zones)
    return SceneCheck(zones, tuple(_warnings(scene, zones, foot)))


def squares(scene: Scene) -> tuple[Points, float]:
    """The lower left corners (n x 2, metres) and the side of squares that cover the walkable ground."""
    left, low, right, high = scene.walkable_ground.bounds
    side = 1.0
    while (right - left) * (high - low) / side**2 > MOST_SQUARES:
        side *= 2
    columns, rows = np.arange(np.floor(left), right, side), np.arange(np.floor(low), high, side)
    return as_points([(float(x), float(y)) for x in columns for y in rows]), side


def _check_zone(scene: Scene, zone: Zone, foot: CameraFoot | None) -> ZoneCheck:
    corners = as_points(zone.corners)
    hidden = None if scene.mount_height is None or foot is None else misplacement(foot, scene.mount_height, corners)
    return ZoneCheck(
        zone.id,
        float(zone.polygon.area),
        scene.seen_share(zone.polygon),
        float(position_spread(scene.homography, corners, 0.0).max()),
        hidden,
    )


def _warnings(scene: Scene, zones: tuple[ZoneCheck, ...], foot: CameraFoot | None) -> list[str]:
    warnings = []
    if scene.mount_height is None:
        warnings.append("No mount_height is given, so that the error of hidden feet is unknown; measure and add it.")
    elif foot and foot.height and abs(foot.height - scene.mount_height) > OTHER_HEIGHT * scene.mount_height:
        warnings.append(
            f"The points look as if from {foot.height:.1f} m, but the mount height is {scene.mount_height:g} m; "
            "measure again."
        )
    for zone in zones:
        if zone.hidden_feet is not None and zone.hidden_feet > FAR_ENOUGH_OFF:
            warnings.append(
                f"The camera hangs low for the zone {zone.id!r}: whose lowest half metre is hidden at its far end is "
                f"placed {zone.hidden_feet:.1f} m too far away. Mount it higher, or make the zone end nearer."
            )
    return warnings
