from pathlib import Path

import numpy as np
import pytest
import soundfile

from models.speech.deepspeech.sound import Sound, SoundError, listen, read_wav

TWO_CHANNELS = (np.random.default_rng(0).standard_normal((4410, 2)) * 0.1).astype(np.float32)


def test_by_default_the_channels_are_averaged_at_16_khz() -> None:
    sound = listen(TWO_CHANNELS, 16000)
    np.testing.assert_allclose(sound.waveform, TWO_CHANNELS.mean(axis=1), atol=1e-7)
    resampled = listen(TWO_CHANNELS, 44100)
    assert resampled.rate == 16000 and len(resampled.waveform) == 1600


def test_compat_takes_channel_0_at_its_own_rate() -> None:
    sound = listen(TWO_CHANNELS, 44100, compat=True)
    assert sound.rate == 44100
    np.testing.assert_array_equal(sound.waveform, TWO_CHANNELS[:, 0])


def test_resampling_keeps_a_tone() -> None:
    tone = np.sin(2 * np.pi * 440 * np.arange(48000) / 48000).astype(np.float32)
    heard = listen(tone[:, None], 48000)
    expected = np.sin(2 * np.pi * 440 * np.arange(16000) / 16000)
    np.testing.assert_allclose(heard.waveform[500:-500], expected[500:-500], atol=1e-3)


def test_a_wav_file_is_read_as_samples_over_32768(tmp_path: Path) -> None:
    pcm = np.array([[-32768, 1], [16384, 32767]], np.int16)
    soundfile.write(tmp_path / "a.wav", pcm, 22050, subtype="PCM_16")
    samples, rate = read_wav(tmp_path / "a.wav")
    assert rate == 22050
    np.testing.assert_array_equal(samples, pcm / 32768)


def test_files_that_are_not_16_bit_wav_are_refused(tmp_path: Path) -> None:
    (tmp_path / "text.wav").write_text("no sound")
    soundfile.write(tmp_path / "deep.wav", TWO_CHANNELS, 16000, subtype="PCM_24")
    for name, reason in (("text.wav", "not a readable"), ("deep.wav", "24"), ("absent.wav", "not a readable")):
        with pytest.raises(SoundError, match=reason):
            read_wav(tmp_path / name)


@pytest.mark.parametrize(
    ("waveform", "rate", "reason"),
    [
        (np.zeros(511, np.float32), 16000, "512"),
        (np.zeros((600, 1), np.float32), 16000, "shape"),
        (np.full(600, np.nan, np.float32), 16000, "NaN"),
        (np.zeros(600, np.float32), 8000, "resample"),
    ],
)
def test_unusable_sound_is_refused(waveform: np.ndarray, rate: int, reason: str) -> None:
    with pytest.raises(SoundError, match=reason):
        Sound(waveform, rate)


def test_samples_need_a_channel_axis() -> None:
    with pytest.raises(SoundError, match="channels"):
        listen(np.zeros(600, np.float32), 16000)
