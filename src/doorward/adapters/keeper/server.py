"""The keeper's side: answers what is asked of the site key, one call at a time, and never gives it away."""

import hmac
import socket
import threading
from collections.abc import Sequence

from doorward.adapters.keeper.door import is_trusted
from doorward.adapters.keeper.messages import Answer, Call, MessageInvalid, receive, send
from doorward.errors import DoorwardError, Sealed
from doorward.kernel.ids import SiteId
from doorward.vault.memory import LockedSecret
from doorward.vault.site_keys import UnlockedSiteKeys
from doorward.vault.wrapping import Bound

MOST_CONNECTIONS = 256


class KeeperServer:
    """Serves connections in a thread each until ``end``; whom the system does not show as trusted is not answered."""

    def __init__(self, site: SiteId, site_keys: UnlockedSiteKeys) -> None:
        self._site = site
        self._site_keys = site_keys
        self._staged: LockedSecret | None = None
        self._one_call = threading.Lock()
        self._places = threading.BoundedSemaphore(MOST_CONNECTIONS)

    def serve(self, listener: socket.socket) -> None:
        """Until the listener is closed."""
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            if not is_trusted(connection) or not self._places.acquire(blocking=False):
                connection.close()
                continue
            threading.Thread(target=self._attend, args=(connection,), daemon=True).start()

    def end(self) -> None:
        """Wipe the keys. What is asked from here on is refused as sealed."""
        with self._one_call:
            if self._staged is not None:
                self._staged.wipe()
            self._site_keys.close()

    def _attend(self, connection: socket.socket) -> None:
        try:
            with connection:
                while asked := receive(connection):
                    send(connection, *self._answer(*asked))
        except (OSError, MessageInvalid):
            pass  # the other side has gone, or does not speak as we do
        finally:
            self._places.release()

    def _answer(self, word: int, fields: Sequence[bytes]) -> tuple[Answer, Sequence[bytes]]:
        try:
            call = Call(word)
        except ValueError:
            raise MessageInvalid from None
        try:
            with self._one_call:
                return Answer.DONE, self._do(call, fields)
        except DoorwardError as error:
            return Answer.REFUSED, (error.code.encode(), error.message.encode())

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
