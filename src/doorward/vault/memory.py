"""Secrets in memory of their own: locked against swapping and left out of core dumps, where the system allows.

Python copies bytes as it likes: a key in use lies for a moment in ordinary memory too, and that copy cannot be wiped.
"""

import ctypes
import mmap
from contextlib import suppress


class LockedSecret:
    """One secret in a page of its own; ``is_locked`` is false where the system refused ``mlock`` (its limit)."""

    def __init__(self, secret: bytes) -> None:
        self._length = len(secret)
        self._page = mmap.mmap(-1, max(self._length, 1))
        if hasattr(mmap, "MADV_DONTDUMP"):
            with suppress(OSError):
                self._page.madvise(mmap.MADV_DONTDUMP)
        self.is_locked = _lock(self._page)
        self._page[: self._length] = secret

    @property
    def is_wiped(self) -> bool:
        return self._page.closed

    def octets(self) -> bytes:
        """A copy for one use. ``ValueError`` after ``wipe``."""
        return self._page[: self._length]

    def wipe(self) -> None:
        """Overwrite the secret and give its page back; nothing happens the second time."""
        if not self._page.closed:
            self._page[: self._length] = bytes(self._length)
            self._page.close()


def _lock(page: mmap.mmap) -> bool:
    try:
        start = ctypes.addressof(ctypes.c_char.from_buffer(page))
        return bool(ctypes.CDLL(None).mlock(ctypes.c_void_p(start), ctypes.c_size_t(len(page))) == 0)
    except (OSError, AttributeError):  # no such call here
        return False
