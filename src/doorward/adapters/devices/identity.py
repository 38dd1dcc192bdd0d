"""What makes a machine a device of a site: its folder with key, pinned certificate, and what it may act for."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from doorward.adapters.backup.files import write_whole
from doorward.errors import NotFound, StorageError, WrongUse
from doorward.kernel.ids import CheckpointId, DeviceId, SiteId

SETTINGS = "device.json"
KEY = "device.key"
_FORMAT = 1
_KEY_LENGTH = 32


@dataclass(frozen=True, slots=True)
class DeviceIdentity:
    """``certificate``: SHA-256 of the site's certificate in DER, the only one that is talked to. ``sealing_key``:
    X25519, what is sent is sealed to it. ``checkpoints``: by name.
    """

    device: DeviceId
    name: str
    site: SiteId
    address: str
    certificate: bytes
    sealing_key: bytes
    checkpoints: Mapping[str, CheckpointId]

    def checkpoint(self, name: str) -> CheckpointId:
        """``WrongUse`` when the device was not invited for it."""
        for known, checkpoint in self.checkpoints.items():
            if known.casefold() == name.strip().casefold():
                return checkpoint
        told = ", ".join(sorted(self.checkpoints)) or "none"
        raise WrongUse(f"This device acts for: {told}. Invite it anew, with all checkpoints that it acts for.")


def make_key(folder: Path) -> Ed25519PrivateKey:
    """A new key, kept in ``folder``, which must not exist or be empty: readable by its owner alone."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise WrongUse(f"{folder} is not empty; name a new folder for the device.")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"{folder} cannot be made ({error.strerror}); check its rights.") from None
    key = Ed25519PrivateKey.generate()
    write_whole(folder / KEY, lambda file: file.write(key.private_bytes_raw()))
    return key


def write_identity(folder: Path, identity: DeviceIdentity) -> None:
    """Keep what the device knows of its site in place of what it knew."""
    told = {
        "format": _FORMAT,
        "device": identity.device,
        "name": identity.name,
        "site": identity.site,
        "address": identity.address,
        "certificate": identity.certificate.hex(),
        "sealing_key": identity.sealing_key.hex(),
        "checkpoints": dict(identity.checkpoints),
    }
    octets = json.dumps(told, indent=2, ensure_ascii=False).encode()
    write_whole(folder / SETTINGS, lambda file: file.write(octets), replace=True)


def read_identity(folder: Path) -> tuple[DeviceIdentity, Ed25519PrivateKey]:
    """``NotFound`` when no device joined here, ``WrongUse`` when it is damaged or its key is open to others."""
    try:
        held = json.loads((folder / SETTINGS).read_text(encoding="utf-8"))
        if (folder / KEY).stat().st_mode & 0o077:
            raise WrongUse(f"Others may read {folder / KEY}; run chmod 600 on it, and revoke the device if they did.")
        key = (folder / KEY).read_bytes()
        if held["format"] != _FORMAT or len(key) != _KEY_LENGTH:
            raise ValueError
        identity = DeviceIdentity(
            DeviceId(held["device"]),
            held["name"],
            SiteId(held["site"]),
            held["address"],
            bytes.fromhex(held["certificate"]),
            bytes.fromhex(held["sealing_key"]),
            {name: CheckpointId(checkpoint) for name, checkpoint in held["checkpoints"].items()},
        )
    except (FileNotFoundError, NotADirectoryError):
        raise NotFound(f"There is no joined device in {folder}; run `doorward device join` there.") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise WrongUse(f"The device's files in {folder} are damaged; revoke it, and let it join anew.") from None
    return identity, Ed25519PrivateKey.from_private_bytes(key)


def with_sealing_key(folder: Path, identity: DeviceIdentity, sealing_key: bytes) -> DeviceIdentity:
    """The identity, rewritten when the site has a new key to seal to."""
    if sealing_key == identity.sealing_key or len(sealing_key) != _KEY_LENGTH:
        return identity
    renewed = replace(identity, sealing_key=sealing_key)
    write_identity(folder, renewed)
    return renewed
