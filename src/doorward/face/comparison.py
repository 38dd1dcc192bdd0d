"""Comparison scores."""

from collections.abc import Sequence

from doorward.errors import InternalError
from doorward.face.template import Template

BEST_OF_SEVERAL = 2
"""How many of a person's references a score is the mean of: the ones that score best.

The best alone matches 2 strangers where the threshold promises 1 with two references, and 4 with five; the mean of the
best two keeps the promise (docs/figures.md).
"""


def compare(probe: Template, reference: Template) -> float:
    """Cosine of two templates, -1..1; ``InternalError`` when two models made them."""
    if probe.origin.model != reference.origin.model or probe.vector.shape != reference.vector.shape:
        raise InternalError(
            f"Templates of {probe.origin.model} and {reference.origin.model} cannot be compared; enrol again."
        )
    return float(min(1.0, max(-1.0, float(probe.vector @ reference.vector))))


def compare_with_all(probe: Template, references: Sequence[Template]) -> float:
    """The score of a probe over one person's references, at least one: the mean over the best two, -1..1."""
    scores = sorted((compare(probe, reference) for reference in references), reverse=True)
    best = scores[:BEST_OF_SEVERAL]
    return sum(best) / len(best)
