"""Crowd pressure: none in a laminar flow that jitters, soon in one that shakes, unknown where jitter hides it."""

from collections.abc import Iterator

import numpy as np
import pytest
from shapely import box

from doorward.crowd.pressure import TURBULENCE, Pressure, pressure_in
from doorward.crowd.sightings import Sightings, Velocities
from doorward.crowd.tracks import Track

STEP = 0.2
ZONE = box(-3, 0, 60, 8)


def crowd(spacing: float = 0.5) -> np.ndarray:
    x, y = np.meshgrid(np.arange(0, 8, spacing), np.arange(0, 8, spacing))
    return np.column_stack([x.ravel(), y.ravel()])


def pressures(
    *, seconds: float, jitter: float, shaking: float = 0.0, since: float = 0.0, spacing: float = 0.5
) -> Iterator[tuple[float, Pressure | None]]:
    """A crowd that walks to the right at 0.5 m/s; from ``since`` on velocities differ by ``shaking`` m/s an axis."""
    rng = np.random.default_rng(5)
    places, sightings = crowd(spacing), Sightings()
    velocities = np.tile([0.5, 0.0], (len(places), 1))
    for tick in range(round(seconds / STEP)):
        now = tick * STEP
        if shaking and now >= since and tick % 5 == 0:
            velocities = rng.normal([0.5, 0.0], shaking, places.shape)
        places = places + velocities * STEP
        seen = places + rng.normal(0, jitter, places.shape)
        tracks = [
            Track(str(i), (x, y), (0.5, 0.0), confirmed=True, unseen=0.0, point=(x, y))
            for i, (x, y) in enumerate(seen.tolist())
        ]
        sightings.update(now, tracks)
        yield now, pressure_in(ZONE, sightings.velocities(), sightings.jitter)


def test_a_laminar_flow_with_jitter_raises_no_alarm() -> None:
    values = [each.value for _, each in pressures(seconds=12, jitter=0.05) if each and each.floor]
    assert len(values) > 30
    assert all(value is not None and value < TURBULENCE / 2 for value in values)


def test_shaking_is_seen_within_two_seconds() -> None:
    seen = [
        now
        for now, each in pressures(seconds=12, jitter=0.05, shaking=0.3, since=6.0)
        if each and each.value is not None and each.value >= TURBULENCE
    ]
    assert seen
    assert 6.0 <= seen[0] <= 8.0


def test_differences_of_one_step_would_fake_pressure_out_of_jitter() -> None:
    """Why velocities are taken over two seconds: 5 cm differenced over 0.2 s at 4 persons/m2 fakes 1/s2."""
    rng = np.random.default_rng(0)
    velocities = (rng.normal(0, 0.05, (100_000, 2)) - rng.normal(0, 0.05, (100_000, 2))) / STEP
    assert 4 * velocities.var(axis=0).sum() == pytest.approx(1.0, rel=0.02)


def test_a_camera_that_jitters_too_much_tells_nothing() -> None:
    *_, (_, last) = pressures(seconds=6, jitter=0.2)
    assert last is not None
    assert last.value is None
    assert last.floor >= TURBULENCE


def test_a_loose_crowd_has_none() -> None:
    *_, (_, last) = pressures(seconds=6, jitter=0.05, spacing=1.5)
    assert last == Pressure(0.0, 0.0)


def test_jitter_is_measured_as_it_is() -> None:
    rng = np.random.default_rng(2)
    for jitter in (0.02, 0.05, 0.12):
        sightings, places = Sightings(), crowd(1.0)
        assert sightings.jitter is None
        for tick in range(20):
            places = places + rng.normal([0.25, 0], 0.01, places.shape)
            points = (places + rng.normal(0, jitter, places.shape)).tolist()
            sightings.update(
                tick * STEP,
                [
                    Track(str(i), (x, y), (0, 0), confirmed=True, unseen=0.0, point=(x, y))
                    for i, (x, y) in enumerate(points)
                ],
            )
        assert sightings.jitter == pytest.approx(jitter, rel=0.1)


def test_pressure_is_density_times_the_variance_of_velocities() -> None:
    rng, middle, found = np.random.default_rng(8), box(3, 3, 7, 7), []
    places = np.stack(np.meshgrid(np.arange(0, 10, 0.5), np.arange(0, 10, 0.5)), axis=-1).reshape(-1, 2)
    for _ in range(40):
        people = Velocities(places, rng.normal([0.4, 0.0], 0.1, places.shape), np.full(len(places), 0.3))
        pressure = pressure_in(middle, people, 0.001)
        assert pressure is not None
        assert pressure.value is not None
        found.append(pressure.value)
    assert np.mean(found) == pytest.approx(4 * 2 * 0.1**2, rel=0.02)
