"""The one-time code that an operator carries to a device, in base32 with hyphens."""

from base64 import b32decode, b32encode
from binascii import Error
from dataclasses import dataclass

from doorward.errors import WrongUse

SECRET_LENGTH = 10
"""80 bits: not to be guessed within an hour at any pace of asking."""

FINGERPRINT_LENGTH = 16
"""Bytes of the certificate's SHA-256 in a code: 128 bits, which nobody finds a second certificate for."""


@dataclass(frozen=True, slots=True)
class InvitationCode:
    """What the operator carries to the device: ``secret`` lets it join, ``fingerprint`` shows it the right site."""

    secret: bytes
    fingerprint: bytes

    def __str__(self) -> str:
        text = b32encode(self.secret + self.fingerprint).decode().rstrip("=")
        return "-".join(text[place : place + 6] for place in range(0, len(text), 6))

    @staticmethod
    def read(text: str) -> "InvitationCode":
        """``WrongUse`` when it is no such code."""
        plain = text.replace("-", "").strip().upper()
        try:
            octets = b32decode(plain + "=" * (-len(plain) % 8))
        except (Error, ValueError):
            octets = b""
        if len(octets) != SECRET_LENGTH + FINGERPRINT_LENGTH:
            raise WrongUse("That is no invitation's code; copy it whole, as `doorward device invite` printed it.")
        return InvitationCode(octets[:SECRET_LENGTH], octets[SECRET_LENGTH:])
