"""Whether the face models are exactly the pinned files."""

from collections.abc import Iterator

from doorward.adapters.face.cards import YUNET
from doorward.adapters.models.library import ModelPlaces
from doorward.errors import ModelMissing, ModelRefused
from doorward.face.pad import PadMethod
from doorward.wiring.doctor.finding import Finding, Severity
from doorward.wiring.face.opening import MODELS
from doorward.wiring.face.pad_models import pad_cards
from doorward.wiring.face.site import Site

_WHY = "A changed model can let chosen people through, and everything else looks as before."


def check_models(site: Site) -> Iterator[Finding]:
    """SHA-256 of every model file that the site would load, those against presentation attacks where asked for."""
    places = ModelPlaces(site.folder / MODELS, site.settings.models)
    cards = [YUNET, site.embedder.card]
    try:
        cards += pad_cards(places) if _asks_for_attack_models(site) else ()
    except ModelMissing as missing:
        why = "The check against presentation attacks is asked for, so nobody is compared without them."
        remedy = "doorward models pull minifasnet-v2, and minifasnet-v1se"
        yield Finding("model-missing", Severity.WARNING, missing.message, why, remedy)
    for card in cards:
        try:
            places.read(card)
        except ModelRefused as refused:
            yield Finding(
                "model-changed", Severity.CRITICAL, refused.message, _WHY, f"doorward models pull {card.name}"
            )
        except ModelMissing as missing:
            why = "Without it nobody is enrolled or verified."
            yield Finding("model-missing", Severity.WARNING, missing.message, why, "doorward models list")


def _asks_for_attack_models(site: Site) -> bool:
    asked = [site.pad_policies.required(), *(door.attack_checks for door in site.doorkeeper.all())]
    return any(PadMethod.PASSIVE in methods for methods in asked)
