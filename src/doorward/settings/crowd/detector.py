"""The scene's ``[detector]``: which finds the people, and with which weights."""

import re
from pathlib import Path
from typing import Any

from doorward.adapters.models.people_cards import PERSON_FORMATS
from doorward.crowd.detector_choice import MOTION, DetectorChoice, OwnWeights
from doorward.errors import WrongUse
from doorward.settings.crowd.values import text

MODELS = tuple(card.name for cards in PERSON_FORMATS.values() for card in cards)
DETECTORS = tuple(dict.fromkeys((MOTION, *PERSON_FORMATS, *MODELS)))
"""``motion``, formats (which stand for their smallest model), and models."""

LONGEST_PATH = 4096
SHA256 = re.compile(r"[0-9a-fA-F]{64}")


def detector_choice(table: dict[str, Any], folder: Path) -> DetectorChoice:
    """The choice in ``[detector]``, whose weights are looked for from ``folder``; ``WrongUse``."""
    entries = {
        key: text(table, key, "[detector]", longest=LONGEST_PATH) for key in ("weights", "sha256") if key in table
    }
    weights = folder / entries["weights"] if "weights" in entries else None
    return chosen_detector(text(table, "name", "[detector]", MOTION), weights, entries.get("sha256"))


def chosen_detector(name: str, weights: Path | None, sha256: str | None) -> DetectorChoice:
    """The detector called ``name`` with ``weights`` of the user's own, if any; ``WrongUse`` when it makes no sense."""
    if name not in DETECTORS:
        raise WrongUse(f"There is no detector {name!r}; there is {', '.join(DETECTORS)}.")
    if weights is None and sha256 is None:
        return DetectorChoice(name)
    if name not in PERSON_FORMATS:
        raise WrongUse(f"Weights of your own need their format as the detector: {' or '.join(PERSON_FORMATS)}.")
    if weights is None or sha256 is None or not SHA256.fullmatch(sha256):
        raise WrongUse("Weights of your own are named by their file and its SHA-256 (64 hex digits); give both.")
    return DetectorChoice(name, OwnWeights(str(weights), sha256.lower()))
