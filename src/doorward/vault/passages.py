"""Sealing the passages of many people at once: the same records as one by one, without asking for each key."""

from collections.abc import Mapping

from doorward.kernel.clock import Randomness
from doorward.kernel.ids import PersonId, SiteId
from doorward.vault.derivation import code_over, counted, derived
from doorward.vault.envelope import Place, seal
from doorward.vault.keyring import Key
from doorward.vault.row_names import RowKind, RowNames

UNNAMED_KEY = "00000000-0000-0000-0000-000000000000"
"""Stands where naming the key would link a passage to a person."""

_FIRST = 1


class PassageSealer:
    """Seals, tags and names passages in some hours of people whose keys it holds.

    ``epochs``: the keys of the hours; ``people``: everybody's newest key; ``trails``: the secret of everybody's trail.
    """

    def __init__(
        self,
        site: SiteId,
        epochs: Mapping[str, Key],
        people: Mapping[PersonId, Key],
        names: Mapping[PersonId, RowNames],
        randomness: Randomness,
    ) -> None:
        self._site = site
        self._epochs = epochs
        self._people = people
        self._names = names
        self._randomness = randomness
        self._tag_secrets = {epoch: tag_secret(key) for epoch, key in epochs.items()}
        self._joined: dict[tuple[str, PersonId], bytes] = {}

    def knows(self, epoch: str, person: PersonId) -> bool:
        """Neither was the hour dropped nor the person erased when the keys were asked for."""
        return epoch in self._epochs and person in self._people

    def seal(self, row: str, epoch: str, person: PersonId, plaintext: bytes) -> bytes:
        """The record of a passage. ``KeyError`` unless ``knows``."""
        joined = self._joined.get((epoch, person))
        if joined is None:
            joined = self._joined[epoch, person] = joined_secret(self._epochs[epoch], self._people[person])
        place = Place(self._site, "passages", "record", row, person, _FIRST)
        return seal(joined, UNNAMED_KEY, place, plaintext, self._randomness)

    def tag(self, epoch: str, person: PersonId, number: int) -> bytes:
        """The blind tag of the person's ``number``-th passage of the hour."""
        return passage_tag(self._tag_secrets[epoch], person, number)

    def name(self, row: str, epoch: str, person: PersonId) -> tuple[str, bytes]:
        """The id of the hour's key, and the passage's name in the log."""
        key = self._epochs[epoch]
        return key.id, self._names[person].of_epoch(key.secret).name(RowKind.PASSAGE, row)


def joined_secret(epoch_key: Key, person_key: Key) -> bytes:
    """What a passage is sealed under: dropping either key erases it."""
    return derived(epoch_key.secret + person_key.secret, b"passage")


def tag_secret(epoch_key: Key) -> bytes:
    return derived(epoch_key.secret, b"tag")


def passage_tag(secret: bytes, person: PersonId, number: int) -> bytes:
    """A code that never repeats, so that no two passages can be linked without the key."""
    return code_over(secret, person.encode(), counted(number))
