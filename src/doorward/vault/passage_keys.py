"""What seals passages, kept in memory while the site's keys stay as they are, so as not to be derived for each."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from threading import Lock

from doorward.kernel.clock import Randomness
from doorward.kernel.ids import PersonId, SiteId
from doorward.vault.keyring import Key, Keyring
from doorward.vault.passages import Hour, PassageSealer, PersonsHour
from doorward.vault.ports import KeyKind, KeyStore
from doorward.vault.row_names import RowNames, trail_secret

MOST_KEPT = 20_000
"""People's hours: more than pass in an hour at most sites, and some 60 MB of memory."""


class PassageKeys:
    """Keeps what was derived for an hour and a person, and of people's own keys none.

    It is dropped as soon as any key of the site was made, renewed or destroyed, by whichever process.
    """

    def __init__(self, site: SiteId, keyring: Keyring, keys: KeyStore, randomness: Randomness) -> None:
        self._site = site
        self._keyring = keyring
        self._keys = keys
        self._randomness = randomness
        self._revision = ""
        self._hours: dict[str, Hour] = {}
        self._people: dict[tuple[str, PersonId], PersonsHour] = {}
        self._one_at_a_time = Lock()

    def sealer(self, wanted: AbstractSet[tuple[str, PersonId]]) -> PassageSealer:
        """Seals for those of ``wanted``, each an hour and a person, whose keys there are at this moment."""
        with self._one_at_a_time:
            revision = self._keys.revision()  # asked for first: what changes while keys are read is read again
            if revision != self._revision or len(self._people) > MOST_KEPT:
                self._drop()
            self._revision = revision
            missing = [one for one in wanted if one not in self._people]
            if missing:
                self._derive(missing)
            held = {one: self._people[one] for one in wanted if one in self._people}
            return PassageSealer(self._site, dict(self._hours), held, self._randomness)

    def forget(self) -> None:
        """Drop all of it."""
        with self._one_at_a_time:
            self._drop()

    def _drop(self) -> None:
        self._revision = ""
        self._hours, self._people = {}, {}

    def _derive(self, missing: Sequence[tuple[str, PersonId]]) -> None:
        for epoch in {epoch for epoch, _ in missing} - set(self._hours):
            key = self._keyring.get(KeyKind.EPOCH, epoch)
            if key is not None:
                self._hours[epoch] = Hour.of(key)
        people = list({person for _, person in missing})
        newest, names = self._newest(people), {}
        # Asked for afterwards: a renewed key comes with its trail key.
        carried = {owner: key.secret for owner, key in self._keyring.of_owners(KeyKind.TRAIL, people)}
        for person, key in newest.items():
            names[person] = RowNames(self._site, carried.get(person) or trail_secret(key.secret))
        for epoch, person in missing:
            if epoch in self._hours and person in newest:
                made = PersonsHour.of(self._hours[epoch], person, newest[person], names[person])
                self._people[epoch, person] = made

    def _newest(self, people: Sequence[PersonId]) -> Mapping[PersonId, Key]:
        newest: dict[PersonId, Key] = {}
        for owner, key in self._keyring.of_owners(KeyKind.PERSON, people):
            known = newest.get(PersonId(owner))
            if known is None or known.version < key.version:
                newest[PersonId(owner)] = key
        return newest
