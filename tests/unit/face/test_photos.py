"""Whatever is sent as a photo: an upright picture, or one clear sentence."""

import io
import struct
import zlib
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from doorward.adapters.images import MAX_PHOTO_BYTES, decode_photo, read_photo
from doorward.errors import PhotoError, PhotoTooLarge, PhotoTooSmall, PhotoUnreadable

FORMATS = ("JPEG", "PNG", "WEBP")
ORIENTATION = 0x112


@cache
def picture() -> Image.Image:
    """Red left, blue right, darker downwards: every turn and every mirror shows."""
    pixels = np.zeros((90, 120, 3), dtype=np.uint8)
    shade = np.linspace(255, 60, 90).astype(np.uint8)[:, None]
    pixels[:, :60, 0], pixels[:, 60:, 2] = shade, shade
    return Image.fromarray(pixels)


def encoded(photo: Image.Image, format_name: str, **options: Any) -> bytes:
    octets = io.BytesIO()
    photo.save(octets, format_name, **options)
    return octets.getvalue()


def png_of_header(width: int, height: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 999)) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("format_name", FORMATS)
@pytest.mark.parametrize("orientation", range(1, 9))
def test_photo_is_upright_in_blue_green_red(format_name: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    octets = encoded(picture(), format_name, exif=exif.tobytes(), quality=95)

    image = decode_photo(octets)

    expected = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(octets))).convert("RGB"))[:, :, ::-1]
    assert image.dtype == np.uint8
    assert image.flags.c_contiguous
    assert image.shape == expected.shape
    assert np.abs(image.astype(int) - expected).max() <= 2


@pytest.mark.parametrize("mode", ["L", "P", "1", "LA", "RGBA", "I;16"])
def test_every_mode_of_png_becomes_three_channels(mode: str) -> None:
    photo = Image.fromarray(np.asarray(picture().convert("L")).astype(np.uint16) * 257)
    octets = encoded(photo if mode == "I;16" else picture().convert(mode), "PNG")
    image = decode_photo(octets)
    assert image.shape == (90, 120, 3)
    grey = np.asarray(picture().convert("L")).astype(float)
    assert abs(image.mean() - (grey if mode not in ("P", "RGBA") else np.asarray(picture())).mean()) < 8


def test_cmyk_progressive_and_animated_photos_are_read() -> None:
    assert decode_photo(encoded(picture().convert("CMYK"), "JPEG")).shape == (90, 120, 3)
    assert decode_photo(encoded(picture(), "JPEG", progressive=True)).shape == (90, 120, 3)
    animated = encoded(picture(), "WEBP", save_all=True, append_images=[picture().rotate(180)], lossless=True)
    assert np.array_equal(decode_photo(animated), np.asarray(picture())[:, :, ::-1])


def test_transparency_lies_on_white() -> None:
    photo = picture().convert("RGBA")
    photo.putalpha(0)
    assert decode_photo(encoded(photo, "PNG")).min() == 255


def test_large_jpeg_is_decoded_at_a_fraction() -> None:
    image = decode_photo(encoded(Image.new("RGB", (6000, 4000), "navy"), "JPEG"))
    assert image.shape == (2000, 3000, 3) or image.shape == (1334, 2000, 3)


@pytest.mark.parametrize(
    ("octets", "error"),
    [
        (b"", PhotoUnreadable),
        (b"this is a text, whatever the name of the file says " * 9, PhotoUnreadable),
        (b"\0" * (MAX_PHOTO_BYTES + 1), PhotoTooLarge),
        (encoded(Image.new("L", (8000, 5000)), "PNG"), PhotoTooLarge),
        (encoded(Image.new("L", (8000, 5000)), "JPEG"), PhotoTooLarge),
        (png_of_header(12_000, 10_000), PhotoTooLarge),
        (png_of_header(60_000, 60_000), PhotoTooLarge),
        (png_of_header(4_000, 4_000), PhotoUnreadable),
        (encoded(picture().resize((10, 10)), "PNG"), PhotoTooSmall),
        (encoded(picture(), "GIF"), PhotoUnreadable),
        (encoded(picture(), "TIFF"), PhotoUnreadable),
        (encoded(picture(), "BMP"), PhotoUnreadable),
        (b"\0\0\0\x18ftypheic" + b"\0" * 100, PhotoUnreadable),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else str(len(value)),
)
def test_what_is_no_photo_is_refused_in_words(octets: bytes, error: type[PhotoError]) -> None:
    with pytest.raises(error) as caught:
        decode_photo(octets)
    assert type(caught.value) is error
    assert caught.value.message.endswith(".")


@pytest.mark.parametrize("format_name", FORMATS)
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_truncated_photo_is_refused(format_name: str, share: float) -> None:
    octets = encoded(picture(), format_name)
    with pytest.raises(PhotoUnreadable):
        decode_photo(octets[: int(len(octets) * share)])


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    format_name=st.sampled_from(FORMATS),
    changes=st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=12),
    cut=st.integers(0, 3000),
)
def test_damaged_photo_is_a_picture_or_a_photo_error(
    format_name: str, changes: list[tuple[int, int]], cut: int
) -> None:
    octets = bytearray(encoded(picture(), format_name))
    for place, value in changes:
        octets[place % len(octets)] = value
    try:
        image = decode_photo(bytes(octets[: len(octets) - cut // 10 if cut % 2 else None]))
    except PhotoError:
        return
    assert image.ndim == 3
    assert image.shape[2] == 3


@settings(max_examples=100, deadline=None)
@given(start=st.sampled_from([b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\x99\0\0\0WEBPVP8 "]), rest=st.binary())
def test_noise_is_a_photo_error(start: bytes, rest: bytes) -> None:
    with pytest.raises(PhotoError):
        decode_photo(start + rest)


def test_files_that_are_not_there_are_named(tmp_path: Path) -> None:
    with pytest.raises(PhotoUnreadable, match="no file"):
        read_photo(tmp_path / "absent.jpg")
    with pytest.raises(PhotoUnreadable, match="folder"):
        read_photo(tmp_path)
    (tmp_path / "photo.png").write_bytes(encoded(picture(), "PNG"))
    assert read_photo(tmp_path / "photo.png").shape == (90, 120, 3)
