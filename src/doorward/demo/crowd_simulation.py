"""A crowd that never was: people who walk through a hall both ways, simulated with JuPedSim."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

WIDTH, DEPTH = 16.0, 9.0
"""Metres of the hall that the camera sees; people come from beyond its left and right edges and leave there."""

MARGIN = 3.0
STEP = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class Walk:
    """One person's way: ``seconds`` (n), ``places`` (n x 2 metres) and whether they walk to the right."""

    seconds: NDArray[np.float64]
    places: NDArray[np.float64]
    to_the_right: bool


def simulate_walks(people: int, seconds: float, seed: int) -> tuple[Walk, ...]:
    """``people`` who set out in the first two thirds of ``seconds``, those of one entrance apart by a second or more.

    Model: anticipation velocity (Xu, Chraibi, Seyfried 2021), 20 steps a second.
    """
    import jupedsim as jps  # in the extra "demo" and slow to load

    rng = np.random.default_rng(seed)
    hall = [(-MARGIN, 0.3), (WIDTH + MARGIN, 0.3), (WIDTH + MARGIN, DEPTH - 0.3), (-MARGIN, DEPTH - 0.3)]
    simulation = jps.Simulation(model=jps.AnticipationVelocityModel(rng_seed=seed), geometry=hall, dt=STEP)
    left_exit = simulation.add_exit_stage(_strip(-MARGIN))
    right_exit = simulation.add_exit_stage(_strip(WIDTH + MARGIN - 0.5))
    journeys = {stage: simulation.add_journey(jps.JourneyDescription([stage])) for stage in (left_exit, right_exit)}
    starts = sorted(rng.uniform(0, seconds * 2 / 3, people))
    directions = rng.random(people) < 0.55
    trails: dict[int, tuple[bool, list[tuple[float, float, float]]]] = {}
    waiting = list(zip(starts, directions.tolist(), strict=True))
    while simulation.elapsed_time() < seconds:
        now = simulation.elapsed_time()
        while waiting and waiting[0][0] <= now:
            _, to_the_right = waiting[0]
            stage = right_exit if to_the_right else left_exit
            place = (-MARGIN + 0.9 if to_the_right else WIDTH + MARGIN - 0.9, float(rng.uniform(1.0, DEPTH - 1.0)))
            if any(simulation.agents_in_range(place, 0.6)):
                break
            waiting.pop(0)
            agent = simulation.add_agent(
                jps.AnticipationVelocityModelAgentParameters(
                    position=place,
                    journey_id=journeys[stage],
                    stage_id=stage,
                    desired_speed=float(np.clip(rng.normal(1.3, 0.2), 0.8, 1.8)),
                    radius=0.25,
                )
            )
            trails[agent] = (to_the_right, [])
        simulation.iterate()
        for walker in simulation.agents():
            trails[walker.id][1].append((simulation.elapsed_time(), *walker.position))
    return tuple(_walk(to_the_right, trail) for to_the_right, trail in trails.values() if len(trail) > 1)


def _strip(left: float) -> list[tuple[float, float]]:
    return [(left, 0.3), (left + 0.5, 0.3), (left + 0.5, DEPTH - 0.3), (left, DEPTH - 0.3)]


def _walk(to_the_right: bool, trail: list[tuple[float, float, float]]) -> Walk:
    table = np.asarray(trail)
    return Walk(table[:, 0], table[:, 1:], to_the_right)
