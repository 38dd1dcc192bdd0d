"""What a device sends of one presentation, in CBOR: the checkpoint, the claim, and templates or a picture of the face.

``checkpoint``: the 16 bytes of its UUID. ``claim``: a line as a reader sends it, or null. ``methods``: what was done
against presentation attacks. ``pad``: null or [model, score] of the passive detector. Either ``templates``, each
[model, runtime, precision, float32 little-endian], with ``quality``, ten numbers in the order of ``QualityReport``; or
``picture``, a JPEG. ``factor``, where a badge or PIN is shown beside a face: ["badge" or "pin", text].
"""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from math import isfinite
from typing import Any
from uuid import UUID

import cbor2
import numpy as np

from doorward.errors import RequestInvalid
from doorward.face.pad import DevicePad, PadMethod, told_methods
from doorward.face.quality import QualityReport
from doorward.face.template import Template, TemplateOrigin
from doorward.kernel.ids import CheckpointId
from doorward.verify.second_factor import Factor

LONGEST_CLAIM = 2_000
LONGEST_NAME = 200
MOST_TEMPLATES = 2
"""Of the model in use, and of the one before it."""

DIMENSIONS = range(16, 4_097)
_DEEPEST = 4
_MEASURES = 10
_UNIT = 1e-3
"""How far a template's length may be from 1: float32 keeps it within 1e-6."""

_FACTOR, _BADGE, _PIN = "factor", "badge", "pin"
_NAMES = {"checkpoint", "claim", "methods", "pad", "templates", "quality", "picture"}


@dataclass(frozen=True, slots=True, eq=False)
class PresentationBody:
    """Exactly one of ``templates`` (with ``quality``) and ``picture`` is given; ``claim`` or ``factor``, or neither."""

    checkpoint: CheckpointId
    claim: str | None
    pad: DevicePad
    templates: Sequence[Template] = ()
    quality: QualityReport | None = None
    picture: bytes | None = None
    factor: Factor | None = None


def encoded(body: PresentationBody) -> bytes:
    templates = [
        [one.origin.model, one.origin.runtime, one.origin.precision, one.vector.astype("<f4").tobytes()]
        for one in body.templates
    ]
    said: dict[str, Any] = {
        "checkpoint": UUID(body.checkpoint).bytes,
        "claim": body.claim,
        "methods": told_methods(body.pad.methods),
        "pad": None if body.pad.score is None else [body.pad.model, float(body.pad.score)],
        "templates": templates,
        "quality": None if body.quality is None else [float(one) for one in astuple(body.quality)[1:]],
        "picture": body.picture,
    }
    shown = body.factor
    if shown is not None:
        said[_FACTOR] = [_BADGE, shown.badge] if shown.badge is not None else [_PIN, shown.pin]
    return cbor2.dumps(said, canonical=True)


def decoded(octets: bytes) -> PresentationBody:
    """``RequestInvalid`` unless it is of the form above."""
    try:
        held = cbor2.loads(octets, max_depth=_DEEPEST, allow_indefinite=False, allow_duplicate_keys=False)
        if set(held) - {_FACTOR} != _NAMES:
            raise ValueError
        body = PresentationBody(
            CheckpointId(str(UUID(bytes=held["checkpoint"]))),
            None if held["claim"] is None else _text(held["claim"], LONGEST_CLAIM),
            _pad(held["methods"], held["pad"]),
            [_template(*one) for one in held["templates"]],
            None if held["quality"] is None else QualityReport((), *_numbers(held["quality"])),
            held["picture"],
            _factor(*held[_FACTOR]) if _FACTOR in held else None,
        )
        return _whole(body)
    except (cbor2.CBORError, ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
        raise RequestInvalid("What the device sent is no presentation; update the device.") from None


def _whole(body: PresentationBody) -> PresentationBody:
    by_template = 0 < len(body.templates) <= MOST_TEMPLATES and body.quality is not None and body.picture is None
    by_picture = not body.templates and body.quality is None and isinstance(body.picture, bytes)
    if not (by_template or by_picture) or None not in (body.claim, body.factor):
        raise ValueError
    return body


def _factor(kind: Any, shown: Any) -> Factor:
    if kind not in (_BADGE, _PIN):
        raise ValueError
    text = _text(shown, LONGEST_CLAIM)
    return Factor(badge=text) if kind == _BADGE else Factor(pin=text)


def _pad(methods: Any, found: Any) -> DevicePad:
    if len(methods) > len(PadMethod):
        raise ValueError
    done = frozenset(PadMethod(one) for one in methods)
    if found is None:
        return DevicePad(done)
    model, score = found
    return DevicePad(done, _text(model, LONGEST_NAME), _number(score))


def _template(model: Any, runtime: Any, precision: Any, octets: Any) -> Template:
    if not isinstance(octets, bytes) or len(octets) % 4 or len(octets) // 4 not in DIMENSIONS:
        raise ValueError
    vector = np.frombuffer(octets, "<f4").astype(np.float32)
    length = float(np.linalg.norm(vector.astype(np.float64)))
    if not abs(length - 1) <= _UNIT:
        raise ValueError
    return Template(vector, TemplateOrigin(*(_text(one, LONGEST_NAME) for one in (model, runtime, precision))))


def _numbers(measured: Any) -> list[float]:
    if len(measured) != _MEASURES:
        raise ValueError
    return [_number(one) for one in measured]


def _number(given: Any) -> float:
    if type(given) is not float or not isfinite(given):
        raise ValueError
    return given


def _text(given: Any, longest: int) -> str:
    if not isinstance(given, str) or not 0 < len(given) <= longest or not given.isprintable():
        raise ValueError
    return given
