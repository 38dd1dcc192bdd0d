"""What a device signs of a request: who, where to, the when and how-manieth, and the SHA-256 of what it sends.

The header Authorization is ``doorward-device <device id> <counter> <seconds since 1970> <digest> <signature>``, the
last two in hexadecimal.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from doorward.kernel.ids import DeviceId, SiteId
from doorward.passages.message_order import HIGHEST_COUNTER

SCHEME = "doorward-device"
DIGEST_LENGTH = 32
SIGNATURE_LENGTH = 64

_CONTEXT = "doorward device request 1"


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """``digest``: SHA-256 of the body; ``signature``: Ed25519 over ``to_be_signed``."""

    device: DeviceId
    counter: int
    sent_at: datetime
    digest: bytes
    signature: bytes

    def header(self) -> str:
        """The value of the header Authorization."""
        seconds = int(self.sent_at.timestamp())
        return f"{SCHEME} {self.device} {self.counter} {seconds} {self.digest.hex()} {self.signature.hex()}"

    def to_be_signed(self, site: SiteId, method: str, path: str) -> bytes:
        """The bytes that the device signs: a line for each part, none of which can hold a line's end."""
        seconds = str(int(self.sent_at.timestamp()))
        parts = (_CONTEXT, site, self.device, str(self.counter), seconds, method, path, self.digest.hex())
        return "\n".join(parts).encode()


def parsed(credential: str) -> SignedRequest | None:
    """The request in a header, without its scheme; ``None`` unless it is written as ``SignedRequest.header`` does."""
    parts = credential.split(" ")
    if len(parts) != 5 or not credential.isascii():
        return None
    try:
        device, counter, moment = (
            DeviceId(str(UUID(parts[0]))),
            int(parts[1]),
            datetime.fromtimestamp(int(parts[2]), UTC),
        )
        request = SignedRequest(device, counter, moment, bytes.fromhex(parts[3]), bytes.fromhex(parts[4]))
    except (ValueError, OverflowError, OSError):
        return None
    is_whole = len(request.digest) == DIGEST_LENGTH and len(request.signature) == SIGNATURE_LENGTH
    is_counted = 0 < request.counter <= HIGHEST_COUNTER and request.sent_at.timestamp() >= 0
    return request if is_whole and is_counted and request.header() == f"{SCHEME} {credential}" else None
