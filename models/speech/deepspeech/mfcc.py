"""DeepSpeech's front-end: 26 mel-frequency cepstral coefficients a frame and their context (SPEC 9).

The arithmetic is in float64, as in the audio operators it answers to; what comes out is float32.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.fft import dct

from models.speech.deepspeech.sound import WINDOW, Sound

HOP: Final = 320  # samples: 20 ms at 16 kHz
COEFFICIENTS: Final = 26
CONTEXT: Final = 9  # frames on each side
INPUTS: Final = (2 * CONTEXT + 1) * COEFFICIENTS
_BANDS: Final = 40
_LOW_HZ: Final = 20.0
_HIGH_HZ: Final = 8000.0
_FLOOR: Final = 1e-12
_BLOCK: Final = 4096  # frames at once: an hour of sound must not take gigabytes


def power_spectrogram(sound: Sound) -> NDArray[np.float64]:
    """|FFT|² under a periodic Hann window of 512 samples every 320: (F, 257), F = 1 + ⌊(N - 512) / 320⌋."""
    return _power(_frames(sound))


def mfcc(sound: Sound) -> NDArray[np.float32]:
    """Cepstral coefficients (F, 26) of a sound, F as for `power_spectrogram`; no lifter, no normalisation."""
    frames = _frames(sound)
    blocks = [_cepstrum(_power(frames[i : i + _BLOCK]), sound.rate) for i in range(0, len(frames), _BLOCK)]
    return np.concatenate(blocks)


def in_context(coefficients: NDArray[np.float32]) -> NDArray[np.float32]:
    """Each frame between its 9 left and right neighbours, zeros outside the clip: (F, 26) to (F, 494), frame-major."""
    if coefficients.ndim != 2 or coefficients.shape[1] != COEFFICIENTS:
        raise ValueError(f"expected coefficients (F, {COEFFICIENTS}), got {coefficients.shape}")
    padded = np.pad(coefficients, ((CONTEXT, CONTEXT), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * CONTEXT + 1, axis=0)
    return np.ascontiguousarray(windows.transpose(0, 2, 1).reshape(len(coefficients), INPUTS))


def _frames(sound: Sound) -> NDArray[np.float32]:
    """The sound cut into overlapping frames (F, 512), a view."""
    return np.lib.stride_tricks.sliding_window_view(sound.waveform, WINDOW)[::HOP]


def _power(frames: NDArray[np.float32]) -> NDArray[np.float64]:
    window = 0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(WINDOW) / WINDOW)
    spectrum = np.fft.rfft(frames * window)
    return spectrum.real**2 + spectrum.imag**2


def _cepstrum(power: NDArray[np.float64], rate: int) -> NDArray[np.float32]:
    bands = np.sqrt(power) @ _mel_bands(rate)
    spectrum = np.log(np.maximum(bands, _FLOOR))
    return (np.sqrt(2.0 / _BANDS) * 0.5 * dct(spectrum, type=2))[:, :COEFFICIENTS].astype(np.float32)


@lru_cache(maxsize=4)
def _mel_bands(rate: int) -> NDArray[np.float64]:
    """(257, 40): how each bin's amplitude splits, linearly in mel, between the two centres it lies between.

    The rightmost centre (8 kHz) and the leftmost edge (20 Hz) have no band: their shares are dropped.
    """
    hz_per_bin = rate / WINDOW
    bins = np.arange(int(1.5 + _LOW_HZ / hz_per_bin), int(_HIGH_HZ / hz_per_bin) + 1)
    low, high = _mel(_LOW_HZ), _mel(_HIGH_HZ)
    place = (_mel(bins * hz_per_bin) - low) / (high - low) * (_BANDS + 1)  # 0 at 20 Hz, k at the k-th centre
    distance = np.abs(place[:, None] - np.arange(1, _BANDS + 1))
    weights = np.zeros((WINDOW // 2 + 1, _BANDS))
    weights[bins] = np.maximum(1.0 - distance, 0.0)
    return weights


def _mel(hz: NDArray[np.float64] | float) -> NDArray[np.float64]:
    return 1127.0 * np.log1p(np.asarray(hz) / 700.0)
