"""The sound DeepSpeech listens to: by default the channels' mean at 16 kHz, or what the original listened to.

The original took channel 0 of 16-bit WAV files at whatever rate they had (SPEC 9), while its loudness came from the
channels' mean at 16 kHz; `compat` brings that back.
"""

from __future__ import annotations

import wave
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import soxr
from numpy.typing import NDArray

SAMPLE_RATE: Final = 16000
WINDOW: Final = 512  # samples: 32 ms, the least that gives a frame


class SoundError(ValueError):
    """A sound DeepSpeech cannot listen to; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Sound:
    """One channel: `waveform` (N,) float32, full scale ±1, at `rate` samples per second.

    Raises:
        SoundError: not one channel, fewer than 512 samples, NaN or infinity, or a rate under 16 kHz.
    """

    waveform: NDArray[np.float32]
    rate: int = SAMPLE_RATE

    def __post_init__(self) -> None:
        if self.waveform.ndim != 1 or len(self.waveform) < WINDOW:
            raise SoundError(f"expected a waveform (N,) of at least {WINDOW} samples, got shape {self.waveform.shape}")
        if not np.isfinite(self.waveform).all():
            raise SoundError("the waveform holds NaN or infinity; repair the recording")
        if self.rate < SAMPLE_RATE:  # its mel bands reach up to 8 kHz, so the spectrum must, too
            raise SoundError(f"expected at least {SAMPLE_RATE} samples per second, got {self.rate}; resample it first")


def listen(samples: NDArray[np.float32], rate: int, *, compat: bool = False) -> Sound:
    """What DeepSpeech hears of a recording (N, channels) at `rate` samples per second.

    By default the mean of the channels, resampled to 16 kHz: 50 frames a second whatever the file. With `compat`
    channel 0 as it is: a file not at 16 kHz gives rate / 320 frames a second, as in the original.

    Raises:
        SoundError: see `Sound`; or the recording is not (N, channels).
    """
    if samples.ndim != 2 or not samples.shape[1] or rate <= 0:
        raise SoundError(f"expected samples (N, channels) and a positive rate, got {samples.shape} and {rate}")
    if compat:
        return Sound(np.ascontiguousarray(samples[:, 0]), rate)
    mean = samples.mean(axis=1, dtype=np.float32)
    return Sound(mean if rate == SAMPLE_RATE else soxr.resample(mean, rate, SAMPLE_RATE))


def read_wav(path: str | Path) -> tuple[NDArray[np.float32], int]:
    """A 16-bit PCM WAV file as samples (N, channels) float32, full scale ±1, and its rate.

    Raises:
        SoundError: no such file, not a WAV file, or not 16-bit PCM.
    """
    try:
        with wave.open(str(path), "rb") as file:
            width, channels, rate = file.getsampwidth(), file.getnchannels(), file.getframerate()
            pcm = file.readframes(file.getnframes())
    except (OSError, EOFError, wave.Error) as error:
        raise SoundError(f"{path} is not a readable 16-bit PCM WAV file ({error}); convert it") from error
    if width != 2:
        raise SoundError(f"expected 16 bits a sample, {path} has {8 * width}; convert it to 16-bit PCM")
    whole = len(pcm) - len(pcm) % (2 * channels)
    return np.frombuffer(pcm[:whole], "<i2").reshape(-1, channels).astype(np.float32) / 32768, rate
