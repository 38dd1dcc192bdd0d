"""Target: sealed records, opened one by one and in bulk. The data is the whole record, then the inside of one."""

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from doorward.errors import DoorwardError
from doorward.kernel.ids import PersonId, SiteId
from doorward.vault.bulk import BulkOpener
from doorward.vault.envelope import HEADER, Place, named_key, open_sealed, pad, seal
from doorward.vault.keyring import Key
from fakes.clock import FakeRandomness

KEY, KEY_ID = bytes(range(32)), "0b3e6c1a-5d51-4a6e-b0d4-6f2f6b1f9a77"
PLACE = Place("site", "persons", "record", "row", "person", 1)
OPENER = BulkOpener(SiteId("site"), [("person", Key(KEY_ID, KEY))])
SEALED = seal(KEY, KEY_ID, PLACE, b"Ada", FakeRandomness())
SEEDS = (SEALED, pad(b"Ada"), pad(bytes(300)))


def decode(data: bytes) -> bytes:
    named_key(data)
    found = OPENER.open("persons", "record", "row", PersonId("person"), 1, data)
    plaintext = open_sealed(KEY, KEY_ID, PLACE, data)
    assert found == plaintext
    return plaintext


def fuzz(data: bytes) -> None:
    for record in (data, holding(data)):
        try:
            decode(record)
        except DoorwardError:
            continue


def holding(inside: bytes) -> bytes:
    """A record whose seal holds, whatever is in it."""
    header = SEALED[: HEADER.size]
    return header + AESGCM(KEY).encrypt(header[-12:], inside, PLACE.associated_data(KEY_ID))
