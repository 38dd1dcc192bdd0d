"""Sealing the passages of many people at once: the same records as one by one, without asking for each key."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from doorward.kernel.clock import Randomness
from doorward.kernel.ids import PersonId, SiteId
from doorward.vault.derivation import Code, code_over, counted, derived
from doorward.vault.envelope import FORMAT, NONCE_LENGTH, SCHEMA, Cell, Place, open_sealed, pad, prefixed, unpad
from doorward.vault.keyring import Key
from doorward.vault.row_names import RowKind, RowNames

UNNAMED_KEY = "00000000-0000-0000-0000-000000000000"
"""Stands where naming the key would link a passage to a person."""

_FIRST = 1
_HEADER = bytes((FORMAT,)) + UUID(UNNAMED_KEY).bytes


@dataclass(frozen=True, slots=True, repr=False)
class Hour:
    """``tags``: the secret of the hour's tags."""

    key: Key
    tags: bytes

    @staticmethod
    def of(key: Key) -> "Hour":
        return Hour(key, tag_secret(key))


@dataclass(frozen=True, slots=True, repr=False)
class PersonsHour:
    """What seals, names and tags the passages of one person in one hour. ``place``: what their places end with."""

    cipher: AESGCM
    names: RowNames
    tag: Code
    place: bytes

    @staticmethod
    def of(hour: Hour, person: PersonId, key: Key, names: RowNames) -> "PersonsHour":
        """``key``: the person's newest; ``names``: what names their rows."""
        place = b"".join(map(prefixed, (person, UNNAMED_KEY, str(SCHEMA), str(_FIRST))))
        cipher = AESGCM(joined_secret(hour.key, key))
        return PersonsHour(cipher, names.of_epoch(hour.key.secret), Code(hour.tags, person.encode()), place)


class Unsealed(NamedTuple):
    """A passage that is to be sealed: its row, its person's ``number``-th of the hour."""

    row: str
    epoch: str
    person: PersonId
    number: int
    plaintext: bytes


class SealedPassage(NamedTuple):
    """``key``: the id of the hour's key; ``name``: the passage's in the log."""

    tag: bytes
    record: bytes
    key: str
    name: bytes


class PassageSealer:
    """Seals, tags and names passages in some hours of people whose keys were asked for."""

    def __init__(
        self,
        site: SiteId,
        hours: Mapping[str, Hour],
        people: Mapping[tuple[str, PersonId], PersonsHour],
        randomness: Randomness,
    ) -> None:
        self._head = b"".join(map(prefixed, (site, "passages", "record")))
        self._hours = hours
        self._people = people
        self._randomness = randomness

    def knows(self, epoch: str, person: PersonId) -> bool:
        """Neither was the hour dropped nor the person erased when the keys were asked for."""
        return (epoch, person) in self._people

    def seal(self, passages: Sequence[Unsealed]) -> Iterator[SealedPassage]:
        """In order. ``KeyError`` unless ``knows`` their hours and people."""
        nonces = self._randomness.octets(NONCE_LENGTH * len(passages))
        for number, one in enumerate(passages):
            own = self._people[one.epoch, one.person]
            nonce = nonces[number * NONCE_LENGTH : (number + 1) * NONCE_LENGTH]
            place = self._head + prefixed(one.row) + own.place
            yield SealedPassage(
                own.tag.of(counted(one.number)),
                _HEADER + nonce + own.cipher.encrypt(nonce, pad(one.plaintext), place),
                self._hours[one.epoch].key.id,
                own.names.name(RowKind.PASSAGE, one.row),
            )

    def tag(self, epoch: str, person: PersonId, number: int) -> bytes:
        """The blind tag of the person's ``number``-th passage of the hour."""
        return self._people[epoch, person].tag.of(counted(number))


def passage_opener(joined: Sequence[bytes], place_of: Callable[[Cell], Place]) -> Callable[[Cell, bytes], bytes]:
    """Opens what any of the secrets sealed: a record does not name the person's key. ``Tampered`` when none did."""
    ciphers = [AESGCM(secret) for secret in joined]

    def opened(cell: Cell, sealed: bytes) -> bytes:
        place = place_of(cell)
        bound, head = place.associated_data(UNNAMED_KEY), len(_HEADER)
        if isinstance(sealed, bytes) and sealed.startswith(_HEADER):
            for cipher in ciphers:
                with suppress(InvalidTag, ValueError):
                    nonce = sealed[head : head + NONCE_LENGTH]
                    return unpad(cipher.decrypt(nonce, sealed[head + NONCE_LENGTH :], bound))
        return open_sealed(joined[-1], UNNAMED_KEY, place, sealed)  # which says what is wrong

    return opened


def joined_secret(epoch_key: Key, person_key: Key) -> bytes:
    """What a passage is sealed under: dropping either key erases it."""
    return derived(epoch_key.secret + person_key.secret, b"passage")


def tag_secret(epoch_key: Key) -> bytes:
    return derived(epoch_key.secret, b"tag")


def passage_tag(secret: bytes, person: PersonId, number: int) -> bytes:
    """A code that never repeats, so that no two passages can be linked without the key."""
    return code_over(secret, person.encode(), counted(number))
