"""An evaluation as JSON and as tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from rich.console import Console
from rich.table import Table

from doorward.evaluation.difference import Difference
from doorward.evaluation.groups import GroupRates
from doorward.evaluation.pairs import mean_and_spread
from doorward.evaluation.rates import Rate
from doorward.evaluation.report import ComparisonReport, OperatingPoint
from doorward.evaluation.share import Share
from doorward.wiring.face.measuring import Evaluation, ModelEvaluation

Json = dict[str, object]


@dataclass(frozen=True, slots=True)
class FoldAccuracy:
    """Accuracy over listed pairs, a number for each fold, by the models in their order."""

    pairs: int
    by_model: tuple[tuple[float, ...], ...]


def evaluation_json(evaluation: Evaluation, accuracy: FoldAccuracy | None, adopted: str | None) -> Json:
    """The first model's rates at the top, those of the others in ``compared``."""
    first, *others = evaluation.models
    acquisition = evaluation.acquisition
    return {
        **_model_json(first, accuracy, 0),
        "photos": acquisition.fta.of,
        "people": acquisition.fte.of,
        "failures_to_enrol": acquisition.fta.count,
        "fta": _share_json(acquisition.fta),
        "fte": _share_json(acquisition.fte),
        "refused": _share_json(acquisition.refused),
        "compared": [
            {
                **_model_json(other, accuracy, place),
                "difference": {rate_name(fmr): _difference_json(one) for fmr, one in differences.items()},
            }
            for place, (other, differences) in enumerate(zip(others, evaluation.differences, strict=True), 1)
        ],
        "adopted": adopted,
    }


def _model_json(model: ModelEvaluation, accuracy: FoldAccuracy | None, place: int) -> Json:
    points = model.rates.points
    folds: Json = {}
    if accuracy is not None:
        mean, spread = mean_and_spread(accuracy.by_model[place])
        folds = {
            "pairs": accuracy.pairs,
            "accuracy_mean": round(mean, 5),
            "accuracy_std": round(spread, 5),
        }
    return {
        "model": model.name,
        "licence": model.embedder.card.licence,
        **folds,
        "tar": {rate_name(fmr): _rate_json(point.tar if point else None) for fmr, point in points.items()},
        "eer": None if model.rates.eer is None else {**_rate_json(model.rates.eer), **_threshold(model.rates.eer)},
        "thresholds": {rate_name(fmr): _point_json(point) for fmr, point in points.items()},
        "tail": _tail_json(model.rates),
        "mated": model.rates.mated,
        "non_mated": model.rates.non_mated,
        "groups_at_fmr": model.groups_at[0] if model.groups_at else None,
        "groups": [_group_json(group) for group in model.groups],
    }


def _point_json(point: OperatingPoint | None) -> Json | None:
    if point is None:
        return None
    return {
        "threshold": round(point.threshold, 6),
        "fmr": _rate_json(point.fmr, 9),
        "false_matches": point.false_matches,
        "firm": point.is_firm,
    }


def _tail_json(rates: ComparisonReport) -> Json | None:
    if rates.tail is None or rates.carried is None:
        return None
    threshold = rates.tail.threshold(rates.tail.carried_to)
    return {
        "start": round(rates.tail.start, 6),
        "rate": rates.tail.rate,
        "scale": round(rates.tail.scale, 6),
        "carried_to": rates.tail.carried_to,
        "threshold": {name: round(getattr(threshold, name), 6) for name in ("value", "low", "high")},
        "tar": _rate_json(rates.carried.tar),
        "false_matches": rates.carried.false_matches,
    }


def _group_json(group: GroupRates) -> Json:
    return {
        "group": group.name,
        "people": group.subjects,
        "mated": group.mated,
        "non_mated": group.non_mated,
        "fmr": _rate_json(group.fmr, 9),
        "fnmr": _rate_json(group.fnmr),
        "too_small": group.is_small,
    }


def _rate_json(rate: Rate | Difference | None, digits: int = 5) -> Json:
    if rate is None:
        return {"value": None, "low": None, "high": None}
    return {"value": round(rate.value, digits), "low": round(rate.low, digits), "high": round(rate.high, digits)}


def _difference_json(difference: Difference | None) -> Json:
    return _rate_json(difference)


def _threshold(rate: Rate) -> Json:
    return {"threshold": round(rate.threshold, 4)}


