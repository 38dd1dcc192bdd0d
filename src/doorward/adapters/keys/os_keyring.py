"""The operating system's keyring as key provider: Secret Service, KWallet, macOS Keychain or Windows' credentials."""

from collections.abc import Iterator

import keyring
from keyring.backend import KeyringBackend
from keyring.backends.chainer import ChainerBackend
from keyring.errors import KeyringError

from doorward.errors import StorageError, WrongKey
from doorward.kernel.clock import Randomness
from doorward.vault.ports import KEY_LENGTH

SERVICE = "doorward"


class KeyringProvider:
    """``KeyProvider`` over one entry of the user's keyring, which asks for what it needs by itself."""

    def __init__(self, entry: str) -> None:
        self._entry = entry

    def wrapping_key(self) -> bytes:
        try:
            held = keyring.get_password(SERVICE, self._entry)
        except KeyringError:
            raise WrongKey("The system's keyring cannot be read; unlock it and try again.") from None
        try:
            key = bytes.fromhex(held or "")
        except ValueError:
            key = b""
        if len(key) != KEY_LENGTH:
            raise WrongKey("The system's keyring holds no key for this site; is this the user who made the site?")
        return key


def make_keyring_entry(randomness: Randomness) -> str:
    """The name of a new entry with a new key.

    ``StorageError`` when there is no keyring that takes it, or none that encrypts what it takes.
    """
    if keeps_in_clear():
        raise StorageError(
            "The keyring that this system offers keeps secrets in the clear; name one that encrypts as "
            "default-keyring in keyringrc.cfg, or choose another provider."
        )
    entry, key = randomness.uuid(), randomness.octets(KEY_LENGTH).hex()
    try:
        keyring.set_password(SERVICE, entry, key)
        kept = keyring.get_password(SERVICE, entry)
    except KeyringError:
        kept = None
    if kept != key:
        raise StorageError("This system has no keyring that can be used; unlock it, or choose another provider.")
    return entry


def keeps_in_clear() -> bool:
    """Whether the keyring in use, or one that it may hand an entry on to, encrypts nothing."""
    return any(_is_clear(backend) for backend in _reached(keyring.get_keyring()))


def _reached(backend: KeyringBackend) -> Iterator[KeyringBackend]:
    """The backend and those behind it: the chain of keyring, and the wrapper of keyrings.alt for long entries."""
    yield backend
    if isinstance(backend, ChainerBackend):
        for one in backend.backends:
            yield from _reached(one)
    wrapped = getattr(backend, "_keyring", None)
    if isinstance(wrapped, KeyringBackend):
        yield from _reached(wrapped)


def _is_clear(backend: KeyringBackend) -> bool:
    """By the names of its classes: keyrings.alt, which has such backends, need not be installed here."""
    return any("plaintext" in kind.__name__.lower() for kind in type(backend).__mro__)


def remove_keyring_entry(entry: str) -> None:
    """``StorageError`` when the entry cannot be removed."""
    try:
        keyring.delete_password(SERVICE, entry)
    except KeyringError:
        raise StorageError("The entry cannot be removed from the system's keyring; remove it by hand.") from None
