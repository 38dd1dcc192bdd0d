"""A passphrase as key provider."""

from collections.abc import Callable

from doorward.vault.passphrase import Argon2Cost, derive_key


class PassphraseProvider:
    """``KeyProvider``: Argon2id of a passphrase that is asked for when the key is needed, and not kept."""

    def __init__(self, ask: Callable[[], str], salt: bytes, cost: Argon2Cost) -> None:
        self._ask = ask
        self._salt = salt
        self._cost = cost

    def wrapping_key(self) -> bytes:
        return derive_key(self._ask(), self._salt, self._cost)
