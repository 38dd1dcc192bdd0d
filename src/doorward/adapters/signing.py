"""What a site signs: Ed25519 (RFC 8032), each use with its own prefix so that no signature serves two."""

from collections.abc import Collection
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from doorward.errors import DoorwardError


@dataclass(frozen=True, slots=True)
class Signature:
    """Both in hexadecimal: a public key of 32 bytes, a signature of 64."""

    public_key: str
    value: str


class Signer:
    """Signs with the key that ``seed`` (32 bytes) gives."""

    def __init__(self, seed: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)

    @property
    def public_key(self) -> str:
        return self._key.public_key().public_bytes_raw().hex()

    def sign(self, use: str, statement: bytes) -> Signature:
        return Signature(self.public_key, self._key.sign(_prefixed(use, statement)).hex())


def check_signature(
    use: str, statement: bytes, signature: Signature | None, trusted: Collection[str], refusal: DoorwardError
) -> bytes:
    """``statement`` itself; ``refusal`` is raised when no trusted key signed it for this use."""
    try:
        if signature is None or signature.public_key not in trusted:
            raise InvalidSignature
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(signature.public_key))
        key.verify(bytes.fromhex(signature.value), _prefixed(use, statement))
    except (InvalidSignature, ValueError):
        raise refusal from None
    return statement


def _prefixed(use: str, statement: bytes) -> bytes:
    return f"doorward {use} 1\n".encode() + statement
