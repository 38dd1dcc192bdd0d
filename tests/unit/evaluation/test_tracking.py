"""HOTA and IDF1 on known answers, and on what TrackEval 1.3 computed."""

import numpy as np
import pytest

from doorward.evaluation.counting import count_errors
from doorward.evaluation.tracking import TrackedMoment, TrackingScores, tracking_scores

HERE, THERE = (0.0, 0.0), (5.0, 0.0)


def moment(truth: dict[str, tuple[float, float]], tracks: dict[str, tuple[float, float]]) -> TrackedMoment:
    places = (np.array(list(each.values())).reshape(-1, 2) for each in (truth, tracks))
    return TrackedMoment(list(truth), next(places), list(tracks), next(places))


def test_perfect_tracks() -> None:
    moments = [moment({"a": HERE, "b": THERE}, {"1": HERE, "2": THERE})] * 10
    assert tracking_scores(moments) == TrackingScores(1.0, 1.0, 1.0, 1.0)


def test_nobody_at_all_has_no_score_and_nobody_found_has_none() -> None:
    assert tracking_scores([]) == TrackingScores(None, None, None, None)
    assert tracking_scores([moment({}, {})]).hota is None
    assert tracking_scores([moment({"a": HERE}, {})] * 3) == TrackingScores(0.0, 0.0, 0.0, 0.0)
    assert tracking_scores([moment({}, {"1": HERE})] * 3).hota == 0.0


def test_half_of_the_time_unseen() -> None:
    """Half is found under one name: detection and association are a half each, IDF1 2 x 5 / (10 + 5)."""
    seen, unseen = moment({"a": HERE}, {"1": HERE}), moment({"a": HERE}, {})
    assert tracking_scores([seen] * 5 + [unseen] * 5) == TrackingScores(
        *(pytest.approx(share) for share in (0.5, 0.5, 0.5, 2 / 3))
    )


def test_a_name_that_changes_in_the_middle() -> None:
    """Everything is found, under two names of half the time each."""
    moments = [moment({"a": HERE}, {"1": HERE})] * 5 + [moment({"a": HERE}, {"2": HERE})] * 5
    found = tracking_scores(moments)
    assert found.detection == pytest.approx(1.0)
    assert found.association == pytest.approx(0.5)
    assert found.hota == pytest.approx(0.5**0.5)
    assert found.idf1 == pytest.approx(0.5)


def test_a_track_beside_its_person_matches_only_where_little_is_asked() -> None:
    """At 1.1 m the similarity is .45: matched at nine of the nineteen thresholds, and not for IDF1."""
    found = tracking_scores([moment({"a": HERE}, {"1": (1.1, 0.0)})] * 4)
    assert found.hota == pytest.approx(9 / 19)
    assert found.idf1 == 0.0


def wandering(seed: int) -> list[TrackedMoment]:
    """Eight people who come, wander and go, tracked with misses, false tracks, swapped and new names."""
    rng = np.random.default_rng(seed)
    number = 8
    places, velocities = rng.uniform(0, 8, (number, 2)), rng.normal(0, 0.3, (number, 2))
    names, moments = np.arange(number) + 100, []
    for tick in range(60):
        places = places + velocities
        people = np.arange(number)
        people = people[(people * 5 <= tick) & (tick < 60 - people * 2)]
        kept = rng.random(len(people)) < 0.8
        if rng.random() < 0.15:
            one, other = rng.integers(0, number, 2)
            names[one], names[other] = names[other], names[one]
        if rng.random() < 0.1:
            names[rng.integers(number)] = 200 + tick
        tracks = [int(names[person]) for person in people[kept]]
        tracked = places[people[kept]] + rng.normal(0, 0.5, (int(kept.sum()), 2))
        if rng.random() < 0.3:
            tracks.append(999 + tick)
            tracked = np.vstack([tracked, rng.uniform(0, 8, (1, 2))])
        moments.append(TrackedMoment(people.tolist(), places[people], tracks, tracked))
    return moments


@pytest.mark.parametrize(
    ("seed", "expected"),
    [
        (0, (0.32650410838948135, 0.4622358746133383, 0.2314602746993856, 0.44015444015444016)),
        (3, (0.3931817234469967, 0.48340396759352044, 0.3205325029532937, 0.5306122448979592)),
    ],
)
def test_trackeval_says_the_same(seed: int, expected: tuple[float, ...]) -> None:
    found = tracking_scores(wandering(seed))
    assert (found.hota, found.detection, found.association, found.idf1) == pytest.approx(expected, abs=1e-12)


def test_count_errors() -> None:
    errors = count_errors([3, 5, 2], [3, 2, 3])
    assert (errors.number, errors.mae, errors.bias) == (3, pytest.approx(4 / 3), pytest.approx(2 / 3))
    assert errors.rmse == pytest.approx((10 / 3) ** 0.5)
    assert count_errors([], []).mae is None
