"""Checkpoints as the writer makes them: C2SP signed notes (signed-note, tlog-checkpoint) with Ed25519."""

from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256

from doorward.kernel.ids import SiteId

_ED25519 = b"\1"
_NEXT_KEY = "doorward.site/next-key "


def origin_of(site: SiteId) -> str:
    """The log's name, which is its key's name too: neither blanks nor plus signs."""
    return f"doorward.site/{site}"


def checkpoint_text(origin: str, size: int, root: bytes, next_key: str | None = None) -> str:
    """Origin, number of entries, root in Base64; a line each. ``next_key``: the verifier key that signs from here on.

    It stands in what is signed: anybody can add a signature to a note, so two on one note say nothing of each other.
    """
    extension = "" if next_key is None else f"{_NEXT_KEY}{next_key}\n"
    return f"{origin}\n{size}\n{b64encode(root).decode()}\n{extension}"


def signed_note(text: str, name: str, public: bytes, sign: Callable[[bytes], bytes]) -> str:
    """``text`` (lines, each ended) with one signature line by the Ed25519 key ``public`` named ``name``."""
    signature = b64encode(_key_id(name, public) + sign(text.encode())).decode()
    return f"{text}\n— {name} {signature}\n"


def countersigned(note: str, name: str, public: bytes, sign: Callable[[bytes], bytes]) -> str:
    """``note`` with one more signature line."""
    text = note.rpartition("\n\n")[0] + "\n"
    return note + signed_note(text, name, public, sign)[len(text) + 1 :]


def verifier_key(name: str, public: bytes) -> str:
    """The key as others are given it: name, id in hexadecimal, algorithm and key in Base64."""
    return f"{name}+{_key_id(name, public).hex()}+{b64encode(_ED25519 + public).decode()}"


def _key_id(name: str, public: bytes) -> bytes:
    return sha256(name.encode() + b"\n" + _ED25519 + public).digest()[:4]
