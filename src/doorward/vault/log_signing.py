"""The keys that sign the audit log's checkpoints."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from doorward.errors import Tampered
from doorward.vault.keyring import Key, Keyring
from doorward.vault.ports import KeyKind


class LogSigningKeys:
    """Asked for anew each time. Which of them signs is the log's to say: only while one is renewed are there two."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring

    def public_keys(self) -> tuple[bytes, ...]:
        """The 32 bytes with which anybody checks what each key signed, the newest key first."""
        return tuple(_private(key).public_key().public_bytes_raw() for key in self._held())

    def sign(self, message: bytes, public: bytes) -> bytes:
        """Ed25519 (RFC 8032): by the key whose public half is ``public``; ``Tampered`` when it is not held."""
        for key in map(_private, self._held()):
            if key.public_key().public_bytes_raw() == public:
                return key.sign(message)
        raise Tampered("The audit log's signing key is not in keys.db; restore data.db and keys.db together.")

    def renew(self) -> None:
        """Make the next key. The one before signs on, until the log is handed over and it is forgotten."""
        self._held()
        self._keyring.renew(KeyKind.AUDIT_SIGNING)

    def forget_old(self) -> None:
        """Destroy every key but the newest."""
        self._keyring.finish(KeyKind.AUDIT_SIGNING)

    def _held(self) -> tuple[Key, ...]:
        kind = KeyKind.AUDIT_SIGNING
        return self._keyring.versions(kind) or (self._keyring.get_or_create(kind),)


def _private(key: Key) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(key.secret)
