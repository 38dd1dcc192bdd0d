"""How well tracks keep to the people they follow: HOTA and IDF1, over positions on the ground.

HOTA: Luiten et al., HOTA: A Higher Order Metric for Evaluating Multi-Object Tracking, IJCV 129 (2021). IDF1: Ristani
et al., Performance Measures and a Data Set for Multi-Target, Multi-Camera Tracking, ECCV Workshops (2016). Both as
TrackEval computes them, with its similarity of ground positions: 1 at the same place, 0 at 2 m.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]

ZERO_METRES = 2.0
ALPHAS: Floats = np.arange(0.05, 0.99, 0.05)
"""HOTA is the mean over these least similarities."""

IDF1_SIMILARITY = 0.5
_EPSILON = np.finfo(np.float64).eps


@dataclass(frozen=True, slots=True, eq=False)
class TrackedMoment:
    """One moment: who is truly where, and which tracks are where; ids and n x 2 metres."""

    truth_ids: Sequence[Hashable]
    truth: Floats
    track_ids: Sequence[Hashable]
    tracks: Floats


@dataclass(frozen=True, slots=True)
class TrackingScores:
    """``detection`` and ``association`` are the two sides of ``hota``, all 0 to 1; None where nobody ever was."""

    hota: float | None
    detection: float | None
    association: float | None
    idf1: float | None


@dataclass(frozen=True, slots=True, eq=False)
class _Frame:
    people: Integers
    tracks: Integers
    similarity: Floats


def tracking_scores(moments: Sequence[TrackedMoment]) -> TrackingScores:
    """The scores over moments in any order."""
    people: dict[Hashable, int] = {}
    tracks: dict[Hashable, int] = {}
    frames = [
        _Frame(
            np.array([people.setdefault(person, len(people)) for person in moment.truth_ids], dtype=np.intp),
            np.array([tracks.setdefault(track, len(tracks)) for track in moment.track_ids], dtype=np.intp),
            _similarity(moment.truth, moment.tracks),
        )
        for moment in moments
    ]
    if not people and not tracks:
        return TrackingScores(None, None, None, None)
    lengths = _lengths([frame.people for frame in frames], len(people))
    track_lengths = _lengths([frame.tracks for frame in frames], len(tracks))
    hota, detection, association = _hota(frames, lengths, track_lengths)
    return TrackingScores(hota, detection, association, _idf1(frames, lengths, track_lengths))


def _similarity(truth: Floats, tracks: Floats) -> Floats:
    apart = np.linalg.norm(truth[:, None] - tracks[None], axis=2)
    return np.asarray(np.maximum(0.0, 1 - apart / ZERO_METRES), dtype=np.float64)


def _lengths(frames: list[Integers], number: int) -> Floats:
    joined = np.concatenate(frames) if frames else np.zeros(0, dtype=np.intp)
    return np.bincount(joined, minlength=number).astype(np.float64)


def _hota(frames: Sequence[_Frame], lengths: Floats, track_lengths: Floats) -> tuple[float, float, float]:
    alignment = _alignment(frames, lengths, track_lengths)
    together = np.zeros((len(ALPHAS), len(lengths), len(track_lengths)))
    for frame in frames:
        if not frame.similarity.size:
            continue
        score = alignment[np.ix_(frame.people, frame.tracks)] * frame.similarity
        rows, columns = linear_sum_assignment(-score)
        matched = frame.similarity[rows, columns][None] >= ALPHAS[:, None] - _EPSILON
        together[:, frame.people[rows], frame.tracks[columns]] += matched
    found = together.sum(axis=(1, 2))
    detection = found / np.maximum(1, lengths.sum() + track_lengths.sum() - found)
    either = np.maximum(1, lengths[None, :, None] + track_lengths[None, None] - together)
    association = (together**2 / either).sum(axis=(1, 2)) / np.maximum(1, found)
    return (
        float(np.sqrt(detection * association).mean()),
        float(detection.mean()),
        float(association.mean()),
    )


def _alignment(frames: Sequence[_Frame], lengths: Floats, track_lengths: Floats) -> Floats:
    """How much each track and each person are together over all moments, 0 to 1."""
    together = np.zeros((len(lengths), len(track_lengths)))
    for frame in frames:
        if not frame.similarity.size:
            continue
        either = frame.similarity.sum(axis=0)[None] + frame.similarity.sum(axis=1)[:, None] - frame.similarity
        share = np.divide(frame.similarity, either, out=np.zeros_like(either), where=either > _EPSILON)
        together[np.ix_(frame.people, frame.tracks)] += share
    return np.asarray(together / (lengths[:, None] + track_lengths[None] - together), dtype=np.float64)


def _idf1(frames: Sequence[_Frame], lengths: Floats, track_lengths: Floats) -> float:
    together = np.zeros((len(lengths), len(track_lengths)))
    for frame in frames:
        rows, columns = np.nonzero(frame.similarity >= IDF1_SIMILARITY)
        together[frame.people[rows], frame.tracks[columns]] += 1
    rows, columns = linear_sum_assignment(-together)
    return float(2 * together[rows, columns].sum() / (lengths.sum() + track_lengths.sum()))
