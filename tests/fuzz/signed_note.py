"""Target: a checkpoint as a signed note, and the verifier key it is checked with."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from doorward.audit.note import checkpoint_text, origin_of, signed_note, verifier_key
from doorward.audit.verifier import Checkpoint, check_checkpoint
from doorward.errors import DoorwardError
from fuzz.manifest import SITE

KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
PUBLIC, ORIGIN = KEY.public_key().public_bytes_raw(), origin_of(SITE)
VERIFIER = verifier_key(ORIGIN, PUBLIC)
NOTE = signed_note(checkpoint_text(ORIGIN, 7, bytes(32)), ORIGIN, PUBLIC, KEY.sign)
SEEDS = (NOTE.encode(),)


def decode(data: bytes) -> Checkpoint:
    return check_checkpoint(data.decode(errors="replace"), VERIFIER)


def fuzz(data: bytes) -> None:
    """As a note, as a note that the key signed, and as the key."""
    text = data.decode(errors="surrogateescape").replace("\r", "\n")
    signed = signed_note(data.decode(errors="replace"), ORIGIN, PUBLIC, KEY.sign)
    for note, key in ((text, VERIFIER), (signed, VERIFIER), (NOTE, text)):
        try:
            check_checkpoint(note, key)
        except DoorwardError:
            continue
