"""The process that reads one camera: a decoder that hangs, crashes or eats memory takes nothing else with it.

Run as ``python -m doorward.adapters.video.camera_process FD``. FD is memory shared with whoever began it. On standard
input come one line of JSON, the address and the limits, and then one octet for each frame that is wanted; the newest
picture is then laid into the memory and its ``HEADER`` written to standard output. It ends with its standard input.
"""

import json
import mmap
import os
import struct
import sys
from collections.abc import Iterator
from contextlib import suppress

from doorward.adapters.process import harden_process
from doorward.adapters.video.decoding import MAX_PIXELS, Decoding
from doorward.adapters.video.live import LiveSource
from doorward.adapters.video.source import open_source
from doorward.errors import SourceError
from doorward.kernel.image import Frame

HEADER = struct.Struct(">BIId")
"""Kind, height and width in pixels, and the frame's arrival in seconds of the system's steady clock. With ``SAID`` the
height is the length of a sentence in UTF-8 that follows, and with ``OPENED`` that of a remark, or 0."""

FRAME, SAID, OPENED = range(3)
SHARED = MAX_PIXELS * 3


def main(shared: int) -> None:
    """Serve frames until standard input ends or the camera does."""
    harden_process()
    out = os.dup(1)
    os.dup2(2, 1)  # what a library prints is no frame
    asked = json.loads(sys.stdin.buffer.readline())
    with mmap.mmap(shared, SHARED) as memory, suppress(BrokenPipeError):
        try:
            _serve(out, memory, asked)
        except SourceError as error:
            octets = error.message.encode()
            os.write(out, HEADER.pack(SAID, len(octets), 0, 0.0) + octets)


def _serve(out: int, memory: mmap.mmap, asked: dict[str, str | float]) -> None:
    remarks: list[str] = []
    limits = {"open_seconds": float(asked["open"]), "stall_seconds": float(asked["stall"])}
    decoding = Decoding(bool(asked["hardware"]), remarks.append)
    with open_source(str(asked["source"]), **limits, decoding=decoding) as source:
        if not isinstance(source, LiveSource):
            raise SourceError("That is no camera and no stream; name one.")
        octets = " ".join(remarks).encode()
        os.write(out, HEADER.pack(OPENED, len(octets), 0, 0.0) + octets)
        frames: Iterator[Frame] = iter(source)
        while sys.stdin.buffer.read(1):
            frame = next(frames)
            height, width = frame.image.shape[:2]
            memory[: frame.image.size] = frame.image.data.cast("B")
            os.write(out, HEADER.pack(FRAME, height, width, source.began + frame.seconds))


if __name__ == "__main__":
    main(int(sys.argv[1]))
