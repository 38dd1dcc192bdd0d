"""Where a model's file lies, and that it is the right one."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from doorward.adapters.models.card import ModelCard
from doorward.errors import ModelMissing, ModelRefused

MAX_MODEL_BYTES = 512 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class ModelPlaces:
    """Where to look, in this order: ``paths`` by model name (settings), ``folder`` (the site's), packages."""

    folder: Path | None = None
    paths: Mapping[str, Path] = field(default_factory=dict)

    def find(self, card: ModelCard) -> Path:
        """The first place that has the file; ``ModelMissing`` when none has it."""
        chosen = self.paths.get(card.name)
        if chosen is not None:
            if not chosen.is_file():
                raise ModelMissing(f"The settings say that the model {card.name} is at {chosen}, but no file is there.")
            return chosen
        in_site = self.folder / card.file if self.folder else None
        if in_site is not None and in_site.is_file():
            return in_site
        in_package = _packaged_path(card)
        if in_package is not None:
            return in_package
        pull = f"run `doorward models pull {card.name}`, or " if card.url else ""
        raise ModelMissing(
            f"The model {card.name} is not here; {pull}get {card.file} from {card.source} "
            "and put it into the site's folder models/."
        )

    def read(self, card: ModelCard) -> bytes:
        """The model's bytes, read once, of the right hash; ``ModelMissing`` or ``ModelRefused``."""
        path = self.find(card)
        try:
            if path.stat().st_size > MAX_MODEL_BYTES:
                raise ModelRefused(f"The file {path} is too large for a model; put the right {card.file} there.")
            octets = path.read_bytes()
        except OSError as error:
            raise ModelMissing(f"The file {path} cannot be read ({error.strerror}); check its rights.") from None
        check_hash(card, octets)
        return octets


def check_hash(card: ModelCard, octets: bytes) -> None:
    """``ModelRefused`` unless ``octets`` are exactly the file that ``card`` pins."""
    if hashlib.sha256(octets).hexdigest() != card.sha256:
        raise ModelRefused(
            f"The file for the model {card.name} does not have the pinned SHA-256; "
            f"delete it and get {card.file} again from {card.source}."
        )


def _packaged_path(card: ModelCard) -> Path | None:
    if card.packaged is None:
        return None
    try:
        path = Path(str(distribution(card.packaged.package).locate_file(card.packaged.path)))
    except PackageNotFoundError:
        return None
    return path if path.is_file() else None
