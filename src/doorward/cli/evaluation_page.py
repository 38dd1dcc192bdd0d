"""An evaluation as one page: no script, nothing loaded from elsewhere."""

from collections.abc import Iterable, Sequence
from html import escape

from doorward import __version__
from doorward.cli.evaluation_output import (
    GROUP_HEADS,
    POINT_HEADS,
    FoldAccuracy,
    difference_rows,
    group_rows,
    interval,
    point_rows,
)
from doorward.evaluation.pairs import mean_and_spread
from doorward.evaluation.report import Share
from doorward.wiring.face.measuring import Evaluation, ModelEvaluation

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1c1c1c }
table { border-collapse: collapse; width: 100%; margin: 1rem 0 }
caption { text-align: left; font-weight: 600; padding: .5rem 0 }
th, td { text-align: left; vertical-align: top; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid #ccc }
svg { max-width: 100%; height: auto }
.warning { border-left: 6px solid #b3261e; padding-left: 1rem }
"""


def evaluation_page(evaluation: Evaluation, accuracy: FoldAccuracy | None, title: str, svg: str) -> str:
    """The whole page; it names no person. ``title``: of the photos. ``svg``: the drawing of the curves."""
    acquisition = evaluation.acquisition
    heading = f"Evaluation of face comparison: {title}"
    parts = [
        f"<h1>{escape(heading)}</h1>",
        "<p>Error rates after ISO/IEC 19795-1, over all pairs among the photos. They hold for these photos, and for "
        "others only as far as those are alike. Presentation attacks are not evaluated here.</p>",
        *(part for place, model in enumerate(evaluation.models) for part in _model(evaluation, model, accuracy, place)),
        "<h2>Detection error trade-off</h2>",
        svg,
        "<h2>Captures</h2>",
        _table(
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
        f"<p>Made by Doorward {escape(__version__)}.</p>",
    ]
    body = "\n".join(parts)
    return (
        f'<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>{escape(heading)}</title>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<style>{_STYLE}</style>\n<body>\n{body}\n</body>\n</html>\n"
    )


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
    yield _table("Thresholds", POINT_HEADS, point_rows(rates.points))
    if model.groups_at is not None:
        caption = (
            f"Groups, at the threshold that gives a false-match rate of {model.groups_at[0]:g} among everybody; false "
            "matches between two people of the group"
        )
        yield _table(caption, GROUP_HEADS, group_rows(model.groups))
    if place:
        first = evaluation.models[0].name
        yield _table(
            f"Accepted more than by {first}, each at its own threshold (paired bootstrap)",
            ("false-match rate", "difference (95% interval)"),
            difference_rows(evaluation.differences[place - 1]),
        )


def _of(share: Share) -> str:
    return f"{share.count:,} of {share.of:,}"


def _table(caption: str, heads: Iterable[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in heads)
    body = "\n".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><caption>{escape(caption)}</caption>\n<tr>{head}</tr>\n{body}\n</table>"
