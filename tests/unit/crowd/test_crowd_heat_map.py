"""The heat map: where people are, which way they go, and nothing about a few."""

import numpy as np
import pytest
from shapely import box

from doorward.crowd.geometry import as_points
from doorward.crowd.heat_map import LEAST_VISITORS, MOST_CELLS, HeatMap, HeatMeter, grid_over
from doorward.crowd.kinematics import Motion
from doorward.crowd.presence import Moment

GROUND = box(0, 0, 4, 3)


def motion(second: float, people: dict[str, tuple[float, float]], velocity: tuple[float, float] = (1.0, 0.0)) -> Motion:
    moment = Moment(second, tuple(people), as_points(list(people.values())))
    return Motion(moment, np.tile(velocity, (len(people), 1)))


def drawn(*motions: Motion) -> HeatMap:
    meter = HeatMeter(grid_over(GROUND))
    for each in motions:
        meter.sample(each, 1.0)
    found = meter.take()
    assert found is not None
    return found


def walkers(number: int, place: tuple[float, float], first: int = 0) -> dict[str, tuple[float, float]]:
    return {str(person): place for person in range(first, first + number)}


def test_a_cell_holds_the_mean_number_of_people_and_their_way() -> None:
    found = drawn(motion(0, walkers(6, (1.5, 2.5))), motion(1, walkers(6, (1.5, 2.5)), (0.0, -0.5)), motion(2, {}))
    assert found.occupancy.shape == (3, 4)
    assert found.occupancy[2, 1] == pytest.approx(12 / 3)
    assert found.velocity[2, 1] == pytest.approx([0.5, -0.25])


def test_fewer_visitors_than_five_are_suppressed_however_long_they_stay() -> None:
    few = [motion(second, walkers(LEAST_VISITORS - 1, (0.5, 0.5))) for second in range(900)]
    found = drawn(*few)
    assert np.isnan(found.occupancy).all()
    assert np.isnan(found.velocity).all()
    assert not np.isnan(drawn(motion(0, walkers(LEAST_VISITORS, (0.5, 0.5)))).occupancy[0, 0])


def test_one_who_comes_back_is_one_visitor() -> None:
    steps = [walkers(4, (0.5, 0.5)), walkers(4, (2.5, 0.5)), walkers(4, (0.5, 0.5))]
    assert np.isnan(drawn(*(motion(second, step) for second, step in enumerate(steps))).occupancy).all()
    later = [walkers(4, (0.5, 0.5)), walkers(4, (0.5, 0.5), first=4)]
    assert drawn(*(motion(second, step) for second, step in enumerate(later))).occupancy[0, 0] == pytest.approx(4.0)


def test_a_map_begins_anew_and_without_a_second_there_is_none() -> None:
    meter = HeatMeter(grid_over(GROUND))
    assert meter.take() is None
    meter.sample(motion(0, walkers(9, (0.5, 0.5))), 1.0)
    assert meter.take() is not None
    meter.sample(motion(1, {}), 1.0)
    found = meter.take()
    assert found is not None
    assert np.isnan(found.occupancy).all()


def test_who_is_outside_the_ground_or_has_no_velocity_yet_counts_where_they_can() -> None:
    unknown = Motion(motion(0, walkers(5, (0.5, 0.5))).moment, np.full((5, 2), np.nan))
    found = drawn(unknown, motion(1, walkers(5, (-3.0, 9.0))))
    assert found.occupancy[0, 0] == pytest.approx(2.5)
    assert np.isnan(found.velocity[0, 0]).all()


def test_a_large_ground_has_larger_cells() -> None:
    grid = grid_over(box(0, 0, 500, 300))
    assert grid.columns * grid.rows <= MOST_CELLS
    assert grid.side % 0.5 == 0
    assert grid.cells(as_points([(499.9, 299.9), (0.0, 0.0), (500.0, 1e4)])).tolist()[1:] == [0, -1]
