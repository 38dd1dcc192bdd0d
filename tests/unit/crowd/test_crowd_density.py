"""Density and speed: against PedPy on the same positions, and on places whose density is known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Polygon, box

from doorward.crowd.density import voronoi_cells
from doorward.crowd.geometry import as_points
from doorward.crowd.kinematics import Kinematics
from doorward.crowd.presence import Moment
from doorward.crowd.walks import moments_of, parse_walks
from shared_data import shared

WALKABLE = box(-2, -2, 18, 15)
ZONE = box(2, 2, 13, 10)


def real_moments(name: str, seconds: float) -> list[Moment]:
    """At the positions that were tracked by hand, 2.5 times a second."""
    walks = parse_walks(shared("trajectories", f"{name}.txt").read_text(), 25)
    return [moment for moment in moments_of(walks, 2.5) if moment.seconds < seconds]


def pedpy_trajectory(moments: list[Moment]) -> object:
    pedpy, pandas = pytest.importorskip("pedpy"), pytest.importorskip("pandas")
    rows = [
        (int(person), round(moment.seconds * 2.5), x, y)
        for moment in moments
        for person, (x, y) in zip(moment.ids, moment.positions.tolist(), strict=True)
    ]
    return pedpy.TrajectoryData(pandas.DataFrame(rows, columns=["id", "frame", "x", "y"]), frame_rate=2.5)


def test_density_is_pedpys() -> None:
    pedpy = pytest.importorskip("pedpy")
    moments = real_moments("zara01", 120)
    data, measured = pedpy_trajectory(moments), pedpy.MeasurementArea(ZONE)
    individual = pedpy.compute_individual_voronoi_polygons(traj_data=data, walkable_area=pedpy.WalkableArea(WALKABLE))
    voronoi, _ = pedpy.compute_voronoi_density(individual_voronoi_data=individual, measurement_area=measured)
    classic = pedpy.compute_classic_density(traj_data=data, measurement_area=measured)
    theirs = dict(zip(voronoi["frame"], voronoi["density"], strict=True))
    assert len(theirs) > 250
    off = [
        voronoi_cells(moment.positions, WALKABLE).density_in(ZONE) - theirs.get(round(moment.seconds * 2.5), 0.0)
        for moment in moments
    ]
    assert np.abs(off).max() < 1e-6
    counts = dict(zip(classic["frame"], classic["density"], strict=True))
    for moment in moments:
        inside = np.all((moment.positions > (2, 2)) & (moment.positions < (13, 10)), axis=1).sum()
        assert inside / ZONE.area == pytest.approx(counts.get(round(moment.seconds * 2.5), 0.0), abs=1e-6)


def test_speed_is_pedpys() -> None:
    pedpy = pytest.importorskip("pedpy")
    moments = real_moments("zara01", 120)
    theirs = pedpy.compute_individual_speed(
        traj_data=pedpy_trajectory(moments),
        frame_step=2,
        speed_calculation=pedpy.SpeedCalculation.BORDER_SINGLE_SIDED,
    )
    speeds = {(row.id, row.frame): row.speed for row in theirs.itertuples()}
    assert len(speeds) > 1000
    kinematics = Kinematics(half_window=0.8)
    motions = [motion for moment in moments for motion in kinematics.update(moment)] + list(kinematics.finish())
    assert len(motions) == len(moments)
    ours = {
        (int(person), round(motion.moment.seconds * 2.5)): float(np.linalg.norm(velocity))
        for motion in motions
        for person, velocity in zip(motion.moment.ids, motion.velocities, strict=True)
        if not np.isnan(velocity[0])
    }
    assert ours.keys() == speeds.keys()
    assert max(abs(ours[key] - speeds[key]) for key in speeds) < 1e-6


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.floats(-1.9, 17.9), st.floats(-1.9, 14.9)), max_size=30))
def test_everybody_has_one_cell_and_the_cells_make_the_ground(places: list[tuple[float, float]]) -> None:
    cells = voronoi_cells(as_points(places), WALKABLE)
    assert len(cells.people) == len(np.unique(np.round(as_points(places), 3), axis=0))
    if places:
        assert sum(cell.area for cell in cells.cells) == pytest.approx(WALKABLE.area)
    assert cells.density_in(WALKABLE) * WALKABLE.area == pytest.approx(len(cells.people))
    assert cells.worst_square_metre(WALKABLE) >= cells.density_in(WALKABLE) * 0.99


def test_nobody_and_who_is_outside_have_no_density() -> None:
    for places in ([], [(50.0, 50.0)]):
        cells = voronoi_cells(as_points(places), WALKABLE)
        assert cells.density_in(ZONE) == cells.worst_square_metre(ZONE) == 0.0


def test_a_wall_parts_cells() -> None:
    ell = Polygon([(0, 0), (10, 0), (10, 1), (1, 1), (1, 10), (0, 10)])
    cells = voronoi_cells(as_points([(9.5, 0.5), (0.5, 9.5)]), ell)
    assert all(cell.geom_type == "Polygon" for cell in cells.cells)


def test_the_worst_square_metre_finds_a_knot_of_people_that_a_mean_hides() -> None:
    grid = [(x * 0.5 + 5.25, y * 0.5 + 5.25) for x in range(6) for y in range(6)]
    cells = voronoi_cells(as_points([*grid, (-1.0, -1.0), (17.0, 14.0)]), WALKABLE)
    assert cells.density_in(ZONE) < 0.5
    assert cells.worst_square_metre(ZONE) == pytest.approx(4.0, rel=0.05)


def test_velocities_over_a_gap_and_of_who_was_seen_once_are_unknown() -> None:
    kinematics = Kinematics()
    seconds = [0.0, 0.2, 0.4, 9.0, 9.2, 9.4]
    moments = [Moment(now, ("a",), as_points([(now, 0.0)])) for now in seconds]
    moments[3] = Moment(9.0, ("a", "b"), as_points([(9.0, 0.0), (0.0, 0.0)]))
    motions = [motion for moment in moments for motion in kinematics.update(moment)] + list(kinematics.finish())
    assert [motion.moment.seconds for motion in motions] == seconds
    speeds = [np.linalg.norm(motion.velocities, axis=1).tolist() for motion in motions]
    for place in (0, 2, 5):
        assert speeds[place] == pytest.approx([1.0])
    assert speeds[3] == pytest.approx([1.0, np.nan], nan_ok=True)
