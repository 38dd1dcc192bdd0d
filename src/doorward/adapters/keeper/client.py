"""The site key as the key keeper holds it: this process wraps and unwraps through the keeper, and never sees it."""

import os
import socket
import threading
from collections.abc import Sequence
from pathlib import Path

from doorward.adapters.keeper.calls import NAME, Call
from doorward.adapters.unix_socket.door import connected
from doorward.adapters.unix_socket.messages import Answer, MessageInvalid, receive, send
from doorward.errors import Conflict, DoorwardError, KeyRenewed, Sealed, StorageError, Tampered, WrongKey
from doorward.kernel.clock import Randomness
from doorward.kernel.ids import SiteId
from doorward.vault.memory import LockedSecret
from doorward.vault.ports import KeyProvider, KeyStore
from doorward.vault.site_keys import newest_version
from doorward.vault.wrapping import Bound, Wrapper

_ERRORS = {error.code: error for error in (Conflict, KeyRenewed, Sealed, StorageError, Tampered, WrongKey)}
_AT_ONCE = 10_000
"""Messages in one call."""

_GONE = "The site was sealed meanwhile; unseal it again: doorward unseal"


class Keeper:
    """A connection to a site's keeper, for several threads and, each with its own, for forked processes."""

    def __init__(self, folder: Path, connection: socket.socket) -> None:
        self._folder = folder
        self._connection = connection
        self._process = os.getpid()
        self._lock = threading.Lock()

    @staticmethod
    def of(folder: Path, site: SiteId) -> "Keeper | None":
        """The keeper whose socket is in ``folder``; ``None`` when none runs, or it keeps another site's key."""
        connection = connected(folder / NAME)
        if connection is None:
            return None
        keeper = Keeper(folder, connection)
        try:
            (held,) = keeper.ask(Call.HELLO)
        except (Sealed, ValueError):
            held = b""
        if held != site.encode():
            keeper.close()
            return None
        return keeper

    def ask(self, call: Call, *fields: bytes) -> Sequence[bytes]:
        """The keeper's answer; ``Sealed`` when it has ended, else the error that it met."""
        with self._lock:
            try:
                connection = self._own()
                send(connection, call, fields)
                answer = receive(connection)
            except (OSError, MessageInvalid):
                answer = None
        if answer is None:
            raise Sealed(_GONE)
        word, held = answer
        if word == Answer.DONE:
            return held
        raise _error(held)

    def close(self) -> None:
        self._connection.close()

    def _own(self) -> socket.socket:
        """A forked process must not talk into its parent's connection."""
        if self._process != os.getpid():
            fresh = connected(self._folder / NAME)
            if fresh is None:
                raise OSError
            self._connection.close()
            self._connection, self._process = fresh, os.getpid()
        return self._connection


class KeptSiteKeys:
    """``SiteKeys`` held by the keeper."""

    def __init__(self, site: SiteId, store: KeyStore, keeper: Keeper, randomness: Randomness) -> None:
        self._site = site
        self._store = store
        self._keeper = keeper
        self._randomness = randomness

    def close(self) -> None:
        self._keeper.close()

    def newest(self) -> int:
        return newest_version(self._store)

    def wrapper(self, version: int) -> Wrapper:
        return Wrapper(self._site, _KeptCipher(self._keeper, version), self._randomness)

    def renew(self) -> int:
        self._keeper.ask(Call.RENEW)
        return self.newest()

    def to_rewrap(self) -> int:
        return self._store.count_wrapped_before(self.newest())

    def rewrap(self, limit: int) -> int:
        (done,) = self._keeper.ask(Call.REWRAP, _number(limit))
        return int.from_bytes(done)

    def retire(self) -> None:
        self._keeper.ask(Call.RETIRE)

    def stage(self, provider: KeyProvider) -> LockedSecret:
        incoming = LockedSecret(provider.wrapping_key())
        self._keeper.ask(Call.STAGE, incoming.octets())
        return incoming

    def adopt(self, incoming: LockedSecret) -> None:
        self._keeper.ask(Call.ADOPT, incoming.octets())
        incoming.wipe()


class _KeptCipher:
    """``WrappingCipher`` under one version of the site key."""

    def __init__(self, keeper: Keeper, version: int) -> None:
        self._keeper = keeper
        self._version = _number(version)

    def encrypt(self, messages: Sequence[Bound]) -> list[bytes]:
        return self._each(Call.ENCRYPT, messages)

    def decrypt(self, messages: Sequence[Bound]) -> list[bytes]:
        return self._each(Call.DECRYPT, messages)

    def _each(self, call: Call, messages: Sequence[Bound]) -> list[bytes]:
        done: list[bytes] = []
        for start in range(0, len(messages), _AT_ONCE):
            asked = [part for message in messages[start : start + _AT_ONCE] for part in message]
            done += self._keeper.ask(call, self._version, *asked)
        return done


def _number(value: int) -> bytes:
    return value.to_bytes(4)


def _error(held: Sequence[bytes]) -> DoorwardError:
    code, sentence = (field.decode(errors="replace") for field in held[:2])
    return _ERRORS.get(code, Sealed)(sentence)
