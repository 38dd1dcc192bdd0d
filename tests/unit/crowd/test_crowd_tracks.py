"""Following people by their motion; how well on real walks, tests/integration/crowd shows."""

import time

import numpy as np
import pytest

from doorward.crowd.analysis import CrowdAnalysis
from doorward.crowd.scene import Area, Entrance, Line, Scene, Zone
from doorward.crowd.tracks import Tracker, TrackerSettings
from doorward.errors import WrongUse
from doorward.settings.crowd.tracker import tracker_settings
from fakes.crowd_scene import CountingIds, FixedClock, overhead_scene


def test_two_who_pass_each_other_keep_their_tracks() -> None:
    tracker = Tracker(CountingIds())
    for step in range(30):
        x = 0.2 * 1.3 * step
        tracks = tracker.update(step * 0.2, np.array([(x, 0.0), (7.0 - x, 0.35)]))
    assert len(tracks) == 2
    right, left = sorted(tracks, key=lambda track: track.id)
    assert right.velocity[0] == pytest.approx(1.3, abs=0.2)
    assert left.velocity[0] == pytest.approx(-1.3, abs=0.2)


def test_ids_die_with_the_lost_track_and_at_most_a_minute_later() -> None:
    tracker = Tracker(CountingIds(), TrackerSettings(lost_seconds=60.0))
    for step in range(5):
        tracker.update(step * 0.2, np.array([(1.0, 1.0)]))
    assert len(tracker.update(60.0, np.zeros((0, 2)))) == 1
    assert tracker.update(60.9, np.zeros((0, 2))) == ()
    for seconds in (0.0, 60.5, -1.0):
        with pytest.raises(WrongUse):
            TrackerSettings(lost_seconds=seconds)


def test_a_single_false_point_is_never_believed() -> None:
    tracker = Tracker(CountingIds())
    tracker.update(0.0, np.array([(1.0, 1.0)]))
    for step in range(1, 6):
        assert not any(track.confirmed for track in tracker.update(step * 0.2, np.zeros((0, 2))))


@pytest.mark.parametrize("name", ["DeepSORT", "bot-sort", "StrongSORT", "deep_oc_sort", "my-reid"])
def test_trackers_by_appearance_are_refused_when_settings_are_read(name: str) -> None:
    with pytest.raises(WrongUse, match="motion only"):
        tracker_settings({"name": name})


@pytest.mark.parametrize("chosen", [{"appearance_weight": 0.5}, {"name": "sort"}, {"lost_seconds": 99}, {"iou": 0.3}])
def test_other_settings_of_trackers_are_refused_too(chosen: dict[str, object]) -> None:
    with pytest.raises(WrongUse):
        tracker_settings(chosen)


def test_a_tracker_may_be_told_the_noise_of_its_camera() -> None:
    assert tracker_settings({"name": "motion", "position_noise": 0.2, "lost_seconds": 1.0}) == TrackerSettings(
        position_noise=0.2, lost_seconds=1.0
    )


def full_hall() -> Scene:
    zones = tuple(
        Zone(name, "", ((left, 1.0), (left + 14, 1.0), (left + 14, 29.0), (left, 29.0)), limit=150)
        for name, left in (("a", 1.0), ("b", 15.0))
    )
    lines = tuple(Line(name, "", (x, 0.0), (x, 30.0)) for name, x in (("west", 10.0), ("east", 20.0)))
    plain = overhead_scene(width=30.0, depth=30.0, lines=lines, zones=zones)
    area = Area("house", "", (Entrance("west"),), ("a", "b"))
    return Scene(plain.name, plain.size, plain.correspondences, lines, zones, areas=(area,))


def test_two_hundred_people_are_tracked_and_measured_in_ten_milliseconds_a_frame() -> None:
    rng = np.random.default_rng(0)
    scene = full_hall()
    crowd, places = CrowdAnalysis(scene, "test", FixedClock(), CountingIds()), rng.uniform(1, 29, (200, 2))
    velocities, seconds = rng.normal(0, 0.8, (200, 2)), []
    for tick in range(100):
        places = places + velocities * 0.2
        velocities = np.where((places < 1) | (places > 29), -np.sign(places - 15) * np.abs(velocities), velocities)
        seen = scene.homography.to_image(places + rng.normal(0, 0.05, places.shape))
        began = time.process_time()
        crowd.observe(tick * 0.2, seen)
        seconds.append(time.process_time() - began)
    assert sum(zone.count or 0 for zone in crowd.live().zones) > 150
    # Whole seconds, with their one moment that is measured; the best of them, for other processes cost time too.
    whole = np.array(seconds[25:]).reshape(-1, 5).mean(axis=1)
    assert whole.min() <= 0.010
