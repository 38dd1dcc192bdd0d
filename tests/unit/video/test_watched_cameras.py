"""Cameras that fail in every way that cameras do: refused with a reason, or back by themselves, and the gap told."""

import os
import signal
import time
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from doorward.adapters.video import watched
from doorward.adapters.video.decoding import Decoding, to_image
from doorward.adapters.video.source import open_source
from doorward.adapters.video.watched import Gaps, Limits, WatchedCamera, open_watched
from doorward.bench.rtsp_server import RtspServer
from doorward.errors import SourceError
from doorward.kernel.image import Frame
from fakes.mjpeg_server import MjpegServer

QUICK = Limits(open=5.0, stall=0.6, frozen=60.0)


class Log:
    def __init__(self) -> None:
        self.reasons: list[str] = []
        self.seconds: list[float] = []
        self.gaps = Gaps(self.reasons.append, self.seconds.append)


def until_back(frames: Iterator[Frame], log: Log) -> float:
    """Read until the camera was away and is back; how long all that took."""
    began = time.monotonic()
    while not log.seconds:
        next(frames)
        assert time.monotonic() - began < 10
    assert next(frames).image.size
    return time.monotonic() - began


def test_a_camera_whose_stream_ends_is_back_by_itself_and_the_gap_is_told() -> None:
    log = Log()
    with RtspServer(die_after=60, frames_a_second=60) as server, open_watched(server.url, log.gaps, QUICK) as source:
        frames = iter(source)
        first = next(frames)
        assert (first.image.shape, source.is_live, source.name) == ((96, 160, 3), True, server.url)
        until_back(frames, log)
    assert "ended its stream" in log.reasons[0]
    assert 0 < log.seconds[0] < 10


def test_a_camera_that_falls_silent_is_ended_and_begun_anew() -> None:
    log = Log()
    with RtspServer(stall_after=60, frames_a_second=60) as server, open_watched(server.url, log.gaps, QUICK) as source:
        until_back(iter(source), log)
    assert "nothing for" in log.reasons[0] or "no picture" in log.reasons[0]


def test_a_process_that_dies_takes_nothing_with_it() -> None:
    log = Log()
    with RtspServer() as server, open_watched(server.url, log.gaps, QUICK) as source:
        frames = iter(source)
        next(frames)
        os.kill(reader_of(source), signal.SIGKILL)
        until_back(frames, log)
    assert "process that reads" in log.reasons[0]


def test_a_process_that_hangs_is_killed() -> None:
    log = Log()
    with RtspServer() as server, open_watched(server.url, log.gaps, QUICK) as source:
        frames = iter(source)
        next(frames)
        former = reader_of(source)
        os.kill(former, signal.SIGSTOP)
        until_back(frames, log)
        assert not Path(f"/proc/{former}").exists()
    assert "no picture" in log.reasons[0]


def test_a_camera_that_shows_the_same_picture_over_and_over_is_told() -> None:
    log = Log()
    still = np.full((96, 160, 3), 90, np.uint8)
    limits = Limits(open=2.0, stall=0.6, frozen=0.5)
    with RtspServer(pictures=lambda: cycle([still])) as server, open_watched(server.url, log.gaps, limits) as source:
        until_back(iter(source), log)
    assert "same picture" in log.reasons[0]


def test_a_camera_that_comes_to_send_garbage_is_away_and_comes_back() -> None:
    log = Log()
    with (
        RtspServer(garbage_after=60, frames_a_second=60) as server,
        open_watched(server.url, log.gaps, QUICK) as source,
    ):
        until_back(iter(source), log)
    assert log.reasons


def test_a_camera_that_never_sent_anything_else_is_refused() -> None:
    limits = Limits(open=1.0, stall=0.6)
    with MjpegServer(spoil=lambda octets: b"\x00" * len(octets)) as server, pytest.raises(SourceError) as caught:
        open_watched(server.url, limits=limits)
    assert "127.0.0.1" in caught.value.message


def test_a_camera_may_change_the_size_of_its_pictures() -> None:
    log = Log()
    with (
        MjpegServer(sizes=[(160, 96), (96, 160), (320, 240)]) as server,
        open_watched(server.url, log.gaps, QUICK) as source,
    ):
        seen = {frame.image.shape for frame in islice(iter(source), 28)}
    assert {(96, 160, 3), (160, 96, 3), (240, 320, 3)} <= seen


def test_pictures_of_no_size_are_refused() -> None:
    with pytest.raises(SourceError, match="no size"):
        to_image(av.VideoFrame(), "camera")

    def without_size(octets: bytes) -> bytes:
        place = octets.index(b"\xff\xc0") + 5
        return octets[:place] + b"\x00\x00\x00\x00" + octets[place + 4 :]

    with MjpegServer(spoil=without_size) as server, pytest.raises(SourceError):
        open_source(server.url, open_seconds=1.0)


def test_a_codec_that_nobody_has_is_refused_with_a_reason() -> None:
    with RtspServer(codec="X-SECRET") as server, pytest.raises(SourceError, match=r"decode|no picture|no video"):
        open_source(server.url, open_seconds=1.5)


def test_a_wrong_password_is_refused_and_no_password_is_seen_by_other_processes() -> None:
    with RtspServer(credential=("admin", "geheim")) as server:
        url = server.url.replace("://", "://admin:{}@")
        with pytest.raises(SourceError, match="user or password") as caught:
            open_watched(url.format("geheimer"), limits=QUICK)
        assert "geheim" not in caught.value.message
        with open_watched(url.format("geheim"), limits=QUICK) as source:
            process = Path(f"/proc/{reader_of(source)}")
            assert b"camera_process" in (process / "cmdline").read_bytes()
            assert b"geheim" not in (process / "cmdline").read_bytes()
            assert b"geheim" not in (process / "environ").read_bytes()


def test_pictures_come_over_udp_too() -> None:
    with RtspServer(udp=True) as server:
        with open_source(server.url.replace("rtsp://", "rtsp+udp://")) as source:
            assert source.name == server.url.replace("rtsp://", "rtsp+udp://")
            assert [frame.image.shape for frame in islice(iter(source), 5)] == [(96, 160, 3)] * 5
        with pytest.raises(SourceError):
            open_source(server.url, open_seconds=1.0)


def test_a_slow_reader_gets_the_newest_frame_and_no_queue() -> None:
    with RtspServer() as server, open_watched(server.url) as source:
        frames = iter(source)
        first = next(frames).seconds
        time.sleep(0.6)
        assert next(frames).seconds - first > 0.4


def test_a_file_is_read_as_ever(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no video at"):
        open_watched(str(tmp_path / "none.mp4"))


def reader_of(source: Any) -> int:
    assert isinstance(source, WatchedCamera)
    assert source._reader is not None
    return source._reader._process.pid


def test_a_remark_on_the_decoder_comes_from_the_process_that_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    program = "import sys; from doorward.adapters.video import camera_process, decoding; "
    program += "decoding.HARDWARE = (('cuda', '/dev/null'),); camera_process.main(int(sys.argv[1]))"
    monkeypatch.setattr(watched, "PROGRAM", ("-c", program))
    with (
        RtspServer() as server,
        open_watched(server.url, limits=QUICK, decoding=Decoding(remark=told.append)) as source,
    ):
        assert next(iter(source)).image.size
    (sentence,) = told
    assert "in software" in sentence
