"""What the vault needs from outside: a place for wrapped keys, and somebody who gives the first key."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from doorward.kernel.ids import PersonId

KEY_LENGTH = 32
"""Bytes of every symmetric key: AES-256 and HMAC-SHA-256."""


class KeyKind(StrEnum):
    """What a key is for."""

    SITE = "site"
    PERSON = "person"
    EPOCH = "epoch"
    INDEX = "index"
    GRANTS = "grants"
    AUDIT = "audit"
    AUDIT_SIGNING = "audit signing"
    TLS = "tls"


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """A key as it lies in ``keys.db``: ``owner`` is a person's id, an epoch's hour, or empty."""

    id: str
    kind: KeyKind
    owner: str
    version: int
    created_at: datetime
    wrapped: bytes


class KeyStore(Protocol):
    """Wrapped keys and the blind index. Every write is durable when the call returns."""

    def add(self, key: WrappedKey) -> None:
        """Store a key; ``Conflict`` when a key of that kind, owner and version exists."""
        ...

    def newest(self, kind: KeyKind, owner: str) -> WrappedKey | None: ...

    def all(self, kind: KeyKind) -> Iterable[WrappedKey]: ...

    def destroy(self, kind: KeyKind, owner: str) -> None:
        """Overwrite and delete every version, so that the file holds no remnant when the call returns."""
        ...

    def index(self, kind: str, tag: bytes, person: PersonId) -> None:
        """Enter a blind tag; ``Conflict`` when another person holds it."""
        ...

    def find(self, kind: str, tag: bytes) -> PersonId | None: ...

    def unindex(self, person: PersonId, kind: str | None = None) -> None:
        """Remove the person's entries, of one kind or of every kind."""
        ...


class KeyProvider(Protocol):
    """Gives the key that wraps the site key."""

    def wrapping_key(self) -> bytes:
        """``KEY_LENGTH`` bytes; ``WrongKey`` or ``WrongUse`` when the provider cannot give them."""
        ...
