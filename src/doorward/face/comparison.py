"""Comparison scores."""

from doorward.errors import InternalError
from doorward.face.template import Template


def compare(probe: Template, reference: Template) -> float:
    """Cosine of two templates, -1..1; ``InternalError`` when two models made them."""
    if probe.origin.model != reference.origin.model or probe.vector.shape != reference.vector.shape:
        raise InternalError(
            f"Templates of {probe.origin.model} and {reference.origin.model} cannot be compared; enrol again."
        )
    return float(min(1.0, max(-1.0, float(probe.vector @ reference.vector))))
