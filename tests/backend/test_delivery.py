from pathlib import Path

import av
import numpy as np
import pytest
import soundfile
from PIL import Image

from backend.delivery import DEMO_VOICE, FORMATS, Request, produce, write_demo_photo
from models import take as take_file


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everything the demo makes, from its first two seconds."""
    folder = tmp_path_factory.mktemp("made")
    waveform, rate = soundfile.read(DEMO_VOICE)
    soundfile.write(folder / "voice.wav", waveform[: 2 * rate], rate)
    stages: list[str] = []
    request = Request(folder / "voice.wav", folder / "out", image=write_demo_photo(folder / "photo.png"))
    result = produce(request, lambda stage, done, total: stages.append(stage))
    assert result["seconds"] == 2.0
    assert {"speech", "motion", "preview"} <= set(stages)
    return folder / "out"


def test_every_format_is_written(made: Path) -> None:
    assert {path.suffix[1:] for path in made.iterdir()} >= FORMATS
    assert not [path.name for path in made.iterdir() if path.name.startswith(".")]


def test_the_preview_has_every_frame_and_the_sound(made: Path) -> None:
    take = take_file.load(made / "take.npz")
    with av.open(str(made / "preview.mp4")) as video:
        frames = [frame.to_ndarray(format="rgb24") for frame in video.decode(video=0)]
    assert len(frames) == len(take.coefficients) and frames[0].shape == (512, 512, 3)
    assert np.abs(frames[0].astype(int) - frames[30].astype(int)).max() > 20
    with av.open(str(made / "preview.mp4")) as video:
        sound = np.concatenate([frame.to_ndarray()[0] for frame in video.decode(audio=0)])
        assert len(sound) / video.streams.audio[0].rate == pytest.approx(2.0, abs=0.1)
    assert np.abs(sound).max() > 0.05


def test_the_contact_sheet_shows_different_frames(made: Path) -> None:
    sheet = np.asarray(Image.open(made / "contact_sheet.png"))
    assert sheet.ndim == 3 and min(sheet.shape[:2]) > 400 and sheet.std() > 10


def test_only_what_is_asked_for_is_written(tmp_path: Path) -> None:
    produce(Request(DEMO_VOICE, tmp_path / "out", formats=frozenset()))
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["take.npz", "texture.png"]
