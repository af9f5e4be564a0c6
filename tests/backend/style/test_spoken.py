from pathlib import Path

import numpy as np
import pytest
import soundfile

from backend.delivery import DEMO_VOICE
from backend.media import write_video
from backend.style.spoken import spoken_features
from models.face import open_head
from models.motion.style_features import FEATURES

FACE = open_head.load()


def test_a_voice_gives_features_of_the_neutral_style() -> None:
    reports: list[tuple[str, int, int]] = []
    spoken = spoken_features(DEMO_VOICE, 0.0, 14.0, FACE, lambda *report: reports.append(report))
    assert spoken is not None and spoken.shape == (len(FEATURES),) and np.isfinite(spoken).all()
    assert np.exp(spoken[FEATURES.index("jaw_mean")]) == pytest.approx(0.14, abs=0.06)
    assert reports == [("speech", 0, 1), ("speech", 1, 1)]


def test_only_the_shot_that_is_seen_is_heard(tmp_path: Path) -> None:
    voice, rate = soundfile.read(DEMO_VOICE)
    shot = voice[3 * rate : 10 * rate]
    soundfile.write(tmp_path / "shot.wav", shot, rate)
    soundfile.write(tmp_path / "all.wav", np.concatenate([0.9 * voice[: 4 * rate], shot, 0.9 * voice]), rate)
    alone = spoken_features(tmp_path / "shot.wav", 0.0, 7.0, FACE)
    within = spoken_features(tmp_path / "all.wav", 4.0, 7.0, FACE)
    assert alone is not None and within is not None
    assert within == pytest.approx(alone, abs=0.02)


def test_where_nothing_is_said_there_is_nothing_to_hear(tmp_path: Path) -> None:
    write_video(tmp_path / "mute.mp4", (np.zeros((32, 32, 3), np.uint8) for _ in range(150)), 25.0)
    soundfile.write(tmp_path / "silent.wav", np.zeros(16000 * 6), 16000)
    soundfile.write(tmp_path / "hum.wav", 0.1 * np.sin(np.arange(16000 * 6) / 20), 16000)
    for name in ("mute.mp4", "silent.wav", "hum.wav"):
        assert spoken_features(tmp_path / name, 0.0, 6.0, FACE) is None
