"""The site key as the key keeper holds it: this process wraps and unwraps through the keeper, and never sees it."""

import os
import socket
import threading
from collections.abc import Sequence
from pathlib import Path

from doorward.adapters.keeper.calls import NAME, Call
from doorward.adapters.unix_socket.door import connected
from doorward.adapters.unix_socket.messages import Answer, MessageInvalid, receive, send
from doorward.errors import Conflict, DoorwardError, KeyRemnant, KeyRenewed, Sealed, StorageError, Tampered, WrongKey
from doorward.kernel.clock import Randomness
from doorward.kernel.ids import SiteId
from doorward.vault.memory import LockedSecret
from doorward.vault.ports import KeyProvider, KeyStore
from doorward.vault.site_keys import newest_version
from doorward.vault.wrapping import Bound, Wrapper

_ERRORS = {error.code: error for error in (Conflict, KeyRemnant, KeyRenewed, Sealed, StorageError, Tampered, WrongKey)}
_AT_ONCE = 10_000
"""Messages in one call."""

_GONE = "The site was sealed meanwhile, or its keeper cannot be reached; unseal it again: doorward unseal"


class Keeper:
    """A connection to a site's keeper, for several threads and, each with its own, for forked processes."""

    def __init__(self, folder: Path, site: SiteId, connection: socket.socket) -> None:
        self._folder = folder
        self._site = site
        self._connection = connection
        self._process = os.getpid()
        self._lock = threading.Lock()

    @staticmethod
    def of(folder: Path, site: SiteId) -> "Keeper | None":
        """The keeper whose socket is in ``folder``; ``None`` when none runs, or it keeps another site's key."""
        connection = _greeted(folder, site)
        return None if connection is None else Keeper(folder, site, connection)

    def ask(self, call: Call, *fields: bytes) -> Sequence[bytes]:
        """The keeper's answer; ``Sealed`` when it has ended, else the error that it met.

        After a connection that broke the next question makes a new one.
        """
        with self._lock:
            return self._asked(call, fields)

    def ask_at_length(self, call: Call, asked: bytes, more: Call) -> bytes:
        """The answer to one question whole, which comes in as many messages as it takes; errors as ``ask``."""
        with self._lock:
            part, is_more = self._asked(call, (asked,))
            parts = [part]
            while is_more != bytes(1):
                part, is_more = self._asked(more, ())
                parts.append(part)
        return b"".join(parts)

    def _asked(self, call: Call, fields: Sequence[bytes]) -> Sequence[bytes]:
        try:
            connection = self._own()
            send(connection, call, fields)
            answer = receive(connection)
        except (OSError, MessageInvalid):
            answer = None
        if answer is None:
            self._connection.close()
            raise Sealed(_GONE)
        word, held = answer
        if word == Answer.DONE:
            return held
        raise _error(held)

    def close(self) -> None:
        self._connection.close()

    def _own(self) -> socket.socket:
        """A forked process must not talk into its parent's connection, nor anybody into one that broke."""
        if self._process != os.getpid() or self._connection.fileno() < 0:
            fresh = _greeted(self._folder, self._site)
            if fresh is None:
                raise OSError
            self._connection.close()
            self._connection, self._process = fresh, os.getpid()
        return self._connection


def _greeted(folder: Path, site: SiteId) -> socket.socket | None:
    """A connection to the keeper of ``site``; ``None`` when none runs there, or it keeps another site's key."""
    connection = connected(folder / NAME)
    if connection is None:
        return None
    try:
        send(connection, Call.HELLO, ())
        if receive(connection) == (Answer.DONE, (site.encode(),)):
            return connection
    except (OSError, MessageInvalid):
        pass
    connection.close()
    return None


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
