"""Opening video through PyAV, and turning its frames into images."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import av
import av.container
import av.error
import av.logging
import numpy as np
from av.codec.hwaccel import HWAccel, hwdevices_available

from doorward.errors import SourceError
from doorward.kernel.image import Image

MAX_PIXELS = 3840 * 2160
"""The largest frame taken, 8.3 megapixels: above it memory and time a frame are no longer bounded."""

NETWORK_FORMATS = "rtsp,sdp,rtp,mpjpeg,mjpeg,jpeg_pipe,mpegts,matroska,webm,mov,mp4,flv"
CLIP_FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,flv,asf,mjpeg,h264,hevc,ivf,ogg"
"""Formats that hold one video. Playlists and text art, which open other files or any text, are left out."""

HARDWARE = (("cuda", "/dev/nvidia0"), ("vaapi", "/dev/dri/renderD128"), ("qsv", "/dev/dri/renderD128"))
"""Kinds of decoders that FFmpeg knows, and where Linux shows the device of each."""


@dataclass(frozen=True, slots=True)
class Decoding:
    """``in_hardware``: where this machine has it, PyAV can use it, and the source is a stream of a network.

    ``remark``: who is told when it is there and is not used, in a sentence.
    """

    in_hardware: bool = True
    remark: Callable[[str], None] = lambda _: None


DECODING = Decoding()

av.logging.set_level(None)
av.logging.set_libav_level(av.logging.PANIC)


def open_container(
    place: str,
    *,
    name: str,
    format_name: str | None = None,
    options: Mapping[str, str],
    timeout: tuple[float, float] | None = None,
    decoding: Decoding | None = None,
) -> av.container.InputContainer:
    """``place`` opened, with a video stream within the pixel limit; ``timeout`` is (open, read) in seconds.

    ``decoding``: ``None`` for software alone.

    Raises PyAV's own errors when it cannot be opened, ``SourceError`` when what it holds cannot be used.
    """
    container = None
    hardware = _hardware_here() if decoding is not None and decoding.in_hardware else None
    if hardware is not None:
        device = HWAccel(hardware, allow_software_fallback=True)
        try:
            container = av.open(place, format=format_name, options=dict(options), timeout=timeout, hwaccel=device)
        except av.error.HTTPUnauthorizedError:
            raise
        except av.error.FFmpegError:  # it is there and cannot be used; what else is wrong is seen again
            container = None
    if container is None:
        container = av.open(place, format=format_name, options=dict(options), timeout=timeout)
    if not container.streams.video:
        container.close()
        raise SourceError(f"{name} holds no video; give a video file, a folder of pictures, a camera or a stream.")
    # PyAV gives a stream no context when FFmpeg has no decoder for it, whatever its types say.
    context: av.VideoCodecContext | None = container.streams.video[0].codec_context
    try:
        if context is None:
            raise SourceError(f"{name} sends video of a kind that nobody here can decode; set the camera to H.264.")
        check_size(context.width, context.height, name)
    except SourceError:
        container.close()
        raise
    if decoding is not None and hardware is not None and not context.is_hwaccel:
        decoding.remark(f"{name} is decoded in software: this machine has {hardware}, which cannot be used for it.")
    return container


def _hardware_here() -> str | None:
    """The kind of decoder that this machine shows and PyAV knows."""
    offered = hwdevices_available()
    return next((kind for kind, place in HARDWARE if kind in offered and Path(place).exists()), None)


def check_size(width: int, height: int, name: str) -> None:
    """``SourceError`` when a frame is larger than ``MAX_PIXELS``."""
    if width * height > MAX_PIXELS:
        raise SourceError(
            f"{name} has frames of {width}x{height} pixels, more than the {MAX_PIXELS / 1e6:.1f} megapixels that are "
            "taken; set the camera to a smaller picture."
        )


def to_image(frame: av.VideoFrame, name: str) -> Image:
    """The frame upright (its rotation mark honoured), as blue, green, red. ``SourceError`` when it has no size."""
    if not frame.width or not frame.height:
        raise SourceError(f"{name} sends pictures of no size; restart the camera.")
    check_size(frame.width, frame.height, name)
    image = frame.to_ndarray(format="bgr24")
    turns = round(frame.rotation / 90) % 4
    return np.ascontiguousarray(np.rot90(image, turns), dtype=np.uint8)


def in_words(error: av.error.FFmpegError) -> str:
    """The library's reason without the address, which may hold a credential."""
    return (error.strerror or "unknown reason").rstrip(".").lower()
