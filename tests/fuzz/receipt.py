"""Target: an erasure receipt that somebody brings; what is taken for one can be printed."""

from doorward.adapters.backup.receipts import Receipt, encode_receipt, receipt_page, sign_receipt, verified_receipt
from doorward.errors import DoorwardError
from fuzz.ledger import ADA
from fuzz.manifest import NOON, SIGNER, SITE

SEEDS = tuple(
    encode_receipt(sign_receipt(Receipt(SITE, ADA, NOON, gone_by, 1, "ab" * 32), SIGNER)) for gone_by in (NOON, None)
)


def decode(data: bytes) -> Receipt:
    return verified_receipt(data, {SIGNER.public_key})


def fuzz(data: bytes) -> None:
    try:
        held = decode(data)
    except DoorwardError:
        return
    assert receipt_page(held)
