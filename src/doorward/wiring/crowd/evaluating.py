"""How well counting works: against real walks, counted photos, and a person's clicks along a clip."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from doorward.adapters.crowd.overhead_picture import OverheadPainter
from doorward.adapters.images import read_photo
from doorward.adapters.models.library import ModelPlaces
from doorward.adapters.system import SystemClock, SystemRandomness
from doorward.adapters.video.source import open_source
from doorward.crowd.analysis import CrowdAnalysis
from doorward.crowd.clicks import ClickedLine, Crossing, compare_clicks, parse_clicks
from doorward.crowd.count_set import true_counts
from doorward.crowd.geometry import Points
from doorward.crowd.noisy_sight import NoisySight, SightNoise
from doorward.crowd.ports import PersonDetector
from doorward.crowd.presence import Moment
from doorward.crowd.scene import Scene
from doorward.crowd.trial import See, TrialResult, run_trial
from doorward.crowd.walks import joined, moments_of, parse_walks
from doorward.errors import NotFound, WrongUse
from doorward.evaluation.counting import CountErrors, SizeErrors, count_errors, errors_by_size
from doorward.evaluation.share import Share, share
from doorward.wiring.crowd.detectors import clip_detector

Progress = Callable[[int, int], None]
"""Told how many are done, of how many."""

LARGEST_FILE = 200_000_000

PACKAGES = ModelPlaces()
"""Where models are looked for when no folder is named."""

EMPTY_PICTURES = 25
"""Pictures of the empty floor that come first: a camera hangs before people come."""


@dataclass(frozen=True, slots=True)
class WalksOptions:
    """``frames_a_second``: of the trajectories file. ``rate``: moments a second that are counted. ``join``: make one
    of walks that continue another, which whoever tracked by hand had lost."""

    frames_a_second: float = 25.0
    rate: float = 5.0
    join: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """``walks`` in the file, ``joined`` of which continued another, and who was where at each moment."""

    walks: int
    joined: int
    moments: Sequence[Moment]


def read_truth(path: Path, options: WalksOptions) -> Truth:
    """The walks in a trajectories file; ``NotFound`` or ``WrongUse``."""
    walks = parse_walks(_text(path, "trajectories"), options.frames_a_second)
    whole = joined(walks) if options.join else walks
    return Truth(len(walks), len(walks) - len(whole), moments_of(whole, options.rate))


def evaluate_noisy(scene: Scene, truth: Sequence[Moment], noise: SightNoise, progress: Progress) -> TrialResult:
    """Fed as detections with dropouts, false ones and jitter."""
    sight = NoisySight(scene.homography, truth, noise)
    return _trial(scene, truth, sight.see, progress)


def evaluate_rendered(
    scene: Scene, truth: Sequence[Moment], seed: int, progress: Progress, places: ModelPlaces = PACKAGES
) -> TrialResult:
    """Drawn as an overhead camera would see it, and found by the scene's detector. Drawn people are ideal ones."""
    return _trial(scene, truth, _Rendered(scene, truth, seed, places).see, progress)


def _trial(scene: Scene, truth: Sequence[Moment], see: See, progress: Progress) -> TrialResult:
    number = len(truth)
    return run_trial(scene, truth, see, SystemClock(), SystemRandomness(), lambda done: progress(done, number))


