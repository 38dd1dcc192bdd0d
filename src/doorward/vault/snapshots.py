"""Keys of gallery snapshots: one key a snapshot, destroyed with it; its file sealed chunk by chunk (AES-256-GCM)."""

import struct

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from doorward.errors import Tampered
from doorward.kernel.ids import SiteId
from doorward.vault.envelope import prefixed
from doorward.vault.keyring import Key, Keyring
from doorward.vault.ports import KeyKind

TAG_LENGTH = 16
_FORMAT = "gallery snapshot 1"
_PLACE = struct.Struct(">Q?")


class SnapshotCipher:
    """Seals and opens the chunks of one snapshot, each at its number, the last as the last.

    A key seals one file, once: a chunk's number is its nonce.
    """

    def __init__(self, site: SiteId, snapshot: str, key: Key) -> None:
        self.snapshot = snapshot
        self._cipher = AESGCM(key.secret)
        self._binding = prefixed(_FORMAT) + prefixed(site) + prefixed(snapshot) + prefixed(key.id)

    def seal(self, number: int, plaintext: bytes, *, is_last: bool) -> bytes:
        """``plaintext`` and ``TAG_LENGTH`` bytes."""
        return self._cipher.encrypt(_nonce(number), plaintext, self._place(number, is_last))

    def open(self, number: int, sealed: bytes, *, is_last: bool) -> bytes:
        """The plaintext; ``Tampered`` when the chunk was altered, moved, or was not the last, or was."""
        try:
            return self._cipher.decrypt(_nonce(number), sealed, self._place(number, is_last))
        except InvalidTag:
            raise Tampered("The snapshot of the gallery was altered or cut short; delete it.") from None

    def _place(self, number: int, is_last: bool) -> bytes:
        return self._binding + _PLACE.pack(number, is_last)


class SnapshotKeys:
    """The keys of a site's snapshots. Whoever is erased or re-keyed takes all of them along."""

    def __init__(self, site: SiteId, keyring: Keyring) -> None:
        self._site = site
        self._keyring = keyring

    def create(self, snapshot: str) -> SnapshotCipher:
        """A fresh key for the snapshot of that id; make it before looking at what goes in."""
        return SnapshotCipher(self._site, snapshot, self._keyring.create(KeyKind.SNAPSHOT, snapshot))

    def get(self, snapshot: str) -> SnapshotCipher | None:
        """``None`` when its key was destroyed."""
        key = self._keyring.get(KeyKind.SNAPSHOT, snapshot)
        return None if key is None else SnapshotCipher(self._site, snapshot, key)

    def held(self) -> tuple[str, ...]:
        """The ids of snapshots that can still be opened."""
        return self._keyring.owners(KeyKind.SNAPSHOT)

    def destroy(self, snapshot: str) -> None:
        self._keyring.destroy(KeyKind.SNAPSHOT, snapshot)

    def destroy_all(self) -> None:
        for snapshot in self.held():
            self.destroy(snapshot)


def _nonce(number: int) -> bytes:
    return number.to_bytes(12, "big")
