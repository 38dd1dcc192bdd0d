"""Cards of embedders that a site's people put into its folder models/: NAME.toml beside the ONNX file.

A card is TOML::

    name = "my-model"          # as the card's file is called
    file = "my-model.onnx"     # in the same folder
    sha256 = "…"               # of that file, in hexadecimal
    licence = "Apache-2.0"     # of the weights
    maker = "…"                # may be left out, as may source
    size = 112                 # pixels a side of the aligned face
    mean = 127.5               # the input is (pixel - mean) * scale, pixels 0..255
    scale = 0.0078125
    channels = "rgb"           # or "bgr"
    dimension = 512            # numbers in a template
"""

import re
import tomllib
from pathlib import Path
from typing import Any, TypeVar

from doorward.adapters.face.embedder_card import SFACE_EMBEDDER, EmbedderCard, EmbedderInput
from doorward.adapters.models.card import ModelCard
from doorward.errors import NotFound, WrongUse

T = TypeVar("T", str, int, float)

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}\.onnx")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_ENTRIES = {"name", "file", "sha256", "licence", "maker", "source", "size", "mean", "scale", "channels", "dimension"}
_SIZES, _DIMENSIONS = range(32, 513), range(16, 4097)


def embedder_card(model_folder: Path | None, name: str) -> EmbedderCard:
    """The embedder called ``name``: Doorward's own, or the one whose card lies in ``model_folder``.

    ``NotFound`` when there is no such card, ``WrongUse`` when it is not as it must be.
    """
    if name == SFACE_EMBEDDER.card.name:
        return SFACE_EMBEDDER
    if not _NAME.fullmatch(name):
        raise WrongUse(f"{name!r} is no name of an embedder; use small letters, digits, points and dashes.")
    path = None if model_folder is None else model_folder / f"{name}.toml"
    if path is None or not path.is_file():
        raise NotFound(f"There is no embedder {name}; put its card {name}.toml into the site's folder models/.")
    try:
        held = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        raise WrongUse(f"The card {path} cannot be read as TOML; correct it.") from None
    return _card(held, name, path)


def embedder_cards(model_folder: Path | None) -> tuple[EmbedderCard, ...]:
    """Every embedder whose card lies in ``model_folder``; ``WrongUse`` names one that is not as it must be."""
    if model_folder is None or not model_folder.is_dir():
        return ()
    return tuple(embedder_card(model_folder, path.stem) for path in sorted(model_folder.glob("*.toml")))


def _card(held: dict[str, Any], name: str, path: Path) -> EmbedderCard:
    if unknown := sorted(held.keys() - _ENTRIES):
        raise WrongUse(f"The card {path} has an entry {unknown[0]}, which means nothing; correct it.")
    if _entry(held, "name", str, path) != name:
        raise WrongUse(f"The card {path} names another model; call the file as its name says.")
    file, sha256 = _entry(held, "file", str, path), _entry(held, "sha256", str, path)
    if not _FILE.fullmatch(file) or not _SHA256.fullmatch(sha256):
        raise WrongUse(f"The card {path} must name a file NAME.onnx beside it, and its SHA-256 in hexadecimal.")
    size, dimension = _entry(held, "size", int, path), _entry(held, "dimension", int, path)
    channels, scale = _entry(held, "channels", str, path), _number(held, "scale", path)
    if size not in _SIZES or dimension not in _DIMENSIONS or channels not in ("rgb", "bgr") or not 0 < scale <= 255:
        raise WrongUse(
            f"The card {path} must have a size of {_SIZES[0]} to {_SIZES[-1]}, a dimension of {_DIMENSIONS[0]} to "
            f"{_DIMENSIONS[-1]}, channels `rgb` or `bgr`, and a scale above 0."
        )
    wanted = EmbedderInput(size, _number(held, "mean", path), scale, channels, dimension)
    if not 0 <= wanted.mean <= 255:
        raise WrongUse(f"The card {path} must have a mean of 0 to 255, for pixels are 0 to 255.")
    return EmbedderCard(
        ModelCard(
            name=name,
            task="face embedding",
            maker=held.get("maker", "not stated"),
            licence=_entry(held, "licence", str, path),
            source=held.get("source", "wherever the card's author has it from"),
            url=None,
            file=file,
            size=0,
            sha256=sha256,
            input=f"Nx3x{size}x{size} float32, {channels.upper()}, (0..255 - {wanted.mean:g}) * {scale:g}",
            output=f"Nx{dimension} float32, compared by cosine",
            citation="not stated",
        ),
        wanted,
    )


def _entry(held: dict[str, Any], key: str, kind: type[T], path: Path) -> T:
    value = held.get(key)
    if not isinstance(value, kind) or isinstance(value, bool) or value == "":
        raise WrongUse(f"The card {path} lacks `{key}`, or has it as something else; correct it.")
    return value


def _number(held: dict[str, Any], key: str, path: Path) -> float:
    return (
        float(held[key])
        if isinstance(held.get(key), int) and not isinstance(held[key], bool)
        else _entry(held, key, float, path)
    )
