"""Encryption to a recipient with age (age-encryption.org/v1): who makes backups cannot read them."""

from pathlib import Path
from typing import BinaryIO

import pyrage

from doorward.adapters.backup.files import write_whole
from doorward.errors import BackupUnusable, StorageError, WrongKey, WrongUse

_SECRET = "AGE-SECRET-KEY-1"  # noqa: S105 - the word that identities begin with
_NOT_FOR = "No matching keys found"
_LONGEST_IDENTITY = 100_000


def check_recipient(recipient: str) -> str:
    """``recipient`` itself; ``WrongUse`` when it is not an age recipient."""
    if recipient.upper().startswith(_SECRET):
        raise WrongUse("That is the secret identity; give its recipient, which begins with age1, and hide the other.")
    try:
        pyrage.x25519.Recipient.from_str(recipient)
    except pyrage.RecipientError:
        raise WrongUse("That is not an age recipient; one begins with age1, as `age-keygen` prints it.") from None
    return recipient


def make_identity(path: Path) -> str:
    """Write a new identity to ``path`` and return its recipient. ``Conflict`` when the file exists."""
    identity = pyrage.x25519.Identity.generate()
    recipient = str(identity.to_public())
    octets = f"# recipient: {recipient}\n{identity}\n".encode()
    write_whole(path, lambda file: file.write(octets))
    return recipient


def encrypt(plain: BinaryIO, sealed: BinaryIO, recipient: str) -> None:
    """Encrypt the stream ``plain`` to ``recipient``, in chunks."""
    try:
        pyrage.encrypt_io(plain, sealed, [pyrage.x25519.Recipient.from_str(check_recipient(recipient))])
    except pyrage.EncryptError:
        raise StorageError("The backup cannot be written; check the folder, its rights and free space.") from None


def decrypt(sealed: BinaryIO, plain: BinaryIO, identity: Path) -> None:
    """Decrypt to ``plain``. ``WrongKey`` when it was encrypted to another, ``BackupUnusable`` when it is damaged."""
    key = _identity(identity)
    try:
        pyrage.decrypt_io(sealed, plain, [key])
    except pyrage.DecryptError as error:
        if _NOT_FOR in str(error):
            raise WrongKey("The backup is encrypted to another recipient; name the identity that belongs to it.") from (
                None
            )
        raise BackupUnusable("This is no encrypted backup, or its beginning is damaged; name another.") from None
    except OSError as error:
        if error.errno is not None:
            raise StorageError(f"The backup cannot be unpacked ({error.strerror}); check free space.") from None
        raise BackupUnusable("The backup is damaged or cut short; name another.") from None


def _identity(path: Path) -> pyrage.x25519.Identity:
    try:
        with path.open(encoding="ascii") as file:
            lines = file.read(_LONGEST_IDENTITY).splitlines()
        return next(pyrage.x25519.Identity.from_str(line.strip()) for line in lines if line.startswith(_SECRET))
    except OSError:
        raise WrongUse(f"The identity file {path} cannot be read; check its name and rights.") from None
    except (StopIteration, UnicodeDecodeError, pyrage.IdentityError):
        raise WrongUse(f"{path} holds no age identity; it has a line that begins with {_SECRET}.") from None
