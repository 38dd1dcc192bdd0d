"""Crowd pressure: density times the variance of velocities.

Helbing, Johansson and Al-Abideen, The dynamics of crowd disasters: an empirical study, Physical Review E 75 (2007)
046109, equations 1 to 4: averages weighted by a Gaussian of radius 1 m; above 0.02/s2 a crowd turned turbulent.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist
from shapely import Polygon, contains_xy

from doorward.crowd.geometry import Points
from doorward.crowd.sightings import Velocities

RADIUS = 1.0
TURBULENCE = 0.02
"""1/s2"""

LEAST_DENSITY = 2.0
"""Persons per square metre. In a looser crowd people choose their own speeds, and their variance is no pressure."""


@dataclass(frozen=True, slots=True)
class Pressure:
    """``value`` in 1/s2, without what jitter adds; None where that, the ``floor``, is not below ``TURBULENCE``.

    A crowd too loose for pressure has 0.
    """

    value: float | None
    floor: float


def pressure_in(zone: Polygon, people: Velocities, jitter: float | None) -> Pressure | None:
    """The mean over the ``people`` of ``zone`` who are in a dense crowd; ``jitter`` of foot-points in metres along an
    axis. None while that is not known."""
    if jitter is None:
        return None
    positions = people.positions
    inside = np.flatnonzero(contains_xy(zone, positions[:, 0], positions[:, 1]))
    weights = _weights(positions, inside)
    densities = weights.sum(axis=1) / (np.pi * RADIUS**2)
    dense = densities >= LEAST_DENSITY
    if not dense.any():
        return Pressure(0.0, 0.0)
    weights, densities = weights[dense], densities[dense]
    total = weights.sum(axis=1)
    mean = weights @ people.values / total[:, None]
    squares = (weights @ people.values**2 / total[:, None] - mean**2).sum(axis=1)
    # Bessel's correction for weights: the mean was taken from the same people.
    variance = squares / (1 - (weights**2).sum(axis=1) / total**2)
    faked = 2 * jitter**2 * (weights @ people.noise) / total
    floor = float((densities * faked).mean())
    if floor >= TURBULENCE:
        return Pressure(None, floor)
    return Pressure(max(0.0, float((densities * (variance - faked)).mean())), floor)


def _weights(positions: Points, rows: NDArray[np.intp]) -> NDArray[np.float64]:
    apart = cdist(positions[rows], positions, "sqeuclidean")
    return np.asarray(np.exp(-apart / RADIUS**2), dtype=np.float64)
