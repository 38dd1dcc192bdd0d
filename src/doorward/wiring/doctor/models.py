"""Whether the face models are exactly the pinned files."""

from collections.abc import Iterator

from doorward.adapters.face.cards import MTCNN_ONET, YUNET
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
    cards = [YUNET, MTCNN_ONET, site.embedder.card]
    if site.succession.card is not None:
        cards.append(site.succession.card.card)
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
    policies = site.pad_policies
    asked = [policies.required(), policies.at_enrolment(), *(door.attack_checks for door in site.doorkeeper.all())]
    return any(PadMethod.PASSIVE in methods for methods in asked)


def check_succession(site: Site) -> Iterator[Finding]:
    """Who was enrolled by another model than the one in use; takes as long as there are people."""
    card, model = site.succession.card, site.embedder.model
    lacking = site.succession.lacking()
    served = sum(card is not None and one.wait_for(card.model, model) for one in lacking)
    carrying = site.succession.carrying()
    if served < len(lacking):
        yield Finding(
            "references-of-another-model",
            Severity.WARNING,
            f"{len(lacking) - served} people have references of a model that does not serve, and none of the one that "
            "does.",
            "They are refused as not matching, and in no search.",
            "Enrol them again (doorward people list --needs-enrolment), or name their model as former_embedder.",
        )
    if served or carrying:
        yield Finding(
            "former-model-in-use",
            Severity.NOTE,
            f"{served} people and {carrying} credentials are served by the former embedder alone.",
            "Every face is embedded twice meanwhile, and both models have to be trusted.",
            "People come over by coming by; enrol again whoever does not: doorward people list --needs-enrolment",
        )
    elif card is not None:
        yield Finding(
            "former-model-not-needed",
            Severity.NOTE,
            "The settings name a former embedder, and nobody needs it any more.",
            "A model that serves nobody is one more file to trust.",
            "Take former_embedder out of site.toml.",
        )
