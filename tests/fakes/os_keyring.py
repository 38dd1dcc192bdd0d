"""A keyring of the operating system's in memory, through the library's own interface for backends."""

from collections.abc import Iterator

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked, PasswordDeleteError


class FakeOsKeyring(KeyringBackend):
    """``locked``: every call fails, as with a keyring whose user is not logged in."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()
        self.entries: dict[tuple[str, str], str] = {}
        self.locked = False

    def get_password(self, service: str, username: str) -> str | None:
        self._check()
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._check()
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._check()
        if self.entries.pop((service, username), None) is None:
            raise PasswordDeleteError("no such entry")

    def _check(self) -> None:
        if self.locked:
            raise KeyringLocked("locked")


@pytest.fixture
def os_keyring() -> Iterator[FakeOsKeyring]:
    """In place of the operating system's, for one test."""
    before, fake = keyring.get_keyring(), FakeOsKeyring()
    keyring.set_keyring(fake)
    yield fake
    keyring.set_keyring(before)
