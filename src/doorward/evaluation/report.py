"""What an evaluation tells, after ISO/IEC 19795-1: captures that failed, and rates at thresholds."""

from collections.abc import Sequence
from dataclasses import dataclass

from doorward.evaluation.det import DetCurve, det_curve, equal_error_rate
from doorward.evaluation.false_matches import false_match_rate
from doorward.evaluation.rates import FMRS, RULE_OF_30, AllPairs, Rate, true_accept_rate, true_accept_rates
from doorward.evaluation.share import Share
from doorward.evaluation.tail import fit_tail
from doorward.kernel.score_tail import ScoreTail


@dataclass(frozen=True, slots=True)
class Acquisition:
    """``fta``: photos that gave no template. ``fte``: people none of whose photos gave one. ``refused``: photos that
    a capture at a door would have refused (no face, a second face, poor quality); they are compared all the same.
    """

    fta: Share
    fte: Share
    refused: Share


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """The threshold at which ``asked`` of the non-mated pairs match falsely, and what it gives.

    ``fmr``: as measured there, from ``false_matches`` pairs. ``is_firm``: the rule of 30 holds, so that the
    threshold may be adopted. ``tar``: None without mated pairs.
    """

    asked: float
    threshold: float
    tar: Rate | None
    fmr: Rate
    false_matches: int
    is_firm: bool


@dataclass(frozen=True, slots=True, eq=False)
class ComparisonReport:
    """``points``: by the false-match rate asked for; None where the pairs are too few to tell. ``tail``: of the
    non-mated scores, with ``carried``, what it adds to the points; None where there are too few.
    """

    subjects: int
    mated: int
    non_mated: int
    points: dict[float, OperatingPoint | None]
    eer: Rate | None
    curve: DetCurve
    tail: ScoreTail | None
    carried: OperatingPoint | None


def comparison_report(pairs: AllPairs, fmrs: Sequence[float] = FMRS) -> ComparisonReport:
    """All rates of one model over ``pairs``."""
    accepted = true_accept_rates(pairs, fmrs)
    points: dict[float, OperatingPoint | None] = {}
    for fmr in fmrs:
        threshold = pairs.threshold_at(fmr)
        matched = None if threshold is None else false_match_rate(pairs, threshold)
        points[fmr] = (
            None
            if threshold is None or matched is None
            else OperatingPoint(fmr, threshold, accepted[fmr], matched[0], matched[1], pairs.is_firm(fmr))
        )
    tail = fit_tail(pairs)
    return ComparisonReport(
        subjects=int((pairs.photos > 0).sum()),
        mated=len(pairs.mated),
        non_mated=pairs.non_mated,
        points=points,
        eer=equal_error_rate(pairs),
        curve=det_curve(pairs),
        tail=tail,
        carried=_carried(pairs, tail) if tail else None,
    )


def _carried(pairs: AllPairs, tail: ScoreTail) -> OperatingPoint | None:
    """The rarest rate that the tail is carried to, at the upper end of its threshold's interval."""
    threshold = tail.threshold(tail.carried_to).high
    matched = false_match_rate(pairs, threshold)
    if matched is None:
        return None
    accepted = true_accept_rate(pairs.mated, pairs.subjects, threshold)
    return OperatingPoint(tail.carried_to, threshold, accepted, matched[0], matched[1], is_firm=False)


def pairs_wanted(fmr: float) -> int:
    """How many non-mated pairs the rule of 30 asks for."""
    return round(RULE_OF_30 / fmr)
