"""An evaluation as one page: no script, nothing loaded from elsewhere."""

from collections.abc import Iterable
from html import escape

from doorward.cli.evaluation_output import (
    GROUP_HEADS,
    POINT_HEADS,
    FoldAccuracy,
    difference_rows,
    group_rows,
    interval,
    point_rows,
    tail_words,
)
from doorward.cli.page import page, table
from doorward.evaluation.pairs import mean_and_spread
from doorward.evaluation.share import Share
from doorward.wiring.face.measuring import Evaluation, ModelEvaluation


def evaluation_page(evaluation: Evaluation, accuracy: FoldAccuracy | None, title: str, svg: str) -> str:
    """The whole page; it names no person. ``title``: of the photos. ``svg``: the drawing of the curves."""
    acquisition = evaluation.acquisition
    heading = f"Evaluation of face comparison: {title}"
    parts = [
        "<p>Error rates after ISO/IEC 19795-1, over all pairs among the photos. They hold for these photos, and for "
        "others only as far as those are alike. Presentation attacks are not evaluated here.</p>",
        *(part for place, model in enumerate(evaluation.models) for part in _model(evaluation, model, accuracy, place)),
        "<h2>Detection error trade-off</h2>",
        svg,
        "<h2>Captures</h2>",
        table(
            "Photos and people",
            ("What", "Count", "Share (95% interval)"),
            (
                ("photos that gave no template (FTA)", _of(acquisition.fta), interval(acquisition.fta)),
                ("people none of whose photos gave one (FTE)", _of(acquisition.fte), interval(acquisition.fte)),
                (
                    "photos that a door would have refused (no face, a second face, poor quality); those with a face "
                    "are compared all the same",
                    _of(acquisition.refused),
                    interval(acquisition.refused),
                ),
            ),
        ),
        "<h2>How to read this</h2>",
        "<p>Intervals are 95%. Pairs of one person hang together, so whole people are resampled 1,000 times. A rate is "
        "told where at least three non-mated pairs decide it (rule of 3: n pairs without a false match show no more "
        "than that the rate is at most 3/n), and its threshold may be adopted where thirty do (rule of 30: the true "
        "rate then lies within 30% of the measured one with 90% confidence). Photos in which one person goes by two "
        "names count as false matches.</p>",
    ]
    return page(heading, parts)


def _model(evaluation: Evaluation, model: ModelEvaluation, accuracy: FoldAccuracy | None, place: int) -> Iterable[str]:
    rates, card = model.rates, model.embedder.card
    yield f"<h2>{escape(model.name)}</h2>"
    yield f"<p>Licence: {escape(card.licence)}. SHA-256 of the file: {card.sha256}.</p>"
    if model.embedder.is_non_commercial:
        yield (
            '<p class="warning"><strong>The licence of this model forbids commercial use. Where it serves a business '
            "or an authority, ask its maker first.</strong></p>"
        )
    if accuracy is not None:
        mean, spread = mean_and_spread(accuracy.by_model[place])
        yield (
            f"<p>Of {accuracy.pairs:,} listed pairs {mean:.4f} were answered rightly, the threshold of each "
            f"fold chosen on the others (standard deviation by fold {spread:.4f}).</p>"
        )
    yield (
        f"<p>{rates.mated:,} mated and {rates.non_mated:,} non-mated pairs of {rates.subjects:,} people. Equal error "
        f"rate {interval(rates.eer)}.</p>"
    )
    yield table("Thresholds", POINT_HEADS, point_rows(rates.points))
    yield f"<p>{escape(tail_words(rates))}</p>"
    if model.groups_at is not None:
        caption = (
            f"Groups, at the threshold that gives a false-match rate of {model.groups_at[0]:g} among everybody; false "
            "matches between two people of the group"
        )
        yield table(caption, GROUP_HEADS, group_rows(model.groups))
    if place:
        first = evaluation.models[0].name
        yield table(
            f"Accepted more than by {first}, each at its own threshold (paired bootstrap)",
            ("false-match rate", "difference (95% interval)"),
            difference_rows(evaluation.differences[place - 1]),
        )


def _of(share: Share) -> str:
    return f"{share.count:,} of {share.of:,}"
