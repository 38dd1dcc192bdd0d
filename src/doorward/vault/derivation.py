"""Secrets out of keys, and codes under them."""

import hmac
import struct
from hashlib import sha256

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from doorward.vault.ports import KEY_LENGTH

_LENGTH = struct.Struct(">I")
_COUNT = struct.Struct(">Q")
_BLOCK = 64
_INNER, _OUTER = (bytes(octet ^ pad for octet in range(256)) for pad in (0x36, 0x5C))


def derived(secret: bytes, info: bytes) -> bytes:
    """HKDF-SHA-256 (RFC 5869): a secret for one use."""
    return HKDF(algorithm=SHA256(), length=KEY_LENGTH, salt=None, info=b"doorward " + info).derive(secret)


def code_over(key: bytes, *parts: bytes) -> bytes:
    """HMAC-SHA-256 over length-prefixed parts, so that no two lists of parts share an encoding."""
    return hmac.digest(key, b"".join(_LENGTH.pack(len(part)) + part for part in parts), sha256)


class Code:
    """``code_over`` many lists of two parts under one key, of which the first is always the same."""

    def __init__(self, key: bytes, first: bytes) -> None:
        # HMAC (RFC 2104) by hand, for its states after the key can be copied: making them is most of its cost.
        block = key.ljust(_BLOCK, b"\0")
        self._inner = sha256(block.translate(_INNER) + _LENGTH.pack(len(first)) + first)
        self._outer = sha256(block.translate(_OUTER))

    def of(self, second: bytes) -> bytes:
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(_LENGTH.pack(len(second)) + second)
        outer.update(inner.digest())
        return outer.digest()


def counted(number: int) -> bytes:
    return _COUNT.pack(number)


def blind_tag(key: bytes, kind: str, value: str) -> bytes:
    """What stands for a unique value in the blind index."""
    return code_over(key, kind.encode(), value.encode())
