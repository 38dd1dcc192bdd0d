"""Whether the face models are exactly the pinned files."""

from collections.abc import Iterator

from doorward.adapters.face.cards import YUNET
from doorward.adapters.models.library import ModelPlaces
from doorward.errors import ModelMissing, ModelRefused
from doorward.wiring.doctor.finding import Finding, Severity
from doorward.wiring.face.opening import MODELS
from doorward.wiring.face.site import Site

_WHY = "A changed model can let chosen people through, and everything else looks as before."


def check_models(site: Site) -> Iterator[Finding]:
    """SHA-256 of every model file that the site would load."""
    places = ModelPlaces(site.folder / MODELS, site.settings.models)
    for card in (YUNET, site.embedder.card):
        try:
            places.read(card)
        except ModelRefused as refused:
            yield Finding(
                "model-changed", Severity.CRITICAL, refused.message, _WHY, f"doorward models pull {card.name}"
            )
        except ModelMissing as missing:
            why = "Without it nobody is enrolled or verified."
            yield Finding("model-missing", Severity.WARNING, missing.message, why, "doorward models list")
