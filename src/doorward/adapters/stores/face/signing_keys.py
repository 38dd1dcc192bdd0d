"""Whose signatures count as this site's: today's signing key, and those before it."""

from doorward.adapters.signing import Signer
from doorward.adapters.stores.face.grant_store import GrantStore
from doorward.vault.vault import Vault

_KIND = "signing key"


class SigningKeys:
    """Public keys lie in granted rows: who writes the database without the key adds none."""

    def __init__(self, grants: GrantStore, vault: Vault) -> None:
        self._grants = grants
        self._vault = vault

    def signer(self) -> Signer:
        """Today's signer, its public key entered so that what it signs is known after a change of keys."""
        signer = Signer(self._vault.secret_for("receipts"))
        if self._grants.get(_KIND, signer.public_key) is None:
            self._grants.put(_KIND, signer.public_key, {"since": self._vault.clock.now().date().isoformat()})
        return signer

    def trusted(self) -> frozenset[str]:
        """Public keys in hexadecimal."""
        today = Signer(self._vault.secret_for("receipts")).public_key
        return frozenset({today, *(name for name, _ in self._grants.all(_KIND))})
