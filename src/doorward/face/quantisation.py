"""A template in few bytes: each number in 8 or 4 bits, and how far a score can be off because of it.

A code is ``round(x / largest * limit)``, where ``largest`` is the template's largest magnitude and ``limit`` 127 or 7.
Templates are compared by direction alone, so the scale need not be kept: the codes are brought to unit length again.
"""

from math import asin, sin, sqrt

import numpy as np
from numpy.typing import NDArray

from doorward.errors import WrongUse

MOST_OCTETS = 256
"""Bytes of a quantised template at most."""

_LIMITS = {8: 127, 4: 7}
_NIBBLE = 4


def bits_for(dimension: int) -> int:
    """Bits a number, so that ``dimension`` numbers take ``MOST_OCTETS`` at most; ``WrongUse`` beyond 4 bits each."""
    for bits in sorted(_LIMITS, reverse=True):
        if dimension * bits <= MOST_OCTETS * 8:
            return bits
    raise WrongUse(
        f"Templates of {dimension} numbers do not fit into a credential; use a model of at most {MOST_OCTETS * 2}."
    )


def quantise(vector: NDArray[np.float32], bits: int) -> bytes:
    """The codes of ``vector`` (any length but 0), one a byte at 8 bits, two a byte at 4: the first is the high one."""
    codes = _codes(vector, bits)
    if bits == 8:
        return codes.tobytes()
    nibbles = codes.view(np.uint8) & 0xF
    if len(nibbles) % 2:
        nibbles = np.append(nibbles, np.uint8(0))
    return bytes((nibbles[0::2] << _NIBBLE) | nibbles[1::2])


def restore(octets: bytes, bits: int, dimension: int) -> NDArray[np.float32]:
    """A float32 vector of unit length; ``WrongUse`` when ``octets`` are not what ``quantise`` gives."""
    if bits not in _LIMITS or dimension < 1 or len(octets) != (dimension * bits + 7) // 8:
        raise WrongUse("The quantised template has another length than its model gives.")
    codes = np.frombuffer(octets, dtype=np.int8)
    if bits == _NIBBLE:
        held = np.frombuffer(octets, dtype=np.uint8)
        # Shifted up and down again, so that the sign of four bits becomes the sign of eight.
        high, low = held.view(np.int8) >> _NIBBLE, (held << _NIBBLE).view(np.int8) >> _NIBBLE
        codes = np.stack([high, low], axis=1).reshape(-1)[:dimension]
    length = float(np.linalg.norm(codes.astype(np.float64)))
    if not length:
        raise WrongUse("The quantised template is empty.")
    return (codes / length).astype(np.float32)


def largest_score_error(vector: NDArray[np.float32], bits: int) -> float:
    """By how much at most the cosine with any unit vector differs from that of the unit ``vector`` itself.

    No code is off by more than half a step, so the codes lie within ``sqrt(d) * step / 2`` of the vector; the angle
    between them is at most the arc sine of that, and a cosine changes by no more than the chord of the angle.
    """
    step = float(np.abs(vector).max()) / _LIMITS[bits]
    off = sqrt(len(vector)) * step / 2
    return 2.0 if off >= 1 else 2 * sin(asin(off) / 2)


def _codes(vector: NDArray[np.float32], bits: int) -> NDArray[np.int8]:
    largest = float(np.abs(vector).max())
    if not largest or not np.isfinite(largest):
        raise WrongUse("A template without direction cannot be quantised.")
    return np.asarray(np.rint(vector.astype(np.float64) / largest * _LIMITS[bits]), dtype=np.int8)
