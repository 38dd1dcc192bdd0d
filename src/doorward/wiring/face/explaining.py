"""What a search of an open site rests on."""

from dataclasses import replace

from doorward.face.thresholds import checked_fpir
from doorward.identify.search_basis import SearchBasis, search_basis
from doorward.passages.checkpoint import Checkpoint
from doorward.wiring.face.site import Site


def basis_at(site: Site, door: Checkpoint, fpir: float | None = None) -> SearchBasis:
    """Of a search at a checkpoint now; ``fpir`` in place of the rate that is set there. ``ProfileOff`` where searches
    are off.
    """
    site.profiles.current().require_identification()
    group = site.search_policy.group(door)
    wanted = group if fpir is None else replace(group, fpir=checked_fpir(fpir))
    return site.identifier.basis(wanted, site.embedder.model)


def basis_among(site: Site, references: int, fpir: float | None = None) -> SearchBasis:
    """Of a search among so many references, of whomever."""
    rate = site.search_policy.fpir() if fpir is None else checked_fpir(fpir)
    return search_basis(site.embedder.model, references, rate, site.thresholds.in_use)
