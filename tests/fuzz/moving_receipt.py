"""Target: a receipt of people who were moved."""

from doorward.adapters.moving.receipt import (
    MovingReceipt,
    checked_receipt,
    decode_moving_receipt,
    encode_moving_receipt,
    sign_moving_receipt,
)
from doorward.errors import DoorwardError
from doorward.kernel.ids import SiteId
from fuzz.manifest import NOON, SIGNER, SITE
from fuzz.moving_file import MOVE

OTHER = SiteId("9c9ef5ac-7c4e-4c0b-9f0a-5b9e5a3d6a10")
SEEDS = tuple(
    encode_moving_receipt(sign_moving_receipt(MovingReceipt(MOVE, SITE, OTHER, taken, refused, NOON), SIGNER))
    for taken, refused in (((), {}), (("ab" * 16, "cd" * 16), {"ef" * 16: "conflict"}))
)


def decode(data: bytes) -> MovingReceipt:
    return checked_receipt(decode_moving_receipt(data), SITE, OTHER, SIGNER.public_key)


def fuzz(data: bytes) -> None:
    """What holds is one of those that were signed."""
    try:
        held = decode(data)
    except DoorwardError:
        return
    assert held.digest in {decode(seed).digest for seed in SEEDS}
