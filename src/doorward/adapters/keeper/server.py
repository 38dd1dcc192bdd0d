"""The keeper's side: answers what is asked of the site key, one call at a time, and never gives it away."""

import hmac
import socket
import threading
from collections.abc import Sequence
from weakref import WeakKeyDictionary

from doorward.adapters.keeper.calls import Call
from doorward.adapters.keeper.store_calls import call_of, encoded
from doorward.adapters.unix_socket.attendant import Attendant
from doorward.adapters.unix_socket.messages import MessageInvalid
from doorward.errors import Sealed
from doorward.kernel.ids import SiteId
from doorward.vault.memory import LockedSecret
from doorward.vault.ports import KeyStore
from doorward.vault.site_keys import UnlockedSiteKeys
from doorward.vault.wrapping import Bound

AT_ONCE = 8 * 1024 * 1024
"""Bytes of an answer of the key store in one message."""


class KeeperServer:
    """Serves connections in a thread each until ``end``. ``store``: of the site's keys, for other machines."""

    def __init__(self, site: SiteId, site_keys: UnlockedSiteKeys, store: KeyStore) -> None:
        self._site = site
        self._site_keys = site_keys
        self._store = store
        self._left: WeakKeyDictionary[socket.socket, bytes] = WeakKeyDictionary()
        self._staged: LockedSecret | None = None
        self._one_call = threading.Lock()

    def serve(self, listener: socket.socket) -> None:
        """Until the listener is shut down."""
        Attendant(self._answer).serve(listener)

    def end(self) -> None:
        """Wipe the keys. What is asked from here on is refused as sealed."""
        with self._one_call:
            if self._staged is not None:
                self._staged.wipe()
            self._site_keys.close()

    def _answer(self, connection: socket.socket, word: int, fields: Sequence[bytes]) -> Sequence[bytes]:
        try:
            call = Call(word)
        except ValueError:
            raise MessageInvalid from None
        if call in (Call.STORE, Call.MORE):
            answer = self._stored(_only(fields)) if call is Call.STORE else self._left.pop(connection, b"")
            self._left[connection] = answer[AT_ONCE:]
            return answer[:AT_ONCE], bytes([len(answer) > AT_ONCE])
        with self._one_call:
            return self._do(call, fields)

    def _do(self, call: Call, fields: Sequence[bytes]) -> Sequence[bytes]:
        if call in (Call.ENCRYPT, Call.DECRYPT):
            version, messages = _messages(fields)
            cipher = self._site_keys.cipher(version)
            return cipher.encrypt(messages) if call is Call.ENCRYPT else cipher.decrypt(messages)
        if call is Call.HELLO:
            return (self._site.encode(),)
        if call is Call.RENEW:
            self._site_keys.renew()
        elif call is Call.REWRAP:
            return (self._site_keys.rewrap(int.from_bytes(_only(fields))).to_bytes(4),)
        elif call is Call.RETIRE:
            self._site_keys.retire()
        elif call is Call.STAGE:
            self._staged = self._site_keys.stage(GivenKey(_only(fields)))
        else:
            self._adopt(_only(fields))
        return ()

    def _stored(self, asked: bytes) -> bytes:
        name, arguments = call_of(asked)
        try:
            return encoded(getattr(self._store, name)(*arguments))
        except TypeError:
            raise MessageInvalid from None

    def _adopt(self, key: bytes) -> None:
        staged, self._staged = self._staged, None
        if staged is None or not hmac.compare_digest(staged.octets(), key):
            raise Sealed("The site was sealed and unsealed meanwhile; change the provider once more.")
        self._site_keys.adopt(staged)


class GivenKey:
    """``KeyProvider`` of a key that another process got from the provider."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def wrapping_key(self) -> bytes:
        return self._key


def _messages(fields: Sequence[bytes]) -> tuple[int, list[Bound]]:
    if len(fields) % 3 != 1:
        raise MessageInvalid
    version, *parts = fields
    return int.from_bytes(version), list(zip(parts[0::3], parts[1::3], parts[2::3], strict=True))


def _only(fields: Sequence[bytes]) -> bytes:
    if len(fields) != 1:
        raise MessageInvalid
    return fields[0]
