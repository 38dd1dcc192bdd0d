"""Values as a thief could meet them: each raw, in hexadecimal, base64 and UTF-16; vectors in three precisions."""

from base64 import b64encode
from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from doorward.adapters.file_search import SHORTEST, Needle
from doorward.face.quantisation import bits_for, quantise

ENCODINGS = ("raw", "hex", "base64", "utf-16")
PRECISIONS = ("f32", "f16", "int8")

SLICE = 16
"""Bytes of a vector or photo that are searched for, so that a part of it is found too."""


def needles_for_text(name: str, text: str) -> Iterator[Needle]:
    """A text in every encoding; nothing for one that is shorter than ``SHORTEST``."""
    octets = text.encode()
    if len(octets) < SHORTEST:
        return
    yield from needles_for_octets(name, octets)
    yield Needle(name, "utf-16", text.encode("utf-16-le"))
    yield Needle(name, "utf-16", text.encode("utf-16-be"))


def needles_for_octets(name: str, octets: bytes) -> Iterator[Needle]:
    """Bytes, and the texts that stand for them; base64 at each of its three alignments."""
    texts = {"hex": [octets.hex(), octets.hex().upper()], "base64": _base64_forms(octets)}
    yield Needle(name, "raw", octets)
    for encoding, forms in texts.items():
        for form in forms:
            yield Needle(name, encoding, form.encode())
            yield Needle(name, f"{encoding} in utf-16", form.encode("utf-16-le"))


def needles_for_vector(name: str, vector: NDArray[np.float32]) -> Iterator[Needle]:
    """Slices of the vector as float32, float16 and int8 (127 to the unit)."""
    forms: Mapping[str, bytes] = {
        "f32": vector.astype("<f4").tobytes(),
        "f16": vector.astype("<f2").tobytes(),
        "int8": np.clip(np.round(vector * 127), -127, 127).astype(np.int8).tobytes(),
    }
    for precision, octets in forms.items():
        middle = len(octets) // 2
        yield from needles_for_octets(f"{name} in {precision}", octets[middle : middle + SLICE])
        yield from needles_for_octets(f"{name} in {precision}", octets[:SLICE])


def needles_for_photo(name: str, photo: bytes) -> Iterator[Needle]:
    """Slices from the photo's middle and near its end: its head is like any photo's."""
    for place in (len(photo) // 2, len(photo) * 3 // 4):
        yield from needles_for_octets(name, photo[place : place + SLICE])


def needles_for_carried(name: str, vector: NDArray[np.float32], carried: bytes) -> Iterator[Needle]:
    """Slices of a credential's message (its ciphertext and its signature) and of the reference that is in it."""
    for place in (len(carried) // 2, len(carried) - SLICE):
        yield from needles_for_octets(f"credential of {name}", carried[place : place + SLICE])
    codes = quantise(vector, bits_for(len(vector)))
    yield from needles_for_octets(f"carried template of {name}", codes[:SLICE])
    yield from needles_for_octets(f"carried template of {name}", codes[-SLICE:])


def _base64_forms(octets: bytes) -> list[str]:
    """What base64 shows of ``octets`` whatever stands before and after them (RFC 4648, section 4)."""
    forms = []
    for before in range(3):
        text = b64encode(bytes(before) + octets).decode()
        first = (before * 8 + 5) // 6
        last = (before + len(octets)) * 8 // 6
        forms.append(text[first:last])
    return forms
