"""A key file as key provider: 32 random bytes in hexadecimal, outside the site's folder, readable by its owner."""

import os
from hashlib import sha256
from pathlib import Path

from doorward.adapters.durability import sync_folder
from doorward.errors import Conflict, StorageError, WrongKey, WrongUse
from doorward.kernel.clock import Randomness
from doorward.vault.ports import KEY_LENGTH

_OTHERS_MAY = 0o077
_LONGEST = 2 * KEY_LENGTH + 16
"""Octets of a key file, with what an editor may have put behind the key."""


class KeyFileProvider:
    """``KeyProvider`` over a key file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def wrapping_key(self) -> bytes:
        try:
            mode = self._path.stat().st_mode
            key = bytes.fromhex(self._path.read_text(encoding="ascii").strip())
        except OSError:
            raise WrongKey(f"The key file {self._path} cannot be read; bring it back, or check its rights.") from None
        except ValueError:
            raise WrongKey(f"{self._path} is not a Doorward key file; name the right file.") from None
        if mode & _OTHERS_MAY:
            raise WrongUse(f"Others may read the key file {self._path}; run `chmod 600` on it first.")
        if len(key) != KEY_LENGTH:
            raise WrongKey(f"{self._path} is not a Doorward key file; name the right file.")
        return key


def make_key_file(path: Path, site_folder: Path, randomness: Randomness) -> Path:
    """Write a new key file; ``WrongUse`` when it lies inside the site's folder, ``Conflict`` when it exists."""
    path = path.expanduser().resolve()
    if path.is_relative_to(site_folder.resolve()):
        raise WrongUse("The key file must lie outside the site's folder: who takes the folder must not get the key.")
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Conflict(f"The key file {path} exists already; name another, so that no key is overwritten.") from None
    except OSError as error:
        raise StorageError(f"The key file {path} cannot be written ({error.strerror}).") from None
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(randomness.octets(KEY_LENGTH).hex() + "\n")
        file.flush()
        os.fsync(file.fileno())
    return path


def destroy_key_file(path: Path) -> None:
    """Overwrite the key file's octets on the disk and remove it; ``StorageError`` when it is not there or stays.

    A flash disk or a file system that copies on writing may keep the old octets all the same.
    """
    try:
        handle = os.open(path, os.O_RDWR | os.O_NOFOLLOW)
        with os.fdopen(handle, "r+b") as file:
            length = len(file.read(_LONGEST + 1))
            if length > _LONGEST:
                raise StorageError(f"{path} is not a Doorward key file and was left alone; name the right file.")
            file.seek(0)
            file.write(bytes(length))
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
        sync_folder(path.parent)
    except OSError as error:
        raise StorageError(
            f"The key file {path} cannot be destroyed ({error.strerror}); bring it back, or check its rights."
        ) from None


def key_file_digest(path: Path) -> str | None:
    """A hash that tells two key files apart and nothing about the key; ``None`` when the file cannot be read."""
    try:
        key = path.read_bytes()[:_LONGEST]
    except OSError:
        return None
    return sha256(b"doorward key file" + key.strip()).hexdigest()
