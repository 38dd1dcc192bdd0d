"""Keys of legal holds: one key a hold, destroyed when it ends."""

from doorward.kernel.clock import Randomness
from doorward.kernel.ids import HoldId, SiteId
from doorward.vault.envelope import Place, open_sealed, seal
from doorward.vault.keyring import Keyring
from doorward.vault.ports import KeyKind


class HoldKeys:
    """Seals what belongs to a hold. Nothing of it opens once its key is destroyed."""

    def __init__(self, site: SiteId, keyring: Keyring, randomness: Randomness) -> None:
        self._site = site
        self._keyring = keyring
        self._randomness = randomness

    def create(self, hold: HoldId) -> None:
        """A fresh key; ``Conflict`` when the hold has one."""
        self._keyring.create(KeyKind.HOLD, hold)

    def held(self) -> tuple[HoldId, ...]:
        """The holds that have a key."""
        return tuple(map(HoldId, self._keyring.owners(KeyKind.HOLD)))

    def seal(self, hold: HoldId, plaintext: bytes) -> bytes:
        """``KeyError`` when the hold's key was destroyed."""
        key = self._keyring.get(KeyKind.HOLD, hold)
        if key is None:
            raise KeyError(hold)
        return seal(key.secret, key.id, self._place(hold), plaintext, self._randomness)

    def open(self, hold: HoldId, sealed: bytes) -> bytes | None:
        """The plaintext; ``None`` when the hold's key was destroyed, ``Tampered`` when it does not open."""
        key = self._keyring.get(KeyKind.HOLD, hold)
        return None if key is None else open_sealed(key.secret, key.id, self._place(hold), sealed)

    def destroy(self, hold: HoldId) -> None:
        self._keyring.destroy(KeyKind.HOLD, hold)

    def _place(self, hold: HoldId) -> Place:
        return Place(self._site, "grants", "legal hold", hold, "", 1)
