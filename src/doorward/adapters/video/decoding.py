"""Opening video through PyAV, and turning its frames into images."""

from collections.abc import Mapping

import av
import av.container
import av.error
import av.logging
import numpy as np

from doorward.errors import SourceError
from doorward.kernel.image import Image

MAX_PIXELS = 3840 * 2160
"""The largest frame taken, 8.3 megapixels: above it memory and time a frame are no longer bounded."""

NETWORK_FORMATS = "rtsp,sdp,rtp,mpjpeg,mjpeg,jpeg_pipe,mpegts,matroska,webm,mov,mp4,flv"
CLIP_FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,flv,asf,mjpeg,h264,hevc,ivf,ogg"
"""Formats that hold one video. Playlists and text art, which open other files or any text, are left out."""

av.logging.set_level(None)
av.logging.set_libav_level(av.logging.PANIC)


def open_container(
    place: str,
    *,
    name: str,
    format_name: str | None = None,
    options: Mapping[str, str],
    timeout: tuple[float, float] | None = None,
) -> av.container.InputContainer:
    """``place`` opened, with a video stream within the pixel limit; ``timeout`` is (open, read) in seconds.

    Raises PyAV's own errors when it cannot be opened, ``SourceError`` when what it holds cannot be used.
    """
    container = av.open(place, format=format_name, options=dict(options), timeout=timeout)
    if not container.streams.video:
        container.close()
        raise SourceError(f"{name} holds no video; give a video file, a folder of pictures, a camera or a stream.")
    context = container.streams.video[0].codec_context
    try:
        check_size(context.width, context.height, name)
    except SourceError:
        container.close()
        raise
    return container


def check_size(width: int, height: int, name: str) -> None:
    """``SourceError`` when a frame is larger than ``MAX_PIXELS``."""
    if width * height > MAX_PIXELS:
        raise SourceError(
            f"{name} has frames of {width}x{height} pixels, more than the {MAX_PIXELS / 1e6:.1f} megapixels that are "
            "taken; set the camera to a smaller picture."
        )


def to_image(frame: av.VideoFrame, name: str) -> Image:
    """The frame upright (its rotation mark honoured), as blue, green, red."""
    check_size(frame.width, frame.height, name)
    image = frame.to_ndarray(format="bgr24")
    turns = round(frame.rotation / 90) % 4
    return np.ascontiguousarray(np.rot90(image, turns), dtype=np.uint8)


def in_words(error: av.error.FFmpegError) -> str:
    """The library's reason without the address, which may hold a credential."""
    return (error.strerror or "unknown reason").rstrip(".").lower()
