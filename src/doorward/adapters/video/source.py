"""From what a person writes after ``--source`` to frames."""

import re
from pathlib import Path
from urllib.parse import urlsplit

import av.container
import av.error

from doorward.adapters.video.clip import ClipSource
from doorward.adapters.video.decoding import DECODING, NETWORK_FORMATS, Decoding, in_words, open_container
from doorward.adapters.video.folder import FolderSource
from doorward.adapters.video.live import OPEN_SECONDS, STALL_SECONDS, LiveSource
from doorward.adapters.video.names import STREAM_SCHEMES, UDP, stream_name
from doorward.errors import SourceError
from doorward.kernel.image import FrameSource

CAMERA = re.compile(r"camera:(\d{1,3})")
DEVICES = Path("/dev")


def is_live(spec: str) -> bool:
    """Whether ``spec`` is a camera or a stream, and no file."""
    return CAMERA.fullmatch(spec) is not None or "://" in spec


def open_source(
    spec: str,
    *,
    open_seconds: float = OPEN_SECONDS,
    stall_seconds: float = STALL_SECONDS,
    decoding: Decoding = DECODING,
) -> FrameSource:
    """The frames of ``spec``: a video file, a folder of pictures, ``camera:0``, ``rtsp://…``,
    ``rtsp+udp://…`` or ``http(s)://…``.

    The source is open on return and is closed by its ``with`` block. ``SourceError``, in one sentence and without
    the address's credential, when it is not there, is no video, or sends no picture within ``open_seconds``.
    """
    camera = CAMERA.fullmatch(spec)
    if camera:
        return _camera(int(camera[1]), open_seconds, stall_seconds)
    if "://" in spec:
        return _stream(spec, open_seconds, stall_seconds, decoding)
    path = Path(spec)
    if path.is_dir():
        return FolderSource(path)
    if not path.is_file():
        place = "that address" if "@" in spec else spec
        raise SourceError(
            f"There is no video at {place}; give a video file, a folder of pictures, camera:0 or an rtsp:// address."
        )
    return ClipSource(path)


def _camera(number: int, open_seconds: float, stall_seconds: float) -> FrameSource:
    device = DEVICES / f"video{number}"
    name = f"camera:{number}"
    if not device.exists():
        raise SourceError(f"There is no camera {number} at this machine; plug it in or give another number.")

    def opener() -> av.container.InputContainer:
        try:
            return open_container(
                str(device), name=name, format_name="v4l2", options={}, timeout=(open_seconds, stall_seconds)
            )
        except av.error.PermissionError:
            raise SourceError(f"This user may not open {name}; let them into the group that {device} has.") from None
        except (av.error.FFmpegError, ValueError) as error:  # ValueError: an FFmpeg that knows no such cameras
            reason = in_words(error) if isinstance(error, av.error.FFmpegError) else "this PyAV reads no webcams"
            raise SourceError(
                f"{name} cannot be read ({reason}); see that {device} is a camera and that no other program has it."
            ) from None

    return LiveSource(opener, name=name, open_seconds=open_seconds, stall_seconds=stall_seconds)


def _stream(url: str, open_seconds: float, stall_seconds: float, decoding: Decoding) -> FrameSource:
    try:
        scheme = urlsplit(url).scheme.lower()
    except ValueError:
        scheme = ""
    if scheme not in (*STREAM_SCHEMES, UDP):
        raise SourceError(
            "That address is none that can be read; give one that begins with rtsp://, rtsp+udp://, rtsps://, http:// "
            "or https://."
        )
    name = stream_name(url)
    options = {
        "protocol_whitelist": "rtsp,rtsps,rtp,srtp,udp,tcp,tls,http,https,httpproxy",
        "format_whitelist": NETWORK_FORMATS,
        "fflags": "nobuffer",
        "analyzeduration": "1000000",
        "fpsprobesize": "0",  # frames are timed as they arrive: their rate is not worth waiting for twenty of them
    }
    if scheme.startswith("rtsp"):
        options["rtsp_transport"] = "udp" if scheme == UDP else "tcp"
    if scheme == UDP:
        url = "rtsp" + url[len(UDP) :]

    def opener() -> av.container.InputContainer:
        limits = (open_seconds, stall_seconds)
        return open_container(url, name=name, options=options, timeout=limits, decoding=decoding)

    return LiveSource(opener, name=name, open_seconds=open_seconds, stall_seconds=stall_seconds)
