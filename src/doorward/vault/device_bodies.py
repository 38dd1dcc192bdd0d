"""What devices send, sealed to the site: whoever reads a device's disk, or ends its TLS, reads nothing of it.

HPKE in its base mode (RFC 9180): X25519, HKDF-SHA256, AES-256-GCM. Who sent it is for the signature to say.
"""

from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from doorward.kernel.ids import DeviceId, SiteId
from doorward.vault.envelope import prefixed
from doorward.vault.keyring import Key, Keyring
from doorward.vault.ports import KeyKind

_FORMAT = "doorward device body 1"
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


def seal_to_site(public_key: bytes, site: SiteId, device: DeviceId, plaintext: bytes) -> bytes:
    """For the site whose ``public_key`` (X25519, 32 bytes) it is, from the device; ``ValueError`` when it is none."""
    return _SUITE.encrypt(plaintext, X25519PublicKey.from_public_bytes(public_key), _context(site, device))


class DeviceBodyKeys:
    """Opens what devices sealed to the site. Earlier keys open what was sealed to them."""

    def __init__(self, site: SiteId, keyring: Keyring) -> None:
        self._site = site
        self._keyring = keyring

    def public_key(self) -> bytes:
        """What devices seal to, 32 bytes."""
        return _private(self._keyring.get_or_create(KeyKind.DEVICE)).public_key().public_bytes_raw()

    def open(self, device: DeviceId, sealed: bytes) -> bytes | None:
        """The plaintext; ``None`` when it was sealed to another site, by another device, or altered."""
        return self.opener().open(device, sealed)

    def opener(self) -> "BodyOpener":
        """``open`` for many bodies, without asking for the keys each time."""
        return BodyOpener(self._site, [_private(key) for key in self._keyring.versions(KeyKind.DEVICE)])

    def renew(self) -> None:
        """From here on devices seal to a new key, once they are told; earlier ones open what is on its way."""
        self._keyring.get_or_create(KeyKind.DEVICE)
        self._keyring.renew(KeyKind.DEVICE)
        self._keyring.finish(KeyKind.DEVICE, keep=True)


class BodyOpener:
    """Opens what was sealed to any of the site's keys."""

    def __init__(self, site: SiteId, keys: Sequence[X25519PrivateKey]) -> None:
        self._site = site
        self._keys = keys

    def open(self, device: DeviceId, sealed: bytes) -> bytes | None:
        """As ``DeviceBodyKeys.open``."""
        for key in self._keys:
            try:
                return _SUITE.decrypt(sealed, key, _context(self._site, device))
            except (InvalidTag, ValueError):
                continue
        return None


def _private(key: Key) -> X25519PrivateKey:
    return X25519PrivateKey.from_private_bytes(key.secret)


def _context(site: SiteId, device: DeviceId) -> bytes:
    return prefixed(_FORMAT) + prefixed(site) + prefixed(device)
