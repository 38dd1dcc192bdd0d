"""Whether what is swapped out is readable afterwards: the storage below each swap, as Linux's /sys shows it."""

import os
from collections.abc import Iterator
from pathlib import Path

from doorward.adapters.processes import PROC, swaps

SYS = Path("/sys")
_ENCRYPTED = "CRYPT-"
"""How the device mapper's ids of dm-crypt begin, LUKS and plain ones with a random key alike."""


def readable_swaps(proc: Path = PROC, system: Path = SYS) -> Iterator[Path]:
    """The swaps whose storage is not known to be encrypted or memory itself (zram without a backing device)."""
    for swap in swaps(proc) or ():
        device = _device(swap, system)
        if device is None or not _is_unreadable(device, system):
            yield swap


def _device(swap: Path, system: Path) -> Path | None:
    """The block device of a swap partition, or the one that a swap file lies on."""
    named = system / "class/block" / swap.name
    if swap.parts[:2] == ("/", "dev") and named.exists():
        return named.resolve()
    try:
        number = swap.stat().st_dev
    except OSError:
        return None
    # Not there for file systems of several devices, such as btrfs: then nothing is known.
    held = system / "dev/block" / f"{os.major(number)}:{os.minor(number)}"
    return held.resolve() if held.exists() else None


def _is_unreadable(device: Path, system: Path) -> bool:
    if _text(device / "dm/uuid").startswith(_ENCRYPTED):
        return True
    if device.name.startswith("zram"):
        backing = _text(device / "backing_dev")
        behind = system / "class/block" / Path(backing).name
        return backing in ("", "none") or (behind.exists() and _is_unreadable(behind.resolve(), system))
    below = sorted(device.glob("slaves/*"))
    return bool(below) and all(_is_unreadable(one.resolve(), system) for one in below)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
