"""A device's connection to its site: over TLS, to the one certificate that was pinned, one request at a time."""

import hmac
import json
import socket
import ssl
import struct
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from http.client import HTTPException, HTTPSConnection, IncompleteRead
from typing import Any
from urllib.parse import urlsplit

from doorward.errors import SiteRefused, SiteUnreachable, SiteUntrusted, WrongUse

PATIENCE = 10.0
"""Seconds within which the site has to answer."""

_LARGEST = 1024 * 1024
_RESET = struct.pack("ii", 1, 0)
"""``struct linger``: on, and no seconds."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    told: Mapping[str, Any]


class SiteClient:
    """``certificate``: the SHA-256 of the site's certificate in DER, or the bytes that it begins with."""

    def __init__(self, address: str, certificate: bytes, seconds: float = PATIENCE) -> None:
        self._host, self._port = _place(address)
        self._certificate = certificate
        self._seconds = seconds
        self._connection: HTTPSConnection | None = None
        self.fingerprint = b""

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def post(self, path: str, authorization: str, body: bytes, media_type: str = "application/octet-stream") -> Answer:
        """The answer to a request that may be made again.

        ``SiteUnreachable`` when none came, ``SiteUntrusted`` before anything is sent to another certificate, and
        ``SiteRefused`` with the site's own sentence when it says no.
        """
        headers = {"Authorization": authorization, "Content-Type": media_type}
        try:
            connection = self._connected()
            connection.request("POST", path, body, headers)
            response = connection.getresponse()
            octets = response.read(_LARGEST)
            if response.length:
                raise IncompleteRead(octets, response.length)
        except SiteUntrusted:
            raise
        except (OSError, HTTPException) as error:
            self._give_up()
            reason = getattr(error, "strerror", None) or type(error).__name__
            raise SiteUnreachable(
                f"The site did not answer ({reason}); check the network and that it is served."
            ) from None
        told = _told(octets)
        if response.status >= 300:
            message = str(told.get("detail") or f"The site answered with status {response.status}.")
            raise SiteRefused(message, str(told.get("code") or "site_refused"), response.status)
        return Answer(response.status, told)

    def _give_up(self) -> None:
        """Close without waiting: what the network still holds would reach the site after later messages, as if
        somebody played it again.
        """
        if self._connection is not None and self._connection.sock is not None:
            with suppress(OSError):
                self._connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self.close()

    def _connected(self) -> HTTPSConnection:
        if self._connection is not None:
            return self._connection
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        # No authority vouches for a site: the pinned certificate does, before a byte of ours is sent.
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        connection = HTTPSConnection(self._host, self._port, timeout=self._seconds, context=context)
        connection.connect()
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        shown = sha256(connection.sock.getpeercert(binary_form=True) or b"").digest()
        if not hmac.compare_digest(shown[: len(self._certificate)], self._certificate):
            connection.close()
            raise SiteUntrusted(
                "The server shows another certificate than the site's: it is another machine, or the certificate was "
                "renewed, and then the device joins anew."
            )
        self.fingerprint = shown
        self._connection = connection
        return connection


def _place(address: str) -> tuple[str, int]:
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port or 443
    except ValueError:
        host, port, parts = None, 0, urlsplit("")
    if parts.scheme != "https" or not host or parts.path not in ("", "/") or parts.query or parts.username:
        raise WrongUse("A site's address is https://HOST:PORT, as `doorward serve` prints it.")
    return host, port


def _told(octets: bytes) -> Mapping[str, Any]:
    try:
        held = json.loads(octets)
    except (ValueError, RecursionError):
        return {}
    return held if isinstance(held, dict) else {}
