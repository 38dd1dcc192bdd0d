"""What a search rests on, in plain words and as JSON."""

from collections.abc import Iterator

from doorward.face.thresholds import ThresholdSet
from doorward.identify.search_basis import SearchBasis
from doorward.kernel.score_tail import Estimate

Json = dict[str, object]


def basis_json(basis: SearchBasis) -> Json:
    """Of a search that is refused, what needs a threshold is ``null``."""
    measured, supported = basis.thresholds, basis.is_supported
    threshold = basis.threshold if supported else None
    return {
        "references": basis.references,
        "fpir": basis.fpir,
        "needed_fmr": basis.needed_fmr,
        "supported": supported,
        "threshold": threshold and round(threshold.value, 6),
        "fmr": threshold and threshold.fmr,
        "named_at_most": basis.named_at_most,
        "rests_on_tail": basis.rests_on_tail,
        "missed": _estimate_json(basis.missed),
        "threshold_set": measured.name,
        "model": measured.model,
        "measured_on": measured.measured_on,
        "mated": measured.mated,
        "non_mated": measured.non_mated,
        "measured_to": measured.points[-1][0],
        "evaluated_to": measured.lowest_fmr,
        "tail_threshold": _estimate_json(measured.tail.threshold(measured.tail.carried_to) if measured.tail else None),
        "most_references": basis.most_references,
        "refusal": None if supported else basis.refusal,
    }


def basis_sentences(basis: SearchBasis, where: str) -> Iterator[str]:
    """``where``: what is searched, as the beginning of a sentence."""
    measured = basis.thresholds
    yield (
        f"{where} a face is compared with {_counted(basis.references)}. One stranger in {1 / basis.fpir:,.0f} may "
        f"be named wrongly (FPIR {basis.fpir:g}), so {basis.needed_fmr:.1e} of the comparisons may match falsely."
    )
    if not basis.is_supported:
        yield f"Refused: {basis.refusal}"
    else:
        yield from _supported(basis)
    yield (
        f"Evidence: {measured.name} for {measured.model}, {measured.mated:,} mated and {measured.non_mated:,} "
        f"non-mated pairs ({measured.measured_on}). {_how_far(measured)}: {basis.most_references:,} references at this "
        "FPIR."
    )
    yield (
        "It holds as far as the people and photos here are like those. `doorward evaluate people FOLDER --adopt NAME` "
        "measures yours."
    )


def _supported(basis: SearchBasis) -> Iterator[str]:
    threshold = basis.threshold
    yield f"A match reaches the threshold {threshold.value:.4f}, which {threshold.fmr:.1e} of strangers' pairs reach."
    why = (
        "the threshold rests on the tail of the scores, at the upper end of its interval"
        if basis.rests_on_tail
        else "enough pairs decided the threshold for the true rate to lie within 30% of it, with 90% confidence"
    )
    yield f"A stranger is named wrongly in {basis.named_at_most or 0:.2%} of searches at most; {why}."
    if basis.missed is None:
        yield "How often somebody enrolled is missed was not kept with these thresholds; adopt them anew."
    else:
        yield f"Somebody enrolled with one photo is missed in {_share(basis.missed)} of searches, with more in fewer."


def _how_far(measured: ThresholdSet) -> str:
    told = f"Thresholds were measured down to {measured.points[-1][0]:.0e}"
    if measured.tail is None or measured.lowest_fmr == measured.points[-1][0]:
        return told
    tail = measured.tail.threshold(measured.tail.carried_to)
    return (
        f"{told}; the tail of the scores adds {measured.lowest_fmr:.0e} at {tail.value:.4f} ({tail.low:.4f} to "
        f"{tail.high:.4f}), of which the upper end serves"
    )


def _counted(references: int) -> str:
    return f"{references:,} reference{'' if references == 1 else 's'}"


def _share(estimate: Estimate) -> str:
    return f"{estimate.value:.2%} ({estimate.low:.2%} to {estimate.high:.2%})"


def _estimate_json(estimate: Estimate | None) -> Json | None:
    if estimate is None:
        return None
    return {name: round(getattr(estimate, name), 6) for name in ("value", "low", "high")}
