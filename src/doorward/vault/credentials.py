"""Carried credentials: sealed for this site and signed by it, so that a finder reads nothing and nobody else makes one.

The key id in the clear is a code over the nonce, another one on every credential: to whoever lacks the keys it tells
neither the site nor the key's version, and two credentials of one site look like those of two.
"""

import hmac
from collections.abc import Mapping
from enum import StrEnum
from hashlib import sha256

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from doorward.kernel.clock import Randomness
from doorward.kernel.ids import DeviceId, SiteId
from doorward.vault.carried_reading import context_of, seal_to_device
from doorward.vault.cose import KEY_ID_LENGTH, NONCE_LENGTH, Sealed, Signed, decoded, to_be_signed
from doorward.vault.keyring import Key, Keyring
from doorward.vault.ports import KEY_LENGTH, KeyKind


class Unopened(StrEnum):
    """Why a credential does not open: for the operator's record, never for whoever shows it."""

    UNREADABLE = "unreadable"
    FOREIGN = "foreign"
    ALTERED = "altered"


class CredentialKeys:
    """Seals and opens what a credential says. Earlier keys open what they sealed."""

    def __init__(self, site: SiteId, keyring: Keyring, randomness: Randomness) -> None:
        self._site = site
        self._context = context_of(site)
        self._keyring = keyring
        self._randomness = randomness

    def seal(self, plaintext: bytes) -> bytes:
        """The message in COSE. Its length tells that of ``plaintext``: pad it first."""
        key = self._keyring.get_or_create(KeyKind.CREDENTIAL)
        nonce = self._randomness.octets(NONCE_LENGTH)
        blank = Sealed(_key_id(key, nonce), nonce, b"")
        ciphertext = AESGCM(key.secret).encrypt(nonce, plaintext, blank.associated_data(self._context))
        sealed = Sealed(blank.key_id, nonce, ciphertext)
        signer = _signer(self._keyring.get_or_create(KeyKind.CREDENTIAL_SIGNING))
        return Signed(sealed, signer.sign(to_be_signed(sealed, self._context))).encoded()

    def open(self, octets: bytes) -> bytes | Unopened:
        """The plaintext, or why there is none. A signature is checked and a key tried whatever is found first."""
        signed = decoded(octets)
        message = _NOTHING if signed is None else signed
        keys = self._versions(KeyKind.CREDENTIAL)
        named = [key for key in keys if hmac.compare_digest(_key_id(key, message.sealed.nonce), message.sealed.key_id)]
        plaintext = self._opened(named[0] if named else keys[0], message.sealed)
        is_signed = self._is_signed(message)
        if signed is None:
            return Unopened.UNREADABLE
        if not named:
            return Unopened.FOREIGN
        if plaintext is None or not is_signed:
            return Unopened.ALTERED
        return plaintext

    def for_device(self, receiver: bytes, device: DeviceId, said: Mapping[str, object]) -> bytes:
        """What opens credentials and makes none, with what is ``said`` beside it, sealed to a device's run.

        ``ValueError`` when ``receiver`` is no public key.
        """
        keys = {
            "opening": [key.secret for key in self._versions(KeyKind.CREDENTIAL)],
            "signing": [
                _signer(key).public_key().public_bytes_raw() for key in self._versions(KeyKind.CREDENTIAL_SIGNING)
            ],
        }
        return seal_to_device(receiver, self._site, device, {**said, **keys})

    def renew(self) -> None:
        """From here on credentials are sealed and signed under new keys; earlier ones open until they expire."""
        for kind in (KeyKind.CREDENTIAL, KeyKind.CREDENTIAL_SIGNING):
            self._keyring.get_or_create(kind)
            self._keyring.renew(kind)
            self._keyring.finish(kind, keep=True)

    def _opened(self, key: Key, sealed: Sealed) -> bytes | None:
        try:
            return AESGCM(key.secret).decrypt(sealed.nonce, sealed.ciphertext, sealed.associated_data(self._context))
        except InvalidTag:
            return None

    def _is_signed(self, message: Signed) -> bool:
        return any(
            _verifies(key, message.signature, to_be_signed(message.sealed, self._context))
            for key in self._versions(KeyKind.CREDENTIAL_SIGNING)
        )

    def _versions(self, kind: KeyKind) -> tuple[Key, ...]:
        return self._keyring.versions(kind) or (self._keyring.get_or_create(kind),)


_NOTHING = Signed(Sealed(bytes(KEY_ID_LENGTH), bytes(NONCE_LENGTH), bytes(16)), bytes(64))
"""Opened in place of what cannot be read, so that this takes as long."""


def _key_id(key: Key, nonce: bytes) -> bytes:
    blind = HKDF(algorithm=SHA256(), length=KEY_LENGTH, salt=None, info=b"doorward credential key id")
    return hmac.digest(blind.derive(key.secret), nonce, sha256)[:KEY_ID_LENGTH]


def _signer(key: Key) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(key.secret)


def _verifies(key: Key, signature: bytes, message: bytes) -> bool:
    try:
        _signer(key).public_key().verify(signature, message)
    except InvalidSignature:
        return False
    return True
