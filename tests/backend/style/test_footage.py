from pathlib import Path

import numpy as np
import pytest
import soundfile

from backend.media import VideoError, write_video
from backend.style.footage import LARGEST, expected_frames, stream_pictures


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
