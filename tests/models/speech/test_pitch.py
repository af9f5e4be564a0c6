"""Pitch of sounds whose pitch is known."""

import numpy as np
import pytest

from models.speech.pitch import HOP, SAMPLE_RATE, PitchMeter, pitch


def buzz(hertz: float, seconds: float = 1.0) -> np.ndarray:
    """A sound rich in harmonics, as a voice is."""
    times = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return sum(np.sin(2 * np.pi * hertz * n * times) / n for n in range(1, 12)).astype(np.float32) * 0.1


@pytest.mark.parametrize("hertz", [80.0, 120.0, 200.0, 310.0, 400.0])
def test_the_pitch_of_a_voice_is_found_to_a_semitone(hertz: float) -> None:
    values = pitch(buzz(hertz))[5:-5]
    assert (values[:, 0] > 0.8).all()
    assert np.abs(values[:, 1] - np.log2(hertz / 200.0)).max() < 1 / 12


def test_noise_and_silence_are_not_voiced() -> None:
    noise = np.random.default_rng(0).standard_normal(SAMPLE_RATE).astype(np.float32) * 0.1
    assert np.median(pitch(noise)[:, 0]) < 0.5
    assert (pitch(np.zeros(SAMPLE_RATE, np.float32))[:, 0] == 0).all()


@pytest.mark.parametrize("size", [1, 100, 320, 777, 16000])
def test_pieces_give_what_the_whole_gives(size: int) -> None:
    sound = buzz(150.0, 0.5)[: 20 * HOP + 13]
    meter = PitchMeter()
    passed = list(meter.listen([sound[i : i + size] for i in range(0, len(sound), size)]))
    np.testing.assert_array_equal(np.concatenate(passed), sound)
    np.testing.assert_array_equal(meter.values, pitch(sound))
    assert meter.values.shape == (21, 2)