class _Rendered:
    """Draws each moment and gives what the detector finds in the picture."""

    def __init__(self, scene: Scene, truth: Sequence[Moment], seed: int, places: ModelPlaces) -> None:
        self._numbers = {person: number for number, person in enumerate(_people(truth))}
        self._painter = OverheadPainter(scene.homography, scene.size, len(self._numbers), seed)
        self._detector = clip_detector(scene, places)
        self._headings: dict[str, Points] = {}
        self._last: Mapping[str, Points] = {}
        nobody = np.zeros((0, 2))
        for _ in range(EMPTY_PICTURES):
            self._detector.detect(self._painter.picture([], nobody, nobody))

    def see(self, moment: Moment) -> Points:
        there = dict(zip(moment.ids, moment.positions, strict=True))
        for person, place in there.items():
            moved = place - self._last.get(person, place)
            # Who stands keeps the heading they had.
            if person not in self._headings or np.linalg.norm(moved) > 1e-3:
                self._headings[person] = moved
        self._last = there
        numbers = [self._numbers[person] for person in moment.ids]
        headings = np.array([self._headings[person] for person in moment.ids]).reshape(-1, 2)
        return self._detector.detect(self._painter.picture(numbers, moment.positions, headings))


def _people(truth: Sequence[Moment]) -> Sequence[str]:
    return list(dict.fromkeys(person for moment in truth for person in moment.ids))


@dataclass(frozen=True, slots=True)
class CountsResult:
    """``exact``: photos whose count was right. ``by_size``: the same by how many people a photo shows."""

    images: int
    people: int
    errors: CountErrors
    exact: Share
    by_size: tuple[SizeErrors, ...]


def evaluate_counts(counts: Path, images: Path, detector: PersonDetector, progress: Progress) -> CountsResult:
    """Count the people in every photo of ``images`` that ``counts`` knows; ``NotFound`` names one that is missing."""
    try:
        truth = true_counts(json.loads(_text(counts, "counts")))
    except (json.JSONDecodeError, RecursionError):
        raise WrongUse(f"{counts} is not JSON; give the counts as COCO annotations.") from None
    if not truth:
        raise WrongUse(f"{counts} names no photo; give the counts as COCO annotations.")
    for name in truth:
        if not (images / name).is_file():
            raise NotFound(f"The photo {name} of the counts is not in {images}; add it.")
    counted = []
    for number, name in enumerate(truth, start=1):
        counted.append(len(detector.detect(read_photo(images / name))))
        progress(number, len(truth))
    true = list(truth.values())
    exact = sum(found == people for found, people in zip(counted, true, strict=True))
    errors = count_errors(counted, true)
    return CountsResult(len(true), sum(true), errors, share(exact, len(true)), errors_by_size(counted, true))


@dataclass(frozen=True, slots=True)
class ClicksResult:
    """``seconds`` of the clip were counted, in ``frames`` pictures."""

    frames: int
    seconds: float
    lines: tuple[ClickedLine, ...]


def evaluate_clicks(clicks: Path, source: str, scene: Scene, places: ModelPlaces = PACKAGES) -> ClicksResult:
    """Count ``source``, and hold it against a person's clicks; ``SourceError`` when it cannot be read."""
    lines = [line.id for line in scene.lines]
    clicked = parse_clicks(_text(clicks, "clicks"), lines)
    detector = clip_detector(scene, places)
    analysis = CrowdAnalysis(scene, detector.name, SystemClock(), SystemRandomness())
    counted: list[Crossing] = []
    before = dict.fromkeys(lines, (0, 0))
    frames, seconds = 0, 0.0
    with open_source(source) as opened:
        for frame in opened:
            analysis.observe(frame.seconds, detector.detect(frame.image))
            frames, seconds = frames + 1, frame.seconds
            for line in analysis.live().lines:
                now = (line.inward or 0, line.outward or 0)
                counted += [Crossing(seconds, line.id, "in")] * (now[0] - before[line.id][0])
                counted += [Crossing(seconds, line.id, "out")] * (now[1] - before[line.id][1])
                before[line.id] = now
    return ClicksResult(frames, seconds, compare_clicks(clicked, counted, lines))


def _text(path: Path, what: str) -> str:
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise WrongUse(f"{path} is larger than a file of {what} can be; give less.")
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise NotFound(f"There is no file {path}; name the file of {what}.") from None
    except (IsADirectoryError, UnicodeDecodeError):
        raise WrongUse(f"{path} is no text file; name the file of {what}.") from None
