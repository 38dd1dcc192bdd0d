"""One evaluation from photos to rates: templates, all pairs, the report of each embedder, and what may be adopted."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from doorward.adapters.face.embedder_card import EmbedderCard
from doorward.errors import WrongUse
from doorward.evaluation.difference import Difference, accept_differences
from doorward.evaluation.groups import GroupRates, group_rates
from doorward.evaluation.rates import AllPairs, compare_all
from doorward.evaluation.report import Acquisition, ComparisonReport, comparison_report, pairs_wanted
from doorward.face.template import TemplateOrigin
from doorward.face.thresholds import DEFAULT_VERIFICATION_FMR, Provenance, ThresholdSet
from doorward.kernel.audit import Actor
from doorward.kernel.score_tail import Estimate
from doorward.wiring.face.evaluating import EmbeddedPhotos


@dataclass(frozen=True, slots=True, eq=False)
class ModelEvaluation:
    """One embedder's rates. ``groups_at``: the rate and threshold at which ``groups`` were read, None without any."""

    embedder: EmbedderCard
    origin: TemplateOrigin
    rates: ComparisonReport
    groups: tuple[GroupRates, ...]
    groups_at: tuple[float, float] | None

    @property
    def name(self) -> str:
        return f"{self.origin.model} ({self.origin.runtime}, {self.origin.precision})"


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """``differences``: by model after the first, its true-accept rates less the first's."""

    acquisition: Acquisition
    models: tuple[ModelEvaluation, ...]
    differences: tuple[dict[float, Difference | None], ...]


def measure(
    photos: EmbeddedPhotos,
    embedders: Sequence[EmbedderCard],
    groups: Mapping[str, str],
    on_progress: Callable[[int], None],
) -> Evaluation:
    """All rates of each embedder over all pairs among ``photos``."""
    subjects = photos.subjects
    compared = [compare_all(vectors, subjects, on_progress) for vectors in photos.vectors]
    first, *others = compared
    return Evaluation(
        photos.acquisition,
        tuple(
            _model(embedder, origin, pairs, photos.people, groups)
            for embedder, origin, pairs in zip(embedders, photos.origins, compared, strict=True)
        ),
        tuple(accept_differences(first, other) for other in others),
    )


def _model(
    embedder: EmbedderCard,
    origin: TemplateOrigin,
    pairs: AllPairs,
    people: Sequence[str],
    groups: Mapping[str, str],
) -> ModelEvaluation:
    rates = comparison_report(pairs)
    at = groups_at(rates) if groups else None
    within = group_rates(pairs, people, groups, at[1], at[0]) if at else ()
    return ModelEvaluation(embedder, origin, rates, within, at)


def groups_at(rates: ComparisonReport) -> tuple[float, float] | None:
    """Where groups are compared: at verification's own false-match rate, or the rarest above it that can be told."""
    told = [(fmr, point.threshold) for fmr, point in rates.points.items() if point and fmr >= DEFAULT_VERIFICATION_FMR]
    return min(told) if told else None


def threshold_set_of(measured: ModelEvaluation, name: str, title: str, actor: Actor, now: datetime) -> ThresholdSet:
    """What may be adopted: every point for which the rule of 30 holds, and one more that the tail carries.

    ``WrongUse`` where that is not so at verification's own false-match rate: nothing could be decided by the set.
    """
    rates = measured.rates
    firm = [point for point in rates.points.values() if point and point.is_firm]
    if not firm or firm[-1].asked > DEFAULT_VERIFICATION_FMR:
        wanted = pairs_wanted(DEFAULT_VERIFICATION_FMR)
        raise WrongUse(
            f"A threshold at a false-match rate of {DEFAULT_VERIFICATION_FMR:g} needs {wanted:,} non-mated pairs, as "
            f"776 photos of different people give, and there are {rates.non_mated:,}; evaluate more photos."
        )
    served = [*firm, rates.carried] if rates.carried else firm
    return ThresholdSet(
        name=name,
        model=measured.origin.model,
        measured_on=title,
        mated=rates.mated,
        non_mated=rates.non_mated,
        points=tuple((point.asked, point.threshold) for point in firm),
        provenance=Provenance(
            sha256=measured.embedder.card.sha256,
            runtime=measured.origin.runtime,
            precision=measured.origin.precision,
            adopted_by=actor.name,
            adopted_at=now.isoformat(timespec="seconds"),
        ),
        tail=rates.tail,
        misses=tuple(
            (point.threshold, Estimate(1 - point.tar.value, 1 - point.tar.high, 1 - point.tar.low))
            for point in sorted(served, key=lambda point: -point.threshold)
            if point.tar is not None
        ),
    )
