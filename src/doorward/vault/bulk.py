"""Sealing and opening the records of many people: the same records as one by one, without asking for each key."""

from collections.abc import Iterable, Mapping
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from doorward.kernel.clock import Randomness
from doorward.kernel.ids import PersonId, SiteId
from doorward.vault.envelope import FORMAT, HEADER, NONCE_LENGTH, SCHEMA, pad, prefixed, unpad
from doorward.vault.keyring import Key
from doorward.vault.row_names import RowKind, RowNames, trail_secret

_FIRST = 1
"""The generation of every new record."""


class _Places:
    """Associated data of ``Place``, put together from parts that are made once."""

    def __init__(self, site: SiteId) -> None:
        self._site = prefixed(site)
        self._columns: dict[tuple[str, str], bytes] = {}

    def of(self, table: str, column: str, row: str, holder: bytes, generation: int) -> bytes:
        head = self._columns.get((table, column))
        if head is None:
            head = self._columns[table, column] = self._site + prefixed(table) + prefixed(column)
        return head + prefixed(row) + holder + _tail(generation)


@lru_cache(maxsize=64)
def _tail(generation: int) -> bytes:
    return prefixed(str(SCHEMA)) + prefixed(str(generation))


class BulkSealer:
    """Seals the first records of people whose keys were just made."""

    def __init__(self, site: SiteId, keys: Mapping[str, Key], randomness: Randomness) -> None:
        self._site = site
        self._places = _Places(site)
        self._randomness = randomness
        self._secrets = {owner: key.secret for owner, key in keys.items()}
        self._keys = {
            owner: (AESGCM(key.secret), prefixed(owner) + prefixed(key.id), bytes([FORMAT]) + _octets(key.id))
            for owner, key in keys.items()
        }

    def seal(self, table: str, column: str, row: str, person: PersonId, plaintext: bytes) -> bytes:
        """Sealed at generation 1. ``KeyError`` for anybody else than those it was made for."""
        cipher, holder, header = self._keys[person]
        nonce = self._randomness.octets(NONCE_LENGTH)
        place = self._places.of(table, column, row, holder, _FIRST)
        return header + nonce + cipher.encrypt(nonce, pad(plaintext), place)

    def row_names(self, person: PersonId, rows: Iterable[tuple[RowKind, str]]) -> list[bytes]:
        """The names of the person's ``rows`` in the log. ``KeyError`` as in ``seal``."""
        names = RowNames(self._site, trail_secret(self._secrets[person]))
        return [names.name(kind, row) for kind, row in rows]


class BulkOpener:
    """Opens the records of many people, whichever of their keys each names."""

    def __init__(self, site: SiteId, keys: Iterable[tuple[str, Key]]) -> None:
        self._places = _Places(site)
        self._keys: dict[str, dict[bytes, tuple[AESGCM, bytes]]] = {}
        for owner, key in keys:
            held = self._keys.setdefault(owner, {})
            held[_octets(key.id)] = AESGCM(key.secret), prefixed(owner) + prefixed(key.id)

    def knows(self, person: PersonId) -> bool:
        return person in self._keys

    def open(
        self, table: str, column: str, row: str, person: PersonId, generation: int, sealed: object
    ) -> bytes | None:
        """The plaintext; ``None`` when it does not open, be it damaged or its key just renewed: ask for it singly."""
        if not isinstance(sealed, bytes) or len(sealed) < HEADER.size or sealed[0] != FORMAT:
            return None
        named = self._keys.get(person, {}).get(sealed[1 : HEADER.size - NONCE_LENGTH])
        if named is None:
            return None
        cipher, holder = named
        place = self._places.of(table, column, row, holder, generation)
        nonce = sealed[HEADER.size - NONCE_LENGTH : HEADER.size]
        try:
            return unpad(cipher.decrypt(nonce, sealed[HEADER.size :], place))
        except (InvalidTag, ValueError):  # ValueError: shorter than a tag
            return None


def _octets(key_id: str) -> bytes:
    return bytes.fromhex(key_id.replace("-", ""))
