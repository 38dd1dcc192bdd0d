"""Which process of the host holds the gallery of a site: flock(2) on a file beside the keys, which ends with it."""

import fcntl
import os
from pathlib import Path

from doorward.adapters.galleries.face.search_calls import GALLERY


class GalleryHold:
    """From ``taken`` until ``let_go``."""

    def __init__(self, handle: int) -> None:
        self._handle = handle

    @staticmethod
    def taken(folder: Path, gallery: str = GALLERY) -> "GalleryHold | None":
        """``None`` when another process holds it, or the file system has no such locks."""
        try:
            handle = os.open(folder / f"{gallery}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError:
            return None
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
            return None
        return GalleryHold(handle)

    def let_go(self) -> None:
        os.close(self._handle)
