"""The administrator's secret, without which no server listens beyond this machine."""

import unicodedata

from argon2 import PasswordHasher

from doorward.adapters.stores.face.grant_store import GrantStore
from doorward.errors import WrongUse

SHORTEST_SECRET = 12
"""Characters. NIST SP 800-63B-4 asks for 8 beside another factor; here the site's passphrase or key is that."""

_KIND, _NAME = "administrator", "secret"


class Administrator:
    """Kept as an Argon2id hash (RFC 9106) in a granted row: who writes the database sets no secret."""

    def __init__(self, grants: GrantStore, hasher: PasswordHasher | None = None) -> None:
        self._grants = grants
        self._hasher = hasher or PasswordHasher()

    def set_secret(self, secret: str) -> None:
        """Set or replace the secret; ``WrongUse`` when it is shorter than ``SHORTEST_SECRET``."""
        secret = unicodedata.normalize("NFKC", secret)
        if len(secret) < SHORTEST_SECRET:
            raise WrongUse(
                f"The secret is too short: use at least {SHORTEST_SECRET} characters, such as five random words."
            )
        self._grants.put(_KIND, _NAME, {"argon2id": self._hasher.hash(secret)})

    def has_secret(self) -> bool:
        """``Tampered`` when the row was not written by this site."""
        return self._grants.get(_KIND, _NAME) is not None
