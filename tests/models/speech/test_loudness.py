import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.speech.loudness import FLOOR_DB, LoudnessMeter, loudness

SOUND = (np.random.default_rng(0).standard_normal(9111) * 0.1).astype(np.float32)


def test_a_tone_has_its_power() -> None:
    time = np.arange(16000) / 16000
    levels = loudness((0.5 * np.sin(2 * np.pi * 200 * time)).astype(np.float32))
    assert levels.shape == (50,)
    np.testing.assert_allclose(levels[2:-2], 20 * np.log10(0.5 / np.sqrt(2)), atol=0.05)


def test_silence_is_the_floor() -> None:
    np.testing.assert_array_equal(loudness(np.zeros(1000, np.float32)), np.full(4, FLOOR_DB, np.float32))


def test_a_click_is_heard_at_its_time() -> None:
    sound = np.zeros(16000, np.float32)
    sound[8000 + 160] = 1.0  # the middle of frame 25
    assert loudness(sound).argmax() == 25


@given(st.lists(st.integers(0, len(SOUND)), max_size=8))
def test_how_the_sound_is_cut_does_not_matter(cuts: list[int]) -> None:
    meter = LoudnessMeter()
    passed = list(meter.listen(np.split(SOUND, sorted(cuts))))
    np.testing.assert_array_equal(np.concatenate(passed), SOUND)
    np.testing.assert_array_equal(meter.loudness, loudness(SOUND))
    assert len(meter.loudness) == -(-len(SOUND) // 320) and meter.seconds == pytest.approx(len(SOUND) / 16000)
