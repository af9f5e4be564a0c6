import numpy as np
import pytest

from models.speech.deepspeech.mfcc import in_context, mfcc, power_spectrogram
from models.speech.deepspeech.sound import Sound, listen, read_wav
from tests.golden import GOLDEN, needs

GOLDEN_FILE = GOLDEN / "deepspeech/deepspeech_small_io.npz"
RECORDINGS = {"mono": "mono_7p3s.wav", "stereo": "stereo_1p5s.wav"}
NOISE = (np.random.default_rng(0).standard_normal(16000) * 0.1).astype(np.float32)


def test_frames_are_counted_without_padding() -> None:
    for samples, frames in ((512, 1), (831, 1), (832, 2), (16000, 49)):
        assert mfcc(Sound(NOISE[:samples])).shape == (frames, 26)


def test_a_tone_lights_its_bin() -> None:
    tone = np.sin(2 * np.pi * 1000.0 * np.arange(16000) / 16000).astype(np.float32)
    power = power_spectrogram(Sound(tone))
    assert (power.argmax(axis=1) == 32).all()
    np.testing.assert_allclose(power[:, 32], 128.0**2, rtol=1e-5)  # half of the window's sum, squared


def test_silence_is_the_floor() -> None:
    """All bands at ln 1e-12: the first coefficient is sqrt(2/40) · 40 times that, the others vanish."""
    coefficients = mfcc(Sound(np.zeros(600, np.float32)))
    np.testing.assert_allclose(coefficients[0, 0], np.sqrt(1 / 20) * 40 * np.log(1e-12), rtol=1e-6)
    np.testing.assert_allclose(coefficients[0, 1:], 0.0, atol=1e-4)


def test_loudness_moves_only_the_first_coefficient() -> None:
    quiet, loud = mfcc(Sound(NOISE)), mfcc(Sound(2 * NOISE))
    np.testing.assert_allclose(loud[:, 1:], quiet[:, 1:], atol=1e-4)
    np.testing.assert_allclose(loud[:, 0] - quiet[:, 0], np.sqrt(1 / 20) * 40 * np.log(2), rtol=1e-4)


def test_the_rate_enters_the_mel_scale() -> None:
    assert np.abs(mfcc(Sound(NOISE, 16000)) - mfcc(Sound(NOISE, 44100))).max() > 0.1


def test_long_sound_is_the_same_in_blocks() -> None:
    long = np.tile(NOISE[:320], 4200)  # more frames than are taken at once, all alike
    coefficients = mfcc(Sound(long))
    np.testing.assert_allclose(coefficients, np.tile(coefficients[0], (4199, 1)), atol=1e-5)


def test_context_is_centred_and_zero_outside() -> None:
    coefficients = np.arange(12 * 26, dtype=np.float32).reshape(12, 26) + 1
    windows = in_context(coefficients).reshape(12, 19, 26)
    np.testing.assert_array_equal(windows[:, 9], coefficients)
    np.testing.assert_array_equal(windows[0, :9], 0.0)
    np.testing.assert_array_equal(windows[10, :11], coefficients[1:])
    np.testing.assert_array_equal(windows[10, 11:], 0.0)
    with pytest.raises(ValueError, match="26"):
        in_context(np.zeros((3, 13), np.float32))


@needs(GOLDEN_FILE)
@pytest.mark.parametrize("name", sorted(RECORDINGS))
def test_matches_the_original(name: str) -> None:
    golden = np.load(GOLDEN_FILE)
    sound = listen(*read_wav(GOLDEN / "audio" / RECORDINGS[name]), compat=True)
    np.testing.assert_array_equal(sound.waveform[:32], golden[f"{name}_pcm_first32"])
    np.testing.assert_allclose(power_spectrogram(sound)[:8], golden[f"{name}_spectrogram_first8"], rtol=1e-5, atol=1e-6)
    coefficients = mfcc(sound)
    np.testing.assert_allclose(coefficients, golden[f"{name}_mfcc"], rtol=0, atol=5e-6)
    windows = in_context(coefficients).reshape(-1, 19, 26)
    np.testing.assert_allclose(windows[:3], golden[f"{name}_windows_first3"], rtol=0, atol=5e-6)
    np.testing.assert_allclose(windows[-2:], golden[f"{name}_windows_last2"], rtol=0, atol=5e-6)
