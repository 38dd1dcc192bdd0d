"""Model files fetched from their makers."""

import os
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from doorward.adapters.models.card import ModelCard
from doorward.adapters.models.library import check_hash
from doorward.errors import ModelMissing, ModelRefused

_CHUNK = 64 * 1024
_SECONDS = 30


class _HttpsOnly(urllib.request.HTTPRedirectHandler):
    """A redirect may not leave https."""

    def redirect_request(self, req, fp, code, msg, headers, newurl):  # type: ignore[no-untyped-def] # as the library has it
        if not newurl.startswith("https://"):
            raise ModelRefused("The maker's server redirects to a place without https; fetch the file by hand.")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def pull_model(
    card: ModelCard, folder: Path, on_progress: Callable[[int], None] | None = None, url: str | None = None
) -> Path:
    """Fetch the file of ``card`` into ``folder`` and return its path; nothing stays there unless its hash is right.

    ``ModelMissing`` when it cannot be fetched, ``ModelRefused`` when it is not the pinned file.
    ``on_progress`` gets the bytes so far; ``url`` takes the place of the card's.
    """
    target = folder / card.file
    octets = _fetch(card, target, url or card.url, on_progress)
    check_hash(card, octets)
    folder.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=folder, prefix=".pull-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(octets)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return target


def _fetch(card: ModelCard, target: Path, url: str | None, on_progress: Callable[[int], None] | None) -> bytes:
    by_hand = f"get {card.file} from {card.source} by hand and put it at {target}"
    if url is None or not url.startswith("https://"):
        raise ModelMissing(f"Nobody offers the model {card.name} for download over https; {by_hand}.")
    received = bytearray()
    try:
        with urllib.request.build_opener(_HttpsOnly).open(url, timeout=_SECONDS) as answer:
            while chunk := answer.read(_CHUNK):
                received += chunk
                if len(received) > card.size:
                    raise ModelRefused(f"The maker's server sends more than the model {card.name} has; {by_hand}.")
                if on_progress is not None:
                    on_progress(len(received))
    except (urllib.error.URLError, OSError, ValueError):
        raise ModelMissing(f"The model {card.name} cannot be fetched from here; {by_hand}.") from None
    return bytes(received)
