"""Clips and folders of pictures: frames, times, and one clear sentence for what cannot be read."""

import re
import struct
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from doorward.adapters.video import source as sources
from doorward.adapters.video.source import open_source
from doorward.errors import SourceError
from privileges import bound_by_permissions
from shared_data import shared


def write_clip(path: Path, *, frames: int = 20, size: tuple[int, int] = (64, 48), codec: str = "libx264") -> Path:
    """A clip at 10 frames a second whose top left corner is bright and whose grey rises."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=10)
        stream.width, stream.height = size
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        for index in range(frames):
            image = np.full((size[1], size[0], 3), 40 + 5 * index, np.uint8)
            image[: size[1] // 3, : size[0] // 3] = 250
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="bgr24")))
        container.mux(stream.encode())
    return path


def read_all(spec: Path) -> list[tuple[float, np.ndarray]]:
    with open_source(str(spec)) as source:
        return [(frame.seconds, frame.image) for frame in source]


def sentence(spec: Path | str) -> str:
    with pytest.raises(SourceError) as caught, open_source(str(spec)) as source:
        list(source)
    message = caught.value.message
    assert message.endswith(".")
    assert "\n" not in message
    return message


@pytest.mark.parametrize("suffix", ["mp4", "mkv"])
def test_a_clip_gives_every_frame_on_its_own_clock(tmp_path: Path, suffix: str) -> None:
    frames = read_all(write_clip(tmp_path / f"clip.{suffix}"))
    assert [seconds for seconds, _ in frames] == pytest.approx([i / 10 for i in range(20)], abs=1e-3)
    image = frames[0][1]
    assert image.shape == (48, 64, 3)
    assert image.dtype == np.uint8
    assert image.flags["C_CONTIGUOUS"]
    assert image[5, 5].mean() > 230 > 60 > image[40, 60].mean()


def test_a_rotation_mark_turns_the_picture_upright(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "turned.mp4")
    data = bytearray(path.read_bytes())
    # The display matrix of the track header (ISO/IEC 14496-12, 8.3.2): a quarter turn clockwise.
    place = data.index(b"tkhd") + 4 + 40
    data[place : place + 36] = struct.pack(">9i", 0, 1 << 16, 0, -(1 << 16), 0, 0, 0, 0, 1 << 30)
    path.write_bytes(data)
    image = read_all(path)[0][1]
    assert image.shape == (64, 48, 3)
    assert image[5, 42].mean() > 230, "the bright corner has to lie top right"


def test_a_real_recording_is_read_to_its_end() -> None:
    with open_source(str(shared("video", "one-by-one-person-detection.mp4"))) as source:
        assert not source.is_live
        assert source.name == "one-by-one-person-detection.mp4"
        frames = [frame.seconds for frame in source]
    assert len(frames) == 1394
    assert frames[-1] == pytest.approx(139.3, abs=0.2)


def test_a_folder_is_five_pictures_a_second_in_order_of_names(tmp_path: Path) -> None:
    for name, grey in (("b.png", 100), ("a.jpg", 20), ("c.JPEG", 200)):
        cv2.imwrite(str(tmp_path / name), np.full((30, 40, 3), grey, np.uint8))
    (tmp_path / "notes.txt").write_text("no picture")
    frames = read_all(tmp_path)
    assert [round(float(image.mean()), -1) for _, image in frames] == [20, 100, 200]
    assert [seconds for seconds, _ in frames] == pytest.approx([0.0, 0.2, 0.4])


def test_what_is_no_video_gets_a_clear_sentence(tmp_path: Path) -> None:
    text = tmp_path / "text.mp4"
    text.write_text("This is a letter, not a video.\n" * 50)
    playlist = tmp_path / "list.m3u8"
    playlist.write_text(f"#EXTM3U\n#EXTINF:1,\nfile://{write_clip(tmp_path / 'other.mp4')}\n#EXT-X-ENDLIST\n")
    header_gone = tmp_path / "broken.mp4"
    header_gone.write_bytes(write_clip(tmp_path / "whole.mp4").read_bytes()[:900])
    (tmp_path / "empty.mp4").touch()
    for path in (text, playlist, header_gone, tmp_path / "empty.mp4"):
        assert "not a video" in sentence(path), path.name
    assert "There is no video at" in sentence(tmp_path / "missing.mp4")
    (tmp_path / "nothing").mkdir()
    assert "no JPEG or PNG" in sentence(tmp_path / "nothing")


def test_a_clip_that_breaks_off_says_where(tmp_path: Path) -> None:
    path = tmp_path / "torn.avi"
    data = bytearray(write_clip(path, frames=30, codec="mjpeg").read_bytes())
    middle = data.index(b"movi") + len(data) // 3
    data[middle:] = b"\x00" * (len(data) - middle)
    path.write_bytes(data)
    assert re.fullmatch(r"torn\.avi is damaged after 1\.\d s and cannot be read further\.", sentence(path))


def test_a_damaged_picture_in_a_folder_is_named(tmp_path: Path) -> None:
    good = cv2.imencode(".jpg", np.zeros((40, 40, 3), np.uint8))[1].tobytes()
    (tmp_path / "a.jpg").write_bytes(good)
    (tmp_path / "b.jpg").write_bytes(b"no picture at all")
    assert sentence(tmp_path).startswith("b.jpg is not a picture")


def test_pictures_above_the_limit_are_refused_before_they_are_decoded(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "huge.png"), np.zeros((3000, 4000, 3), np.uint8))
    assert "4000x3000" in sentence(tmp_path)
    assert "4096x2304" in sentence(write_clip(tmp_path / "huge.mkv", frames=1, size=(4096, 2304), codec="mjpeg"))


@pytest.mark.parametrize("spec", ["camera:97", "ftp://host/x", "http://[broken", "camera:x", "concat:/etc/hosts"])
def test_sources_that_cannot_be(spec: str) -> None:
    sentence(spec)


def test_a_webcam_that_is_none_or_may_not_be_opened_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "DEVICES", tmp_path)
    device = tmp_path / "video0"
    device.write_bytes(b"no camera")
    assert f"see that {device} is a camera" in sentence("camera:0")
    device.chmod(0)
    with bound_by_permissions():
        assert "This user may not open camera:0" in sentence("camera:0")


def test_a_mistyped_address_is_not_repeated() -> None:
    assert "geheim" not in sentence("rtsp:/admin:geheim@camera/stream")
