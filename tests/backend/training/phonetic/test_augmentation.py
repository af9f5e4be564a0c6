import numpy as np
import pytest

from backend.training.phonetic.augmentation import (
    at_level,
    augment,
    babble,
    coloured_noise,
    equalise,
    mix,
    reverberate,
)

RANDOM = np.random.default_rng(0)
SOUND = (RANDOM.standard_normal(16000) * 0.1).astype(np.float32)


def power(sound: np.ndarray) -> float:
    return float(np.mean(np.square(sound, dtype=np.float64)))


def test_the_same_generator_makes_the_same_copy() -> None:
    for seed in range(8):
        first, speed = augment(SOUND, [SOUND], np.random.default_rng(seed))
        second, again = augment(SOUND, [SOUND], np.random.default_rng(seed))
        np.testing.assert_array_equal(first, second)
        assert speed == again and np.isfinite(first).all()
        assert abs(len(first) - len(SOUND) / speed) <= 1.0


def test_different_draws_differ() -> None:
    peaks = {
        round(float(np.abs(augment(SOUND, [SOUND], np.random.default_rng(seed))[0]).max()), 5) for seed in range(9)
    }
    assert len(peaks) == 9


@pytest.mark.parametrize("decibels", [0.0, 10.0, 30.0])
def test_noise_is_mixed_at_its_ratio(decibels: float) -> None:
    noise = coloured_noise(len(SOUND), np.random.default_rng(1))
    added = mix(SOUND, noise, decibels) - SOUND
    assert 10 * np.log10(power(SOUND) / power(added)) == pytest.approx(decibels, abs=0.05)


def test_a_room_keeps_the_direct_sound_in_place_and_adds_a_tail() -> None:
    click = np.zeros(16000, np.float32)
    click[4000] = 1.0
    heard = reverberate(click, np.random.default_rng(2))
    assert heard[4000] == pytest.approx(1.0, abs=1e-5) and np.abs(heard[:4000]).max() < 1e-6
    assert 0.05 < power(heard[4001:]) * (len(heard) - 4001) < 5.0


def test_equalising_keeps_time_and_changes_colour() -> None:
    altered = equalise(SOUND, np.random.default_rng(3))
    assert len(altered) == len(SOUND)
    shift = np.argmax(np.correlate(altered[4000:12000], SOUND[4000:12000], "same")) - 4000
    assert shift == 0
    gains = np.abs(np.fft.rfft(altered))[100:] / np.abs(np.fft.rfft(SOUND))[100:]
    assert gains.max() / gains.min() > 1.5


def test_babble_has_the_length_asked_for() -> None:
    assert babble(5000, [SOUND, SOUND[:300]], np.random.default_rng(4)).shape == (5000,)


def test_level_is_the_peak() -> None:
    assert np.abs(at_level(SOUND, -20.0)).max() == pytest.approx(0.1, rel=1e-4)
