"""Photos as people send them: JPEG, PNG, WebP and HEIC, from bytes or a file to pixels.

Size is read from the header before anything is decoded. Pillow decodes, since OpenCV fills what a damaged file
lacks with grey and says nothing.
"""

import importlib
import importlib.util
import io
import struct
import warnings
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from PIL import Image as Pillow
from PIL import ImageFile, ImageOps, UnidentifiedImageError

from doorward.errors import PhotoError, PhotoTooLarge, PhotoTooSmall, PhotoUnreadable
from doorward.kernel.image import Image

MAX_PHOTO_BYTES = 20 * 1024 * 1024
MAX_PHOTO_PIXELS = 25_000_000
MIN_PHOTO_SIDE = 64

_ENOUGH = (1200, 1200)
"""Pixels that show a face well: a larger JPEG is decoded at a half, a quarter or an eighth, but not below these."""

_FORMATS = ("JPEG", "PNG", "WEBP")
_UNREADABLE = "The photo cannot be read: it is damaged, or no JPEG, PNG, WebP or HEIC; send another."
_HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1", b"hevc", b"hevx")
# What Pillow's decoders raise for damaged data.
_DECODER_FAULTS = (
    OSError, SyntaxError, ValueError, TypeError, IndexError, KeyError, EOFError, AttributeError, OverflowError,
    struct.error, MemoryError, RuntimeError,
)  # fmt: skip

# Pillow would warn on standard error of sizes that are refused in words here.
warnings.simplefilter("ignore", Pillow.DecompressionBombWarning)


def read_photo(path: Path, *, whole: bool = False) -> Image:
    """The photo in a file, ``whole`` as ``decode_photo`` takes it; ``PhotoError`` when it cannot be used."""
    if path.is_dir():
        raise PhotoUnreadable(f"{path} is a folder; name one photo in it.")
    try:
        with path.open("rb") as file:
            octets = file.read(MAX_PHOTO_BYTES + 1)
    except FileNotFoundError:
        raise PhotoUnreadable(f"There is no file {path}; check its name.") from None
    except OSError as error:
        raise PhotoUnreadable(f"The file {path} cannot be read ({error.strerror}); check its rights.") from None
    return decode_photo(octets, whole=whole)


def decode_photo(octets: bytes, *, whole: bool = False) -> Image:
    """The upright picture in ``octets``, blue, green, red, alpha laid on white; the first picture of several.

    ``whole``: at every pixel it has, for what is smaller than a face.
    ``PhotoTooLarge`` above ``MAX_PHOTO_BYTES`` or ``MAX_PHOTO_PIXELS``, ``PhotoTooSmall`` below
    ``MIN_PHOTO_SIDE`` pixels a side, ``PhotoUnreadable`` for everything that is no whole photo.
    """
    if len(octets) > MAX_PHOTO_BYTES:
        raise PhotoTooLarge(f"The photo is larger than {MAX_PHOTO_BYTES // 2**20} MB; send a smaller one.")
    if octets[4:8] == b"ftyp" and octets[8:12] in _HEIC_BRANDS:
        _enable_heic()
    try:
        with Pillow.open(io.BytesIO(octets), formats=_open_formats()) as photo:
            _check_size(photo)
            return _decode(photo, whole)
    except PhotoError:
        raise
    except (Pillow.DecompressionBombError, Pillow.DecompressionBombWarning):
        raise PhotoTooLarge(
            f"The photo is too large; send one of at most {MAX_PHOTO_PIXELS // 10**6} megapixels."
        ) from None
    except (UnidentifiedImageError, *_DECODER_FAULTS):
        raise PhotoUnreadable(_UNREADABLE) from None


def _check_size(photo: ImageFile.ImageFile) -> None:
    width, height = photo.size
    if width * height > MAX_PHOTO_PIXELS:
        raise PhotoTooLarge(
            f"The photo has {width * height / 1e6:.0f} megapixels; send one of at most {MAX_PHOTO_PIXELS // 10**6}."
        )
    if min(width, height) < MIN_PHOTO_SIDE:
        raise PhotoTooSmall(
            f"The photo has {width} x {height} pixels; send one of at least {MIN_PHOTO_SIDE} x {MIN_PHOTO_SIDE}."
        )


def _decode(photo: ImageFile.ImageFile, whole: bool) -> Image:
    if not whole:
        photo.draft(None, _ENOUGH)
    photo.load()
    ImageOps.exif_transpose(photo, in_place=True)
    upright: Pillow.Image = photo
    if upright.mode.startswith("I"):
        upright = _eight_bit(upright)
    if upright.has_transparency_data:
        flat = Pillow.new("RGBA", upright.size, "white")
        flat.alpha_composite(upright.convert("RGBA"))
        upright = flat
    if upright.mode != "RGB":
        upright = upright.convert("RGB")
    return cv2.cvtColor(np.asarray(upright), cv2.COLOR_RGB2BGR).astype(np.uint8, copy=False)


def _eight_bit(photo: Pillow.Image) -> Pillow.Image:
    values = np.asarray(photo).astype(np.int64)
    return Pillow.fromarray(np.clip(values >> 8, 0, 255).astype(np.uint8))


def _open_formats() -> tuple[str, ...]:
    return (*_FORMATS, "HEIF") if "HEIF" in Pillow.OPEN else _FORMATS


@cache
def _enable_heic() -> None:
    if importlib.util.find_spec("pi_heif") is None:
        raise PhotoUnreadable("This Doorward reads no HEIC; install doorward[heic], or send a JPEG.")
    importlib.import_module("pi_heif").register_heif_opener()
