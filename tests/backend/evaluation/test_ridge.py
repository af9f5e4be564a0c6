from pathlib import Path

import numpy as np
import pytest
import soundfile

from backend.evaluation.captured import Captured
from backend.evaluation.ridge import Ridge, spectral_context
from models.motion.style_choice import builtin


def take(folder: Path, name: str, seed: int) -> Captured:
    """A jaw that opens with the level of a buzz."""
    random = np.random.default_rng(seed)
    level = np.interp(np.arange(8 * 16000) / 16000, np.arange(41) / 5, random.uniform(0, 1, 41))
    buzz = np.sign(np.sin(2 * np.pi * 120 * np.arange(8 * 16000) / 16000))
    soundfile.write(folder / name, 0.3 * buzz * 10 ** (level - 1), 16000)
    expression = np.zeros((200, 64), np.float32)
    expression[:, 3] = 0.6 * level[::640]
    return Captured(name, "", folder / name, expression, None)


def test_a_jaw_that_follows_the_sound_is_found_on_unseen_sound(tmp_path):
    ridge = Ridge.fitted([take(tmp_path, f"{seed}.wav", seed) for seed in range(3)])
    unseen = take(tmp_path, "unseen.wav", 9)
    motion = ridge.move(ridge.hear(unseen.sound, None), builtin("neutral"))
    assert motion.expression.shape == (200, 64)
    assert np.corrcoef(motion.expression[:, 3], unseen.expression[:, 3])[0, 1] > 0.9
    assert not motion.angles.any()


def test_context_has_a_row_for_every_frame(tmp_path):
    soundfile.write(tmp_path / "a.wav", 0.1 * np.random.default_rng(0).standard_normal(16001), 16000)
    context = spectral_context(tmp_path / "a.wav")
    assert context.shape == (26, 9 * 80)
    assert np.isfinite(context).all()
    assert context[12, 4 * 80 : 5 * 80] == pytest.approx(context[13, 3 * 80 : 4 * 80])
