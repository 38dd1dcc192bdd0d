"""The outsider's side: checks leaves, proofs and checkpoints with nothing but what was published.

Written from RFC 9162, section 2.1.3.2 and 2.1.4.2, and from C2SP's signed-note and tlog-checkpoint. It shares no code
with the writer, so that a fault there does not hide itself here.
"""

import hashlib
import hmac
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from doorward.errors import AuditInvalid

_HASH = 32
_ED25519 = 1
_LONGEST_NOTE = 65_536
"""Characters: C2SP's signed-note lets a verifier set a limit."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A signed tree head: ``root`` (32 bytes) over the first ``size`` leaves of the log named ``origin``."""

    origin: str
    size: int
    root: bytes


class RunningRoot:
    """The root over the leaves given so far, holding O(log n) hashes."""

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[bytes] = []

    def add(self, leaf: bytes) -> None:
        """Take the next leaf's data."""
        self._peaks.append(_hash(b"\0", leaf))
        self.size += 1
        merges = self.size
        while merges % 2 == 0:
            right, left = self._peaks.pop(), self._peaks.pop()
            self._peaks.append(_hash(b"\1", left, right))
            merges //= 2

    def root(self) -> bytes:
        if not self._peaks:
            return hashlib.sha256().digest()
        found = self._peaks[-1]
        for peak in reversed(self._peaks[:-1]):
            found = _hash(b"\1", peak, found)
        return found


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The root over the data of ``leaves``."""
    running = RunningRoot()
    for leaf in leaves:
        running.add(leaf)
    return running.root()


def check_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """``AuditInvalid`` unless the leaf with data ``leaf`` is the ``index``-th (from 0) of ``size`` under ``root``."""
    _require(0 <= index < size and _are_hashes(proof), "The proof names an entry that the log does not have.")
    node, last, found = index, size - 1, _hash(b"\0", leaf)
    for sibling in proof:
        _require(last > 0, "The proof is longer than the tree is high.")
        if node % 2 or node == last:
            found = _hash(b"\1", sibling, found)
            while node % 2 == 0 and node:
                node, last = node >> 1, last >> 1
        else:
            found = _hash(b"\1", found, sibling)
        node, last = node >> 1, last >> 1
    _require(last == 0 and hmac.compare_digest(found, root), "The entry is not in the log with that root.")


def check_consistency(old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]) -> None:
    """``AuditInvalid`` unless the log of ``old`` leaves is the beginning of the one of ``new`` leaves."""
    _require(0 <= old <= new and _are_hashes(proof), "The later log is shorter than the earlier one.")
    if old in (0, new):
        expected = hashlib.sha256().digest() if old == 0 else new_root
        _require(not proof and hmac.compare_digest(old_root, expected), "The two logs have different roots.")
        return
    path = list(proof) if old & (old - 1) else [old_root, *proof]
    _require(bool(path), "The proof is empty.")
    node, last = old - 1, new - 1
    while node % 2:
        node, last = node >> 1, last >> 1
    before = after = path[0]
    for sibling in path[1:]:
        _require(last > 0, "The proof is longer than the tree is high.")
        if node % 2 or node == last:
            before, after = _hash(b"\1", sibling, before), _hash(b"\1", sibling, after)
            while node % 2 == 0 and node:
                node, last = node >> 1, last >> 1
        else:
            after = _hash(b"\1", after, sibling)
        node, last = node >> 1, last >> 1
    same = hmac.compare_digest(before, old_root) and hmac.compare_digest(after, new_root)
    _require(last == 0 and same, "The later log does not begin with the earlier one.")


def check_note(note: str, verifier_key: str) -> str:
    """The text of a signed note; ``AuditInvalid`` unless ``verifier_key`` (name, key id, Ed25519 key) signed it."""
    name, key_id, public = _verifier_key(verifier_key)
    text, blank, signatures = note.rpartition("\n\n")
    _require(bool(blank) and len(note) <= _LONGEST_NOTE and note.endswith("\n"), "This is not a signed note.")
    text += "\n"
    for line in signatures[:-1].split("\n"):
        dash, named, encoded = [*line.split(" "), "", "", ""][:3]
        signature = _decoded(encoded)
        if dash == "—" and named == name and signature[:4] == key_id:
            try:
                Ed25519PublicKey.from_public_bytes(public).verify(signature[4:], text.encode(errors="surrogatepass"))
            except InvalidSignature:
                break
            return text
    raise AuditInvalid("The checkpoint is not signed by this log's key.")


def check_checkpoint(note: str, verifier_key: str) -> Checkpoint:
    """The tree head in a checkpoint; ``AuditInvalid`` unless it is signed, well formed and of the key's log."""
    lines = check_note(note, verifier_key).split("\n")
    _require(len(lines) >= 4 and all(lines[:-1]), "The checkpoint does not have its three lines.")
    origin, size, root = lines[0], lines[1], _decoded(lines[2])
    whole = size.isascii() and size.isdigit() and len(size) <= 18 and str(int(size)) == size
    _require(whole and len(root) == _HASH, "The checkpoint's size or root is malformed.")
    _require(origin == _verifier_key(verifier_key)[0], "The checkpoint belongs to another log.")
    return Checkpoint(origin, int(size), root)


def _verifier_key(encoded: str) -> tuple[str, bytes, bytes]:
    name, key_id, key = [*encoded.split("+", 2), "", ""][:3]
    octets = _decoded(key)
    _require(bool(name) and len(octets) == 1 + _HASH and octets[0] == _ED25519, "The verifier key is malformed.")
    expected = hashlib.sha256(name.encode(errors="surrogatepass") + b"\n" + octets).digest()[:4]
    _require(expected.hex() == key_id, "The verifier key's id is not that of its name and key.")
    return name, expected, octets[1:]


def _decoded(text: str) -> bytes:
    """The bytes; none when the text is not the one Base64 form of any."""
    try:
        octets = b64decode(text, validate=True)
    except (NotBase64, ValueError):
        return b""
    return octets if b64encode(octets).decode() == text else b""


def _are_hashes(proof: Sequence[bytes]) -> bool:
    return all(len(node) == _HASH for node in proof)


def _hash(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise AuditInvalid(otherwise)
