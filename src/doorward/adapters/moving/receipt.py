"""What a site says of the people who arrived: whom it took, signed, for the site that they left to erase them."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from doorward.adapters.signing import Signature, Signer, check_signature
from doorward.errors import ReceiptInvalid
from doorward.kernel.ids import MoveId, SiteId

FORMAT = 1
USE = "moving receipt"
LARGEST = 256 * 2**20
"""Bytes of a receipt that are read: room for five million people."""

_TAG = re.compile(r"[0-9a-f]{32}")
_CODE = re.compile(r"[a-z_]{1,40}")
_NO_RECEIPT = "That is no receipt of people who were moved; name the file that the other site's import wrote."
_ALTERED = (
    "This receipt was altered, or another site than the one that people were moved to signed it; nobody is erased."
)


@dataclass(frozen=True, slots=True)
class MovingReceipt:
    """``taken`` and ``refused`` (with the code why) name people as ``tag_of`` does: to others they are noise."""

    move: MoveId
    left: SiteId
    arrived: SiteId
    taken: Sequence[str]
    refused: Mapping[str, str]
    closed_at: datetime
    signature: Signature | None = None

    def statement(self) -> bytes:
        """What the signature covers: canonical JSON."""
        held = {
            "format": FORMAT,
            "kind": USE,
            "move": self.move,
            "left": self.left,
            "arrived": self.arrived,
            "taken": sorted(self.taken),
            "refused": dict(self.refused),
            "closed_at": self.closed_at.isoformat(),
        }
        return json.dumps(held, sort_keys=True, separators=(",", ":")).encode()

    @property
    def digest(self) -> str:
        """SHA-256 of what it says, in hexadecimal."""
        return sha256(self.statement()).hexdigest()


def sign_moving_receipt(receipt: MovingReceipt, signer: Signer) -> MovingReceipt:
    return replace(receipt, signature=signer.sign(USE, receipt.statement()))


def encode_moving_receipt(receipt: MovingReceipt) -> bytes:
    signature = receipt.signature and asdict(receipt.signature)
    return json.dumps({**json.loads(receipt.statement()), "signature": signature}, indent=1).encode() + b"\n"


def decode_moving_receipt(octets: bytes) -> MovingReceipt:
    """What it says, whoever wrote it; ``ReceiptInvalid`` when it is none. Check it before believing any of it."""
    try:
        held = json.loads(octets)
        if held["format"] != FORMAT or held["kind"] != USE:
            raise ValueError
        taken, refused = held["taken"], held["refused"]
        closed_at = datetime.fromisoformat(held["closed_at"])
        if not all(map(_TAG.fullmatch, [*taken, *refused])) or not all(map(_CODE.fullmatch, refused.values())):
            raise ValueError
        if len({*taken, *refused}) != len(taken) + len(refused) or closed_at.tzinfo is None:
            raise ValueError
        return MovingReceipt(
            MoveId(str(UUID(held["move"]))),
            SiteId(str(UUID(held["left"]))),
            SiteId(str(UUID(held["arrived"]))),
            tuple(taken),
            dict(refused),
            closed_at,
            Signature(str(held["signature"]["public_key"]), str(held["signature"]["value"])),
        )
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError, OverflowError):
        raise ReceiptInvalid(_NO_RECEIPT) from None


def checked_receipt(receipt: MovingReceipt, left: SiteId, arrived: SiteId, identity: str) -> MovingReceipt:
    """``receipt`` itself; ``ReceiptInvalid`` unless ``arrived``, with its key ``identity``, signed it for ``left``."""
    refusal = ReceiptInvalid(_ALTERED)
    if (receipt.left, receipt.arrived) != (left, arrived):
        raise refusal
    check_signature(USE, receipt.statement(), receipt.signature, {identity}, refusal)
    return receipt
