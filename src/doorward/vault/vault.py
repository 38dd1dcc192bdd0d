"""The vault: seals and opens records for store adapters, which never see a key."""

import hmac
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime

from doorward.errors import Conflict, PersonUnknown, Tampered
from doorward.kernel.clock import Clock, Randomness
from doorward.kernel.ids import PersonId, SiteId
from doorward.vault.bulk import BulkOpener, BulkSealer
from doorward.vault.credentials import CredentialKeys
from doorward.vault.derivation import blind_tag, code_over, derived
from doorward.vault.device_bodies import DeviceBodyKeys
from doorward.vault.envelope import Cell as Cell
from doorward.vault.envelope import Place, named_key, open_sealed, seal
from doorward.vault.holds import HoldKeys
from doorward.vault.keyring import Key, Keyring, named_among
from doorward.vault.log_signing import LogSigningKeys
from doorward.vault.moving import MovingKeys
from doorward.vault.passage_keys import PassageKeys
from doorward.vault.passages import (
    UNNAMED_KEY,
    PassageSealer,
    joined_secret,
    passage_opener,
    passage_tag,
    tag_secret,
)
from doorward.vault.ports import IndexEntry, KeyKind, KeyStore
from doorward.vault.row_names import RowNames, trail_secret
from doorward.vault.site_keys import SiteKeys
from doorward.vault.snapshots import SnapshotKeys
from doorward.vault.trails import Trail

_HOUR = len("2026-11-23T06")


def epoch_of(moment: datetime) -> str:
    """The hour that ``moment`` (aware) lies in, in UTC: ``2026-11-23T06``."""
    return moment.astimezone(UTC).isoformat(timespec="hours")[:_HOUR]


