from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from backend import pace
from backend.media import VideoError, write_video
from backend.style import footage
from backend.style.footage import LARGEST, MOST_A_SECOND, expected_frames, stream_pictures


def clip(path: Path, frames: int, fps: float, size: tuple[int, int] = (48, 64)) -> Path:
    """A video whose brightness rises from frame to frame."""
    write_video(path, (np.full((*size, 3), 3 * i % 250, np.uint8) for i in range(frames)), fps)
    return path


def test_pictures_come_in_order_with_their_times(tmp_path):
    pictures = list(stream_pictures(clip(tmp_path / "a.mp4", 50, 25), 60))
    assert [picture.seconds for picture in pictures] == pytest.approx(np.arange(50) / 25)
    assert pictures[0].image.shape == (48, 64, 3)
    assert np.all(np.diff([picture.image.mean() for picture in pictures]) > 1)


@pytest.mark.parametrize(("fps", "kept"), [(30, 30), (50, 25), (60, 30), (120, 30)])
def test_fast_footage_is_thinned_evenly(tmp_path, fps, kept):
    path = clip(tmp_path / "a.mp4", 2 * fps, fps)
    pictures = list(stream_pictures(path, 60))
    assert np.diff([picture.seconds for picture in pictures]) == pytest.approx(1 / kept)
    assert len(pictures) == 2 * kept == pytest.approx(expected_frames(path, 60), abs=1)


def test_a_long_video_is_read_only_as_far_as_asked(tmp_path):
    path = clip(tmp_path / "a.mp4", 100, 25)
    assert len(list(stream_pictures(path, 1.0))) == 26 and expected_frames(path, 1.0) == 25


def test_large_footage_is_made_smaller(tmp_path):
    (picture,) = stream_pictures(clip(tmp_path / "a.mp4", 1, 25, (1080, 1920)), 60)
    assert picture.image.shape == (720, LARGEST, 3)


def test_what_is_no_video_is_one_error(tmp_path):
    (tmp_path / "text.mp4").write_text("no video")
    soundfile.write(tmp_path / "sound.wav", np.zeros(16000), 16000)
    for name, said in (("none.mp4", "no file"), ("text.mp4", "not a readable video"), ("sound.wav", "no pictures")):
        with pytest.raises(VideoError, match=said):
            list(stream_pictures(tmp_path / name, 60))
        assert expected_frames(tmp_path / name, 60) == 0


def test_pictures_beyond_the_cap_are_refused_undecoded(tmp_path, monkeypatch):
    path = clip(tmp_path / "a.mp4", 2, 25, (100, 200))
    monkeypatch.setattr(footage, "MOST_MEGAPIXELS", 0.0199)
    with pytest.raises(VideoError, match=r"200 x 100 pixels, at most .*; scale it down"):
        next(stream_pictures(path, 60))
    monkeypatch.setattr(footage, "MOST_MEGAPIXELS", 0.02)
    assert len(list(stream_pictures(path, 60))) == 2


def test_a_video_whose_clock_stands_still_ends(tmp_path):
    """A second is asked for; its pictures all say that they are the first one, and there are far more."""
    path, count = tmp_path / "a.mkv", MOST_A_SECOND + 20
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mjpeg", rate=25, options={"strict": "unofficial"})
        stream.width, stream.height, stream.pix_fmt = 32, 32, "yuvj420p"
        for _ in range(count):
            picture = av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), format="rgb24")
            for packet in stream.encode(picture):
                packet.pts = packet.dts = 0
                container.mux(packet)
    taken: list[float] = []
    with pytest.raises(VideoError, match="more than 240 pictures a second; convert"):
        taken.extend(picture.seconds for picture in stream_pictures(path, 1.0))
    assert taken == [0.0] * (MOST_A_SECOND + 1)


def test_footage_that_takes_too_long_to_decode_is_given_up(tmp_path, monkeypatch):
    path = clip(tmp_path / "a.mp4", 50, 25)
    monkeypatch.setattr(pace, "HEAD_START", -0.5 * footage.SLOWEST)  # as if half a second had been slow
    with pytest.raises(VideoError, match=r"takes too long to decode .*; convert it to MP4"):
        list(stream_pictures(path, 60))
