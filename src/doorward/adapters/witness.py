"""Where checkpoints are kept out of the site's reach: a folder (of another machine), or a webhook."""

import os
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from doorward.errors import AuditInvalid, WitnessUnreachable, WrongUse

_SUFFIX = ".checkpoint"
_LARGEST = 65_536
_MOST_FILES = 1_000_000
_PATIENT, _HASTY = 10.0, 3.0
"""Seconds that one try may take."""
_PAUSES = (0.2, 1.0)
"""Seconds before the second and the third try."""
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class Witness(Protocol):
    """Takes signed checkpoints. ``WitnessUnreachable`` when it cannot now."""

    def take(self, origin: str, size: int, note: str) -> None: ...


class FolderWitness:
    """A file a checkpoint, written once and never again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def take(self, origin: str, size: int, note: str) -> None:
        """``AuditInvalid`` when the folder holds another checkpoint of that log and size."""
        place = self._folder / f"{origin.replace('/', '-')}-{size:012}{_SUFFIX}"
        try:
            if not place.exists():
                _write_new(place, note.encode())
            kept = place.read_bytes()
        except OSError as error:
            raise WitnessUnreachable(
                f"The witness folder {self._folder} cannot be written ({error.strerror}); check that it is there."
            ) from None
        if kept != note.encode():
            raise AuditInvalid(f"The witness holds another checkpoint over {size} entries: the log was rewritten.")

    def kept(self, origin: str) -> dict[str, str]:
        """The notes kept of the log ``origin``, by file name; ``WitnessUnreachable`` when they cannot be read."""
        own = f"{origin.replace('/', '-')}-*{_SUFFIX}"
        try:
            if not self._folder.is_dir():
                raise NotADirectoryError(0, "no such folder")
            return {place.name: _text(place) for place in sorted(self._folder.glob(own))[:_MOST_FILES]}
        except OSError as error:
            raise WitnessUnreachable(
                f"The witness folder {self._folder} cannot be read ({error.strerror}); check that it is there."
            ) from None


class WebhookWitness:
    """Each checkpoint is posted as it is: a signed note, which the receiver checks with the log's verifier key.

    A ``hasty`` one tries once, for a few seconds: closing a site should not wait for somebody else's machine.
    """

    def __init__(self, url: str, *, hasty: bool = False, pause: Callable[[float], None] = time.sleep) -> None:
        self._url = checked_url(url)
        self._seconds = _HASTY if hasty else _PATIENT
        self._pauses = () if hasty else _PAUSES
        self._pause = pause

    def take(self, origin: str, size: int, note: str) -> None:
        for pause in (*self._pauses, None):
            with suppress(urllib.error.URLError, HTTPException, OSError):
                self._post(note)
                return
            if pause is not None:
                self._pause(pause)
        raise WitnessUnreachable("The witness did not take the checkpoint; it is kept, and handed over next time.")

    def _post(self, note: str) -> None:
        headers = {"Content-Type": "text/plain; charset=utf-8", "User-Agent": "doorward"}
        request = urllib.request.Request(self._url, note.encode(), headers, method="POST")  # noqa: S310 - the address was checked
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=self._seconds) as answer:
            answer.read(1)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect could lead to a place without TLS, and an unchecked one at that."""

    def redirect_request(self, req, fp, code, msg, headers, newurl):  # type: ignore[no-untyped-def] # as the library has it
        return None


def checked_url(url: str) -> str:
    """``url`` itself; ``WrongUse`` unless it is https, or http on this machine."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        host = None
    if not host or not (parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)):
        raise WrongUse("A webhook is an https:// address; http:// is taken on this machine alone.")
    return url


def _write_new(place: Path, octets: bytes) -> None:
    """All of it or nothing, and nothing where a file is already."""
    handle, temporary = tempfile.mkstemp(dir=place.parent, prefix=".checkpoint-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(octets)
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(temporary, place)
    finally:
        Path(temporary).unlink(missing_ok=True)


def _text(place: Path) -> str:
    with place.open("rb") as file:
        return file.read(_LARGEST).decode(errors="replace")