class Vault:
    """Seals under person, epoch and site-wide keys; authenticates rows; makes blind tags."""

    def __init__(self, site: SiteId, keyring: Keyring, keys: KeyStore, clock: Clock, randomness: Randomness) -> None:
        self.site = site
        self.clock = clock
        self.randomness = randomness
        self._keyring = keyring
        self._keys = keys
        self._passage_keys = PassageKeys(site, keyring, keys, randomness)

    def admit(self, person: PersonId) -> None:
        """Make the person's key. It comes before the first row about them."""
        self._keyring.create(KeyKind.PERSON, person)

    def admit_many(self, people: Sequence[PersonId], numbers: Iterable[tuple[str, str, PersonId]] = ()) -> BulkSealer:
        """Make the keys of many new people and enter their unique numbers (kind, value, holder), all or nothing.

        ``Conflict`` when one of them is known or somebody else holds one of the numbers.
        """
        keys = self._index_keys()
        entries = []
        for kind, value, person in numbers:
            if any(self._keys.find(kind, blind_tag(key.secret, kind, value)) for key in keys[1:]):  # not renewed yet
                raise Conflict(f"Another person holds a {kind} number among those; check them.")
            entries.append(IndexEntry(kind, blind_tag(keys[0].secret, kind, value), person, keys[0].version))
        return BulkSealer(self.site, self._keyring.create_many(KeyKind.PERSON, people, entries), self.randomness)

    def opener(self, people: Sequence[PersonId]) -> BulkOpener:
        """Opens what is sealed for those of ``people`` who have a key at this moment."""
        return BulkOpener(self.site, self._keyring.of_owners(KeyKind.PERSON, people))

    def shred(self, person: PersonId) -> Sequence[bytes]:
        """Destroy the person's keys and blind index entries: what was sealed for them is noise from here on.

        The snapshots of the gallery go with them. The wraps that were destroyed are returned.
        """
        self.snapshots().destroy_all()
        wraps = [*self._keyring.destroy(KeyKind.PERSON, person), *self._keyring.destroy(KeyKind.TRAIL, person)]
        self._keys.unindex(person)
        return wraps

    def erase(self, person: PersonId) -> None:
        """Shred, and see that nothing is left of the keys; ``KeyRemnant`` after all else is done.

        Where a crash destroyed the keys before they were seen off, keys.db is written anew.
        """
        self._keys.confirm_gone(self.shred(person))

    def erase_many(self, people: Sequence[PersonId]) -> None:
        """``erase`` for many people in one step."""
        self.snapshots().destroy_all()
        self._keys.confirm_gone(self._keyring.destroy_many((KeyKind.PERSON, KeyKind.TRAIL), people))

    def renew_person(self, person: PersonId) -> None:
        """Give the person a new key; what the old one sealed opens until ``forget_old_key``.

        The tags of their audit entries stay: the secret they are made with is carried over.
        """
        oldest = self._person_keys(person)[-1]
        self._keyring.renew(KeyKind.PERSON, person, beside=(KeyKind.TRAIL, trail_secret(oldest.secret)))

    def renew_record(self, cell: Cell, person: PersonId, sealed: bytes) -> bytes:
        """The record sealed under the person's newest key; itself when it is already."""
        if named_key(sealed) == self._person_key(person).id:
            return sealed
        return self.seal_for_person(cell, person, self.open_for_person(cell, person, sealed))

    def forget_old_key(self, person: PersonId) -> None:
        """Destroy the person's earlier keys, once nothing is sealed under them."""
        self.snapshots().destroy_all()  # made before, they may hold what was sealed under those keys
        self._keyring.finish(KeyKind.PERSON, person)

    def renewing(self) -> tuple[PersonId, ...]:
        """Whose renewal was begun and not ended."""
        return tuple(PersonId(owner) for owner in self._keyring.renewing(KeyKind.PERSON))

    def knows(self, person: PersonId) -> bool:
        return self._keyring.get(KeyKind.PERSON, person) is not None

    def seal_for_person(self, cell: Cell, person: PersonId, plaintext: bytes) -> bytes:
        key = self._person_key(person)
        return seal(key.secret, key.id, self._place(cell, person), plaintext, self.randomness)

    def open_for_person(self, cell: Cell, person: PersonId, sealed: bytes) -> bytes:
        """The plaintext; ``PersonUnknown`` when the person's key is gone, ``Tampered`` when it does not open."""
        key = named_among(self._person_keys(person), sealed)
        return open_sealed(key.secret, key.id, self._place(cell, person), sealed)

    def seal_for_epoch(self, cell: Cell, epoch: str, person: PersonId, plaintext: bytes) -> bytes:
        """Sealed under epoch key and person key joined: dropping either erases it."""
        joined = joined_secret(self._keyring.get_or_create(KeyKind.EPOCH, epoch), self._person_key(person))
        return seal(joined, UNNAMED_KEY, self._place(cell, person), plaintext, self.randomness)

    def open_for_epoch(self, cell: Cell, epoch: str, person: PersonId, sealed: bytes) -> bytes | None:
        """The plaintext, or ``None`` when the epoch's key was dropped."""
        opened = self.opener_for_epoch(epoch, person)
        return None if opened is None else opened(cell, sealed)

    def opener_for_epoch(self, epoch: str, person: PersonId) -> Callable[[Cell, bytes], bytes] | None:
        """``open_for_epoch`` for the person's records of one epoch, without asking for the keys each time."""
        key = self._keyring.get(KeyKind.EPOCH, epoch)
        if key is None:
            return None
        joined = [joined_secret(key, own) for own in self._person_keys(person)]
        return passage_opener(joined, lambda cell: self._place(cell, person))

    def epoch_tag(self, epoch: str, person: PersonId, number: int) -> bytes | None:
        """The blind tag of the person's ``number``-th passage of an epoch; ``None`` when the epoch was dropped."""
        key = self._keyring.get(KeyKind.EPOCH, epoch)
        return None if key is None else passage_tag(tag_secret(key), person, number)

    def tagger(self, epoch: str) -> Callable[[PersonId, int], bytes] | None:
        """``epoch_tag`` of one epoch for many people, without asking for its key each time."""
        key = self._keyring.get(KeyKind.EPOCH, epoch)
        if key is None:
            return None
        secret = tag_secret(key)
        return lambda person, number: passage_tag(secret, person, number)

    def passage_sealer(self, wanted: AbstractSet[tuple[str, PersonId]]) -> PassageSealer:
        """Seals for those of ``wanted``, each an hour and a person, whose keys there are at this moment."""
        return self._passage_keys.sealer(wanted)

    def forget_passage_keys(self) -> None:
        """Drop what ``passage_sealer`` keeps in memory so as not to derive it anew each time."""
        self._passage_keys.forget()

    def open_epoch(self, epoch: str) -> None:
        self._keyring.get_or_create(KeyKind.EPOCH, epoch)

    def epochs(self) -> tuple[str, ...]:
        return self._keyring.owners(KeyKind.EPOCH)

    def epoch_keys(self) -> Mapping[str, str]:
        """The epochs that are not dropped, by the ids of their keys."""
        return {key.id: key.owner for key in self._keys.all(KeyKind.EPOCH)}

    def drop_epoch(self, epoch: str) -> None:
        self._keyring.destroy(KeyKind.EPOCH, epoch)

    def seal_for_audit(self, cell: Cell, plaintext: bytes) -> bytes:
        return self.sealer_for_audit()(cell, plaintext)

    def sealer_for_audit(self) -> Callable[[Cell, bytes], bytes]:
        """``seal_for_audit`` for the parts of one entry, without asking for the key each time."""
        key = self._keyring.get_or_create(KeyKind.AUDIT)
        return lambda cell, plaintext: seal(
            key.secret, key.id, self._place(cell, PersonId("")), plaintext, self.randomness
        )

    def open_for_audit(self, cell: Cell, sealed: bytes) -> bytes:
        return self.opener_for_audit()(cell, sealed)

    def opener_for_audit(self) -> Callable[[Cell, bytes], bytes]:
        """``open_for_audit`` for many entries, without asking for the keys each time."""
        keys = self._keyring.versions(KeyKind.AUDIT) or (self._keyring.get_or_create(KeyKind.AUDIT),)

        def opened(cell: Cell, sealed: bytes) -> bytes:
            key = named_among(keys, sealed)
            return open_sealed(key.secret, key.id, self._place(cell, PersonId("")), sealed)

        return opened

    def trail(self, person: PersonId) -> Trail:
        """A person's part of the audit log; ``PersonUnknown`` when they were erased."""
        own = self._person_key(person)  # asked for first: a renewed key comes with its trail key
        carried = self._keyring.get(KeyKind.TRAIL, person)
        return Trail(self.site, person, trail_secret(own.secret) if carried is None else carried.secret)

    def trails(self, people: Sequence[PersonId]) -> Mapping[PersonId, Trail]:
        """``trail`` of those of ``people`` who have a key at this moment."""
        own = dict(self._keyring.of_owners(KeyKind.PERSON, people))
        # Asked for afterwards: a renewed key comes with its trail key.
        carried = {owner: key.secret for owner, key in self._keyring.of_owners(KeyKind.TRAIL, people)}
        return {
            PersonId(owner): Trail(self.site, PersonId(owner), carried.get(owner) or trail_secret(key.secret))
            for owner, key in own.items()
        }

    def row_names(self, person: PersonId) -> RowNames:
        """Names the person's rows in the log, whichever key they have; ``PersonUnknown`` when they were erased."""
        return self.trail(person).names()

    def row_names_of(self, people: Sequence[PersonId]) -> Iterator[tuple[PersonId, RowNames]]:
        """Names the rows of those of ``people`` who have a key at this moment."""
        for person, trail in self.trails(people).items():
            yield person, trail.names()

    def passage_names(self, epoch: str) -> tuple[str, Callable[[RowNames], RowNames]] | None:
        """The id of the epoch's key, and what names people's passages of it; ``None`` when the epoch was dropped."""
        key = self._keyring.get(KeyKind.EPOCH, epoch)
        return None if key is None else (key.id, lambda names: names.of_epoch(key.secret))

    def people(self) -> tuple[PersonId, ...]:
        """Everybody who has a key."""
        return tuple(PersonId(owner) for owner in self._keyring.owners(KeyKind.PERSON))

    def enter_index(self, kind: str, value: str, person: PersonId) -> None:
        """Enter a unique value (a document or badge number); ``Conflict`` when somebody else holds it."""
        newest, *older = self._index_keys()
        for key in older:  # entries that are not renewed yet
            holder = self._keys.find(kind, blind_tag(key.secret, kind, value))
            if holder not in (None, person):
                raise Conflict(f"Another person holds that {kind} number; check it, or find their record.")
        self._keys.index(kind, blind_tag(newest.secret, kind, value), person, newest.version)

    def look_up(self, kind: str, value: str) -> PersonId | None:
        for key in self._index_keys():
            holder = self._keys.find(kind, blind_tag(key.secret, kind, value))
            if holder is not None:
                return holder
        return None

    def look_up_many(self, numbers: Iterable[tuple[str, str]]) -> Mapping[tuple[str, str], PersonId]:
        """The holders of those ``numbers``, each a kind and a value, that somebody holds."""
        wanted, keys = set(numbers), self._index_keys()
        tags = {(kind, blind_tag(key.secret, kind, value)): (kind, value) for kind, value in wanted for key in keys}
        found: dict[tuple[str, str], PersonId] = {}
        for kind in {kind for kind, _ in wanted}:
            of_kind = [tag for other, tag in tags if other == kind]
            found |= {tags[kind, tag]: who for tag, who in self._keys.find_many(kind, of_kind).items()}
        return found

    def leave_index(self, kind: str, person: PersonId, but: str | None = None) -> None:
        """Remove what the person has entered of that kind, except the value ``but``."""
        kept = () if but is None else tuple(blind_tag(key.secret, kind, but) for key in self._index_keys())
        self._keys.unindex(person, kind, kept)

    def authenticate(self, cell: Cell, payload: bytes) -> bytes:
        """HMAC-SHA-256 over a row that grants something, so that writing the database grants nothing.

        Call it while holding the database's write lock: else a renewal of the key can pass the row by.
        """
        return self.authenticator()(cell, payload)

    def authenticator(self) -> Callable[[Cell, bytes], bytes]:
        """``authenticate`` for many rows, without asking for the key each time."""
        key = self._keyring.get_or_create(KeyKind.GRANTS)
        return lambda cell, payload: self._code(key, cell, payload)

    def check(self, cell: Cell, payload: bytes, mac: bytes) -> bytes:
        """``payload`` itself; ``Tampered`` when its code does not fit."""
        return self.checker()(cell, payload, mac)

    def checker(self) -> Callable[[Cell, bytes, bytes], bytes]:
        """``check`` for many rows, without asking for the keys each time."""
        keys = self._keyring.versions(KeyKind.GRANTS)

        def checked(cell: Cell, payload: bytes, mac: bytes) -> bytes:
            codes = (self._code(key, cell, payload) for key in keys)
            if not isinstance(mac, bytes) or not any(hmac.compare_digest(code, mac) for code in codes):
                raise Tampered(
                    f"A row of table {cell.table} was not written by this site; remove it or restore the database."
                )
            return payload

        return checked

    def secret_for(self, use: str) -> bytes:
        """A 32-byte secret for a use inside the site, the same as long as the site lives."""
        keys = self._keyring.versions(KeyKind.TLS) or (self._keyring.get_or_create(KeyKind.TLS),)
        return derived(keys[-1].secret, use.encode())

    def renewed_secret_for(self, use: str) -> bytes:
        """A 32-byte secret under the newest key: it changes with `doorward keys rotate tls`."""
        return derived(self._keyring.get_or_create(KeyKind.TLS).secret, use.encode())

    def renew_grants_key(self) -> None:
        """From here on rows are authenticated under a new key; the old one checks until it is forgotten."""
        self._renew(KeyKind.GRANTS)

    def forget_old_grants_key(self) -> None:
        self._keyring.finish(KeyKind.GRANTS)

    def renew_index_key(self) -> None:
        """From here on tags are made under a new key; those of the old one are found until it is forgotten."""
        self._renew(KeyKind.INDEX)

    def forget_old_index_key(self) -> None:
        """Remove the tags that the old key made, and destroy it."""
        self._keys.unindex_before(self._index_keys()[0].version)
        self._keyring.finish(KeyKind.INDEX)

    def renew_audit_key(self) -> None:
        """From here on entries are sealed under a new key; what older ones sealed opens as long as the site lives."""
        self._renew(KeyKind.AUDIT)
        self._keyring.finish(KeyKind.AUDIT, keep=True)

    def renew_tls_key(self) -> None:
        """Change what ``renewed_secret_for`` gives; ``tls_key_renewed`` ends it."""
        self._renew(KeyKind.TLS)

    def is_renewing_tls(self) -> bool:
        """Whether ``renew_tls_key`` was called and ``tls_key_renewed`` was not."""
        return bool(self._keyring.renewing(KeyKind.TLS))

    def tls_key_renewed(self) -> None:
        self._keyring.finish(KeyKind.TLS, keep=True)

    def site_keys(self) -> SiteKeys:
        """The site key, for those who renew it or change its provider."""
        return self._keyring.site_keys

    def snapshots(self) -> SnapshotKeys:
        """The keys of the gallery's snapshots."""
        return SnapshotKeys(self.site, self._keyring)

    def log_signing(self) -> LogSigningKeys:
        """The keys that sign the audit log's checkpoints."""
        return LogSigningKeys(self._keyring)

    def credentials(self) -> CredentialKeys:
        """The keys that seal and sign what people carry."""
        return CredentialKeys(self.site, self._keyring, self.randomness)

    def device_bodies(self) -> DeviceBodyKeys:
        """The keys that devices seal to."""
        return DeviceBodyKeys(self.site, self._keyring)

    def moving(self) -> MovingKeys:
        """The keys under which other sites seal people for this one."""
        return MovingKeys(self._keyring)

    def holds(self) -> HoldKeys:
        """The keys of legal holds."""
        return HoldKeys(self.site, self._keyring, self.randomness)

    def close(self) -> None:
        """Wipe the site key; nothing is sealed or opened any more."""
        self.forget_passage_keys()
        self._keyring.site_keys.close()

    def _renew(self, kind: KeyKind) -> None:
        self._keyring.get_or_create(kind)
        self._keyring.renew(kind)

    def _person_keys(self, person: PersonId) -> tuple[Key, ...]:
        keys = self._keyring.versions(KeyKind.PERSON, person)
        if not keys:
            raise PersonUnknown("No such person is known here; `doorward people list` shows who is.")
        return keys

    def _person_key(self, person: PersonId) -> Key:
        return self._person_keys(person)[0]

    def _index_keys(self) -> tuple[Key, ...]:
        return self._keyring.versions(KeyKind.INDEX) or (self._keyring.get_or_create(KeyKind.INDEX),)

    def _code(self, key: Key, cell: Cell, payload: bytes) -> bytes:
        return code_over(key.secret, self._place(cell, PersonId("")).associated_data(key.id), payload)

    def _place(self, cell: Cell, person: PersonId) -> Place:
        return Place(self.site, cell.table, cell.column, cell.row, person, cell.generation)
