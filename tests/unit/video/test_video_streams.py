"""Live sources against servers that speak the real protocols on loopback."""

import socket
import time
from types import SimpleNamespace

import av.container
import av.error
import pytest

from doorward.adapters.video import decoding, live
from doorward.adapters.video.names import stream_name
from doorward.adapters.video.source import open_source
from doorward.bench.rtsp_server import RtspServer
from doorward.errors import SourceError
from fakes.mjpeg_server import MjpegServer


def failure(url: str, **limits: float) -> str:
    """Read until it fails; the sentence, which never holds the address's password."""
    with pytest.raises(SourceError) as caught, open_source(url, **limits) as source:
        for _ in source:
            pass
    assert "geheim" not in caught.value.message
    assert caught.value.__cause__ is None
    return caught.value.message


def with_password(url: str, user: str = "admin", password: str = "geheim") -> str:
    return url.replace("://", f"://{user}:{password}@")


def test_rtsp_gives_frames_in_real_time() -> None:
    with RtspServer() as server, open_source(with_password(server.url)) as source:
        assert source.is_live
        assert source.name == server.url
        times = []
        for frame in source:
            assert frame.image.shape == (96, 160, 3)
            times.append(frame.seconds)
            if len(times) == 15:
                break
    assert times == sorted(times)
    assert 0.3 < times[-1] < 3


def test_a_slow_reader_gets_the_newest_frame_and_no_queue() -> None:
    with RtspServer() as server, open_source(server.url) as source:
        frames = iter(source)
        first = next(frames).seconds
        time.sleep(1.0)
        started = time.monotonic()
        second = next(frames).seconds
        assert time.monotonic() - started < 0.2
        assert second - first > 0.7, "the frames in between have to be dropped"


def test_a_stream_that_dies_is_said() -> None:
    with RtspServer(die_after=60) as server:
        assert "ended its stream" in failure(with_password(server.url))


def test_a_stream_that_stalls_is_said_in_time() -> None:
    with RtspServer(stall_after=60) as server:
        started = time.monotonic()
        assert "sent nothing for" in failure(server.url, stall_seconds=1.0)
        assert time.monotonic() - started < 8


def test_a_server_that_never_answers_is_given_up() -> None:
    with RtspServer(mute=True) as server:
        started = time.monotonic()
        assert "no picture within 1 s" in failure(with_password(server.url), open_seconds=1.0)
        assert time.monotonic() - started < 3


@pytest.mark.parametrize(("seconds", "said"), [(0.5, "cannot be read"), (1.0, "no picture within 1 s")])
def test_an_error_as_late_as_the_limit_is_said_as_the_limit(
    monkeypatch: pytest.MonkeyPatch, seconds: float, said: str
) -> None:
    """FFmpeg gives up at the same moment, and what it says then depends on what it was waiting for."""
    now = [0.0]  # readers of other tests may still ask for the time
    monkeypatch.setattr(live, "time", SimpleNamespace(monotonic=lambda: now[0]))

    def opener() -> av.container.InputContainer:
        now[0] = seconds
        raise av.error.InvalidDataError(1, "invalid data")

    with pytest.raises(SourceError, match=said):
        live.LiveSource(opener, name="camera", open_seconds=1.0)


def test_credentials_open_the_stream_and_wrong_ones_are_said() -> None:
    with RtspServer(credential=("admin", "geheim")) as server:
        with open_source(with_password(server.url)) as source:
            assert next(iter(source)).image.shape == (96, 160, 3)
        assert "user or password" in failure(with_password(server.url, "admin", "geheimer"))


def test_a_decoder_in_hardware_that_cannot_be_used_is_done_without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "HARDWARE", (("cuda", "/dev/null"),))
    told: list[str] = []
    for asked in (decoding.Decoding(remark=told.append), decoding.Decoding(in_hardware=False, remark=told.append)):
        with RtspServer() as server, open_source(server.url, decoding=asked) as source:
            assert next(iter(source)).image.shape == (96, 160, 3)
    (sentence,) = told
    assert "in software" in sentence
    assert "cuda" in sentence
    with RtspServer(credential=("admin", "geheim")) as server:
        assert "user or password" in failure(with_password(server.url, "admin", "geheimer"))


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    for scheme in ("rtsp", "http"):
        assert "cannot be read" in failure(f"{scheme}://admin:geheim@127.0.0.1:{port}/x?token=geheim")


def test_mjpeg_over_http() -> None:
    with MjpegServer() as server, open_source(server.url) as source:
        frames = iter(source)
        assert [next(frames).image.shape for _ in range(5)] == [(96, 160, 3)] * 5
    with MjpegServer(20) as server:
        assert "127.0.0.1" in failure(with_password(server.url))
    with MjpegServer(status=404) as server:
        assert "404" in failure(server.url)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("rtsp://u:p@host:554/a/b?token=t#f", "rtsp://host:554/a/b"),
        ("rtsp://u:p@ss@host/a", "rtsp://host/a"),
        ("rtsp://host/user=admin_password=geheim_channel=1", "rtsp://host/…"),
        ("http://host/cgi/a@b", "http://host/…"),
    ],
)
def test_a_stream_is_named_without_its_secrets(url: str, name: str) -> None:
    assert stream_name(url) == name
