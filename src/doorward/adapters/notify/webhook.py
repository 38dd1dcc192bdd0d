"""Webhooks, signed as https://www.standardwebhooks.com says (version 1, HMAC-SHA256), so that any library checks them.

The headers are ``webhook-id``, ``webhook-timestamp`` and ``webhook-signature``; the last signs the other two and the
body.
"""

import hmac
import ssl
from base64 import b64decode, b64encode
from binascii import Error
from collections.abc import Callable
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path

from doorward.adapters.notify.places import place_of
from doorward.errors import ReceiverUnreachable, WrongUse

SECONDS = 3.0
PREFIX = "whsec_"
SECRET_LENGTHS = range(24, 65)
"""Bytes of a secret, as the specification asks."""


class Webhook:
    """One address that is told by POST. ``authority``: certificates that vouch for it, in PEM; the system's if None."""

    def __init__(
        self,
        url: str,
        secret: str,
        *,
        authority: Path | None = None,
        seconds: float = SECONDS,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._place = place_of(url, "https", "http", (443, 80))
        self._secret = secret_octets(secret)
        self._context = tls_context(authority)
        self._seconds = seconds
        self._now = now

    def send(self, event: str, body: bytes) -> None:
        """Tell ``body``, a JSON document; ``event`` is its id, under which a receiver takes it once.

        ``ReceiverUnreachable`` unless the answer is 2xx. A redirection is not followed.
        """
        moment = str(int(self._now().timestamp()))
        headers = {
            "Content-Type": "application/json",
            "webhook-id": event,
            "webhook-timestamp": moment,
            "webhook-signature": signature(self._secret, event, moment, body),
        }
        connection = self._connection()
        try:
            connection.request("POST", self._place.path, body, headers)
            status = connection.getresponse().status
        except (OSError, HTTPException) as error:
            reason = getattr(error, "strerror", None) or type(error).__name__
            raise ReceiverUnreachable(
                f"The webhook at {self._place.host} did not answer ({reason}); check its address and certificate."
            ) from None
        finally:
            connection.close()
        if not 200 <= status < 300:
            raise ReceiverUnreachable(f"The webhook at {self._place.host} refused with status {status}; ask its owner.")

    def close(self) -> None:
        """Nothing stays open between messages."""

    def _connection(self) -> HTTPConnection:
        host, port = self._place.host, self._place.port
        if self._place.is_encrypted:
            return HTTPSConnection(host, port, timeout=self._seconds, context=self._context)
        return HTTPConnection(host, port, timeout=self._seconds)


def signature(secret: bytes, event: str, moment: str, body: bytes) -> str:
    """The header ``webhook-signature``; ``moment``: whole seconds since 1970."""
    signed = b".".join((event.encode(), moment.encode(), body))
    return "v1," + b64encode(hmac.digest(secret, signed, "sha256")).decode()


def secret_octets(secret: str) -> bytes:
    """The bytes of a secret in base64, with or without ``whsec_`` before it; ``WrongUse`` when it is none."""
    try:
        octets = b64decode(secret.strip().removeprefix(PREFIX), validate=True)
    except (Error, ValueError):
        octets = b""
    if len(octets) not in SECRET_LENGTHS:
        raise WrongUse(
            f"A webhook's secret is {SECRET_LENGTHS[0]} to {SECRET_LENGTHS[-1]} random bytes in base64; make one with "
            "`openssl rand -base64 32`."
        )
    return octets


def tls_context(authority: Path | None) -> ssl.SSLContext:
    """What checks a server's certificate and name; ``WrongUse`` when ``authority`` holds no certificate."""
    try:
        context = ssl.create_default_context(cafile=None if authority is None else str(authority))
    except (OSError, ssl.SSLError):
        raise WrongUse(f"{authority} holds no certificate in PEM that can be read; name another file.") from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
