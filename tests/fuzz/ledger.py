"""Target: an erasure ledger as it was handed out, and its chain of signatures."""

import json
from collections.abc import Sequence
from hashlib import sha256

from doorward.adapters.stores.face.erasure_ledger import USE, LedgerEntry, decode_ledger, encode_ledger, verified
from doorward.errors import DoorwardError
from doorward.kernel.ids import PersonId
from fuzz.manifest import SIGNER, SITE

ADA = PersonId("23d88b24-e0ea-4ee0-8b7a-04846263f2e6")
HOUR = "2026-11-23T12:00:00+00:00"
HEAD = sha256(json.dumps([USE, SITE, "", 1, ADA, HOUR]).encode()).hexdigest()
SEEDS = (
    encode_ledger(SITE, []),
    encode_ledger(SITE, [LedgerEntry(1, ADA, HOUR, HEAD, SIGNER.sign(USE, HEAD.encode()))]),
)


def decode(data: bytes) -> Sequence[LedgerEntry]:
    return verified(decode_ledger(data, SITE), SITE, {SIGNER.public_key})


def fuzz(data: bytes) -> None:
    try:
        decode(data)
    except DoorwardError:
        return
