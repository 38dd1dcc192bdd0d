"""Secrets out of keys, and codes under them."""

import hmac
import struct
from hashlib import sha256

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from doorward.vault.ports import KEY_LENGTH

_LENGTH = struct.Struct(">I")
_COUNT = struct.Struct(">Q")


def derived(secret: bytes, info: bytes) -> bytes:
    """HKDF-SHA-256 (RFC 5869): a secret for one use."""
    return HKDF(algorithm=SHA256(), length=KEY_LENGTH, salt=None, info=b"doorward " + info).derive(secret)


def code_over(key: bytes, *parts: bytes) -> bytes:
    """HMAC-SHA-256 over length-prefixed parts, so that no two lists of parts share an encoding."""
    return hmac.digest(key, b"".join(_LENGTH.pack(len(part)) + part for part in parts), sha256)


def counted(number: int) -> bytes:
    return _COUNT.pack(number)
