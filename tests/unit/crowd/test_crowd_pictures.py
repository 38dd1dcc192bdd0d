"""What pictures show: means over what was shown, gaps where nothing was seen, the flow across a line."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from doorward.crowd.heat_map import Grid, HeatMap
from doorward.crowd.intervals import QUARTER_SECONDS, IntervalAggregate
from doorward.crowd.picture_values import density_bounds, density_series, mean_heat_map, time_space
from doorward.crowd.scene import Line
from doorward.errors import NotFound
from doorward.settings.crowd.levels_file import bundled_levels
from fakes.crowd_day import OUT, QUARTERS, stored_day
from fakes.crowd_intervals import NOON

NAN = np.nan


def quarter(number: int, occupancy: list[list[float]], speed: float = 1.0, side: float = 1.0) -> IntervalAggregate:
    held = np.array(occupancy)
    velocity = np.where(np.isnan(held)[..., None], NAN, np.array([speed, 0.0]))
    grid = Grid(0.0, 0.0, side, held.shape[1], held.shape[0])
    start = NOON + timedelta(seconds=QUARTER_SECONDS * number)
    drawn = HeatMap(grid, held, velocity)
    return IntervalAggregate("hall", start, 1.0, "motion", (), (), seconds=QUARTER_SECONDS, heat_map=drawn)


def test_a_mean_is_of_what_was_shown_and_velocities_weigh_by_people() -> None:
    drawn = mean_heat_map([quarter(0, [[1.0, NAN, NAN]], speed=2.0), quarter(1, [[3.0, 4.0, NAN]], speed=-2.0)])
    np.testing.assert_allclose(drawn.occupancy, [[2.0, 4.0, NAN]])
    np.testing.assert_allclose(drawn.velocity[0, :, 0], [-1.0, -2.0, NAN])


def test_maps_of_a_scene_that_was_redrawn_are_left_out() -> None:
    drawn = mean_heat_map([quarter(0, [[9.0]]), quarter(1, [[1.0, 2.0]])])
    np.testing.assert_allclose(drawn.occupancy, [[1.0, 2.0]])


def test_the_flow_across_a_line_is_density_times_the_velocity_across_it() -> None:
    """On squares of two metres, 0.5 people on one are 0.125 a square metre."""
    quarters = [quarter(0, [[0.5, NAN], [0.0, 0.0]], speed=1.2, side=2.0), quarter(2, [[1.0, 0.0], [0.0, 0.0]])]
    values = time_space(quarters, Line("door", "Door", (1.0, 4.0), (1.0, 0.0)))
    assert values.flow.shape == (4, 3)
    np.testing.assert_allclose(values.flow[:, 0], [0.0, 0.0, 0.125 * 1.2 * 60, 0.125 * 1.2 * 60])
    assert np.isnan(values.flow[:, 1]).all(), "a quarter that is missing"
    back = time_space(quarters, Line("door", "Door", (1.0, 0.0), (1.0, 4.0)))
    np.testing.assert_allclose(back.flow[::-1], -values.flow)


def test_a_density_has_gaps_where_the_camera_was_out_or_no_minute_is_stored() -> None:
    minutes = [each for each in stored_day() if each.seconds == 60]
    (series,) = density_series([*minutes[:20], *minutes[25:]], None)
    assert np.isnan(series.density).sum() == 15 + 1
    assert len(series.times) == QUARTERS * 15 - 5 + 1
    assert series.times[20] == NOON + timedelta(minutes=20)
    assert OUT * 15 > 25


def test_bounds_of_areas_are_densities() -> None:
    _, tables = bundled_levels()
    assert density_bounds(tables["fruin-area"])[0] == pytest.approx(1 / 3.25)
    assert density_bounds(tables["fruin-risk"]) == (2, 3.57, 5.55, 7.1)


def test_nothing_to_draw_is_said() -> None:
    without = replace(quarter(0, [[1.0]]), heat_map=None)
    with pytest.raises(NotFound):
        mean_heat_map([without])
    with pytest.raises(NotFound):
        time_space([without], Line("door", "Door", (0.0, 0.0), (1.0, 0.0)))
    with pytest.raises(NotFound):
        density_series([without], "nowhere")
