"""What the vault needs from outside: a place for wrapped keys, and somebody who gives the first key."""

from collections.abc import Iterable, Mapping, Sequence
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
    TRAIL = "trail"
    EPOCH = "epoch"
    INDEX = "index"
    GRANTS = "grants"
    AUDIT = "audit"
    AUDIT_SIGNING = "audit signing"
    TLS = "tls"
    SNAPSHOT = "snapshot"
    CREDENTIAL = "credential"
    CREDENTIAL_SIGNING = "credential signing"
    DEVICE = "device"
    MOVING = "moving"
    HOLD = "hold"


class KeyState(StrEnum):
    """``RETIRING``: being replaced, still opens. ``RETIRED``: seals nothing more, opens what it sealed."""

    ACTIVE = "active"
    RETIRING = "retiring"
    RETIRED = "retired"


UNWRAPPED_BY_SITE = 0
"""``wrapped_by`` of a site key, which the provider's key wraps."""


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """A key as it lies in ``keys.db``: ``owner`` is a person's id, an epoch's hour, or empty.

    ``version`` counts from 1; ``wrapped_by`` is the version of the site key that wraps it.
    """

    id: str
    kind: KeyKind
    owner: str
    version: int
    created_at: datetime
    wrapped: bytes
    state: KeyState = KeyState.ACTIVE
    wrapped_by: int = 1


@dataclass(frozen=True, slots=True)
class KeyCount:
    """How many keys of one kind, version and state one site key version wraps, and when the oldest was made."""

    kind: KeyKind
    version: int
    state: KeyState
    wrapped_by: int
    count: int
    oldest: datetime


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """A blind tag of one kind, made with an index key of ``version``, and whose number it stands for."""

    kind: str
    tag: bytes
    person: PersonId
    version: int = 1


class KeyStore(Protocol):
    """Wrapped keys and the blind index. Every write is durable when the call returns."""

    def revision(self) -> str:
        """Another text as soon as anything that is stored was written since, by whomever; quick to ask for."""
        ...

    def add(self, key: WrappedKey) -> None:
        """Store a key; ``Conflict`` when a key of that kind, owner and version exists.

        ``KeyRenewed`` when another site key than the one that wraps it is the newest.
        """
        ...

    def add_many(self, keys: Sequence[WrappedKey], entries: Sequence[IndexEntry] = ()) -> None:
        """Store keys and index entries in one step, or none of them; ``Conflict`` and ``KeyRenewed`` as in ``add``.

        ``Conflict`` too when anybody holds one of the tags. No site key comes this way.
        """
        ...

    def newest(self, kind: KeyKind, owner: str) -> WrappedKey | None: ...

    def versions(self, kind: KeyKind, owner: str) -> Sequence[WrappedKey]:
        """Newest first."""
        ...

    def of_owners(self, kind: KeyKind, owners: Sequence[str]) -> Iterable[WrappedKey]:
        """Every version that any of ``owners`` has, in no stated order."""
        ...

    def all(self, kind: KeyKind) -> Iterable[WrappedKey]: ...

    def succeed(self, key: WrappedKey, beside: WrappedKey | None = None) -> None:
        """Store the next version of a key and mark earlier ones retiring; ``beside`` is stored in the same step.

        ``Conflict`` when the earlier version is gone or that version exists; ``KeyRenewed`` as in ``add``.
        """
        ...

    def mark_older(self, newest: WrappedKey, state: KeyState) -> None:
        """Give every earlier version of the same kind and owner a state."""
        ...

    def destroy_older(self, newest: WrappedKey) -> None:
        """Destroy every earlier version; ``Conflict`` while one of them wraps a key."""
        ...

    def owners_in(self, kind: KeyKind, state: KeyState) -> Sequence[str]: ...

    def wrapped_before(self, version: int, limit: int) -> Sequence[WrappedKey]:
        """At most ``limit`` keys that a site key older than ``version`` wraps."""
        ...

    def count_wrapped_before(self, version: int) -> int: ...

    def rewrap(self, keys: Sequence[WrappedKey]) -> None:
        """Replace the wraps of keys by id, in one step; who was destroyed meanwhile stays destroyed."""
        ...

    def replace(self, kind: KeyKind, owner: str, keys: Sequence[WrappedKey]) -> None:
        """Destroy every version of that kind and owner and store ``keys``, in one step."""
        ...

    def destroy(self, kind: KeyKind, owner: str) -> Sequence[bytes]:
        """Overwrite and delete every version; the wraps that were destroyed. The file should hold no remnant then."""
        ...

    def destroy_many(self, kinds: Sequence[KeyKind], people: Sequence[PersonId]) -> Sequence[bytes]:
        """``destroy`` of every one of ``kinds`` for every one of ``people``, and ``unindex`` of each, in one step."""
        ...

    def confirm_gone(self, wraps: Sequence[bytes]) -> None:
        """Search all that is stored for ``wraps`` that were destroyed; without any, write all of it anew.

        ``KeyRemnant`` when one is found and cannot be removed, or the search cannot be made.
        """
        ...

    def inventory(self) -> Sequence[KeyCount]: ...

    def index(self, kind: str, tag: bytes, person: PersonId, version: int = 1) -> None:
        """Enter a blind tag made with an index key of ``version``; ``Conflict`` when another person holds it."""
        ...

    def find(self, kind: str, tag: bytes) -> PersonId | None: ...

    def find_many(self, kind: str, tags: Sequence[bytes]) -> Mapping[bytes, PersonId]:
        """The holders of those ``tags`` that somebody holds."""
        ...

    def unindex(self, person: PersonId, kind: str | None = None, but: Sequence[bytes] = ()) -> None:
        """Remove the person's entries, of one kind or of every kind, in one step; the tags ``but`` stay."""
        ...

    def unindex_before(self, version: int) -> None:
        """Remove every entry that an older index key made."""
        ...


class KeyProvider(Protocol):
    """Gives the key that wraps the site key."""

    def wrapping_key(self) -> bytes:
        """``KEY_LENGTH`` bytes; ``WrongKey`` or ``WrongUse`` when the provider cannot give them."""
        ...
