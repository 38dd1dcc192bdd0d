"""What lets a device read carried credentials while its site does not answer: it opens them, and can make none.

The site seals it to a key that the device makes for one run (HPKE, as device bodies), so that it lies on no disk.
"""

from dataclasses import dataclass

import cbor2
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from doorward.kernel.ids import DeviceId, SiteId
from doorward.vault.cose import decoded, to_be_signed
from doorward.vault.envelope import prefixed
from doorward.vault.ports import KEY_LENGTH

_FORMAT = "doorward carried credentials 1"
_CREDENTIAL_FORMAT = "doorward credential 1"
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_DEEPEST = 5


def seal_to_device(receiver: bytes, site: SiteId, device: DeviceId, said: dict[str, object]) -> bytes:
    """For the device that holds the private half of ``receiver`` (X25519, 32 bytes); ``ValueError`` for no such key."""
    public = X25519PublicKey.from_public_bytes(receiver)
    return _SUITE.encrypt(cbor2.dumps(said, canonical=True), public, _context(site, device))


class RunKey:
    """Made by a device for one run, and kept in memory alone."""

    def __init__(self) -> None:
        self._private = X25519PrivateKey.generate()

    @property
    def public(self) -> bytes:
        return self._private.public_key().public_bytes_raw()

    def opened(self, site: SiteId, device: DeviceId, sealed: bytes) -> "tuple[CarriedKeys, dict[str, object]] | None":
        """What opens credentials, and what the site said beside it; ``None`` when it was not sealed to this run."""
        try:
            said = cbor2.loads(_SUITE.decrypt(sealed, self._private, _context(site, device)), max_depth=_DEEPEST)
            keys = CarriedKeys(context_of(site), tuple(said.pop("opening")), tuple(said.pop("signing")))
        except (InvalidTag, ValueError, TypeError, KeyError, AttributeError, cbor2.CBORError):
            return None
        return keys, said


@dataclass(frozen=True, slots=True, repr=False)
class CarriedKeys:
    """``opening``: secrets, 32 bytes each; ``signing``: the public halves of what signed, Ed25519."""

    context: bytes
    opening: tuple[bytes, ...]
    signing: tuple[bytes, ...]

    def open(self, octets: bytes) -> bytes | None:
        """The plaintext of a credential that the site sealed and signed; ``None`` of any other."""
        message = decoded(octets)
        if message is None or not any(
            _verifies(key, message.signature, to_be_signed(message.sealed, self.context)) for key in self.signing
        ):
            return None
        sealed = message.sealed
        for secret in self.opening:
            if len(secret) == KEY_LENGTH:
                try:
                    associated = sealed.associated_data(self.context)
                    return AESGCM(secret).decrypt(sealed.nonce, sealed.ciphertext, associated)
                except InvalidTag:
                    continue
        return None


def _verifies(public: bytes, signature: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def context_of(site: SiteId) -> bytes:
    """What every credential of a site is bound to."""
    return prefixed(_CREDENTIAL_FORMAT) + prefixed(site)


def _context(site: SiteId, device: DeviceId) -> bytes:
    return prefixed(_FORMAT) + prefixed(site) + prefixed(device)
