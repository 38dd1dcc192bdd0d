"""A credential as the text in its code: ``DW1:`` and base45 (RFC 9285).

Base45 fits the codes' alphanumeric mode, in which two bytes take 16.5 bits: 3% more than the bytes themselves would,
and any scanner, telephone or keyboard wedge passes it on unharmed, which of raw bytes few do.
"""

from doorward.vault.cose import LARGEST

PREFIX = "DW1:"
"""Names the format's version; nothing else is readable."""

LONGEST = len(PREFIX) + (LARGEST + 1) // 2 * 3
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_BASE = len(_DIGITS)


def text_of(octets: bytes) -> str:
    """The text of a code that holds ``octets``."""
    return PREFIX + _base45(octets)


def is_credential(text: str) -> bool:
    """Does the text say that it is a credential?"""
    return text.startswith(PREFIX)


def octets_of(text: str) -> bytes:
    """What the text holds; empty, which no site accepts, when it is no base45 or too long."""
    return b"" if len(text) > LONGEST else _octets(text.removeprefix(PREFIX)) or b""


def _base45(octets: bytes) -> str:
    digits = []
    for place in range(0, len(octets) - 1, 2):
        value = octets[place] * 256 + octets[place + 1]
        digits += [value % _BASE, value // _BASE % _BASE, value // _BASE**2]
    if len(octets) % 2:
        digits += [octets[-1] % _BASE, octets[-1] // _BASE]
    return "".join(_DIGITS[digit] for digit in digits)


def _octets(text: str) -> bytes | None:
    values = [_DIGITS.find(character) for character in text]
    if min(values, default=0) < 0 or len(values) % 3 == 1:
        return None
    octets = bytearray()
    for place in range(0, len(values) - 2, 3):
        low, middle, high = values[place : place + 3]
        value = low + middle * _BASE + high * _BASE**2
        if value > 0xFFFF:
            return None
        octets += value.to_bytes(2, "big")
    if len(values) % 3:
        value = values[-2] + values[-1] * _BASE
        if value > 0xFF:
            return None
        octets.append(value)
    return bytes(octets)