def _share_json(share: Share) -> Json:
    return {
        "count": share.count,
        "value": round(share.value, 5),
        "low": round(share.low, 5),
        "high": round(share.high, 5),
    }


def rate_name(fmr: float) -> str:
    """``1e-4`` for .0001."""
    return f"1e{round(float(np.log10(fmr)))}"


def interval(rate: Rate | Difference | Share | None, form: str = ".4f") -> str:
    """The value and its interval in words."""
    if rate is None:
        return "no pairs"
    return f"{rate.value:{form}} ({rate.low:{form}} to {rate.high:{form}})"


POINT_HEADS = ("false-match rate", "threshold", "accepted (95% interval)", "false matches", "rule of 30")
GROUP_HEADS = ("group", "people", "false-match rate", "false non-match rate", "remark")


def point_rows(points: Mapping[float, OperatingPoint | None]) -> list[tuple[str, ...]]:
    """A row for each false-match rate."""
    rows: list[tuple[str, ...]] = []
    for fmr, point in points.items():
        if point is None:
            rows.append((rate_name(fmr), "too few pairs", "", "", ""))
        else:
            firm = "holds" if point.is_firm else "does not hold"
            accepted = interval(point.tar)
            rows.append((rate_name(fmr), f"{point.threshold:.4f}", accepted, f"{point.false_matches:,}", firm))
    return rows


def tail_words(rates: ComparisonReport) -> str:
    """How far the tail carries the thresholds."""
    if rates.tail is None or rates.carried is None:
        return "Too few pairs to fit the tail of the non-mated scores."
    threshold = rates.tail.threshold(rates.tail.carried_to)
    return (
        f"The tail of the non-mated scores carries the thresholds to {rate_name(rates.tail.carried_to)}: "
        f"{threshold.value:.4f} ({threshold.low:.4f} to {threshold.high:.4f}). An adopted set "
        f"serves the upper end there: {rates.carried.false_matches:,} pairs match falsely, and of the mated ones "
        f"{interval(rates.carried.tar)} are accepted."
    )


def group_rows(groups: Sequence[GroupRates]) -> list[tuple[str, ...]]:
    """A row for each group."""
    return [
        (
            group.name,
            str(group.subjects),
            interval(group.fmr, ".2e"),
            interval(group.fnmr),
            "too small to say" if group.is_small else "",
        )
        for group in groups
    ]


def difference_rows(differences: Mapping[float, Difference | None]) -> list[tuple[str, ...]]:
    """A row for each false-match rate: how much more the second accepts."""
    return [(rate_name(fmr), interval(one, "+.4f") if one else "too few pairs") for fmr, one in differences.items()]


def tell_evaluation(console: Console, evaluation: Evaluation, accuracy: FoldAccuracy | None) -> None:
    """Tables on a terminal."""
    for place, model in enumerate(evaluation.models):
        title = model.name
        if accuracy is not None:
            mean, spread = mean_and_spread(accuracy.by_model[place])
            title += f": {mean:.4f} of {accuracy.pairs} pairs right, standard deviation {spread:.4f}"
        console.print(_table(title, POINT_HEADS, point_rows(model.rates.points)))
        console.print(tail_words(model.rates))
        console.print(
            f"Equal error rate {interval(model.rates.eer)}; {model.rates.mated:,} mated and "
            f"{model.rates.non_mated:,} non-mated pairs of {model.rates.subjects:,} people."
        )
        if model.groups_at is not None:
            at = f"Groups, at the threshold of a false-match rate of {model.groups_at[0]:g} among everybody"
            console.print(_table(at, GROUP_HEADS, group_rows(model.groups)))
        if place:
            heads = ("false-match rate", f"accepted more than by {evaluation.models[0].name}")
            console.print(_table("Difference", heads, difference_rows(evaluation.differences[place - 1])))
    acquisition = evaluation.acquisition
    console.print(
        f"{acquisition.fta.count} of {acquisition.fta.of:,} photos gave no template (FTA), "
        f"{acquisition.fte.count} of {acquisition.fte.of:,} people none at all (FTE); "
        f"a door would have refused {acquisition.refused.count} photos."
    )


def _table(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    table = Table(*heads, title=title)
    for row in rows:
        table.add_row(*row)
    return table
