"""Pitch of speech 50 times a second, measured while the sound passes through.

Autocorrelation of a 60 ms window over the window's own (Boersma 1993): the taper does not pull the peak to short lags.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE: Final = 16000
HOP: Final = 320  # samples: 50 values per second
WINDOW: Final = 960  # 60 ms: four periods of the lowest voices
LOWEST, HIGHEST = 65.0, 450.0  # hertz
_MARGIN: Final = (WINDOW - HOP) // 2
_LAGS: Final = np.arange(int(SAMPLE_RATE / HIGHEST), int(SAMPLE_RATE / LOWEST) + 1)
_QUIET: Final = 1e-7  # power below which nothing is periodic: -70 dB
_SHORTER: Final = 0.02  # per octave: of two equal peaks the one at the shorter lag is the pitch

Waveform = NDArray[np.float32]


class PitchMeter:
    """Measures pitch of sound on its way to somebody else, as `models.speech.loudness.LoudnessMeter` does loudness.

    Value i is (voicing, pitch): how periodic the 60 ms about [i / 50, (i + 1) / 50) seconds are, 0..1, and the
    logarithm to base 2 of hertz over 200, which means nothing where voicing is low. How the sound was cut into chunks
    makes no difference.
    """

    def __init__(self) -> None:
        self._taper = np.hanning(WINDOW + 2)[1:-1]
        self._of_taper = _autocorrelation(self._taper[None])[0]
        self._held: Waveform = np.zeros(_MARGIN, np.float32)  # from the next value's window on
        self._values: list[NDArray[np.float32]] = []
        self._samples = 0

    def listen(self, chunks: Iterable[Waveform]) -> Iterator[Waveform]:
        """Pass chunks, (n,) float32 at 16 kHz, on to the consumer and measure them."""
        for chunk in chunks:
            self._samples += len(chunk)
            self._held = np.concatenate([self._held, chunk])
            self._measure(max((len(self._held) - WINDOW) // HOP + 1, 0))
            yield chunk
        missing = -(-self._samples // HOP) - sum(map(len, self._values))
        self._held = np.pad(self._held, (0, WINDOW))
        self._measure(missing)

    @property
    def values(self) -> NDArray[np.float32]:
        """The values measured so far, (N, 2)."""
        return np.concatenate([*self._values, np.empty((0, 2), np.float32)])

    def _measure(self, count: int) -> None:
        """Take `count` values off the held sound, in portions that bound memory."""
        for first in range(0, count, 256):
            here = min(256, count - first)
            starts = (first + np.arange(here))[:, None] * HOP + np.arange(WINDOW)
            self._values.append(self._of(self._held[starts].astype(np.float64)))
        if count > 0:
            self._held = self._held[count * HOP :]

    def _of(self, windows: NDArray[np.float64]) -> NDArray[np.float32]:
        """Voicing and pitch (n, 2) of windows (n, 960)."""
        windows = windows - windows.mean(axis=1, keepdims=True)
        found = _autocorrelation(windows * self._taper)
        power = found[:, :1]
        ratio = found[:, _LAGS] / np.maximum(power, 1e-12) / (self._of_taper[_LAGS] / self._of_taper[0])
        best = (ratio - _SHORTER * np.log2(_LAGS / _LAGS[0])).argmax(axis=1)
        peak = ratio[np.arange(len(ratio)), best]
        voicing = np.where(power[:, 0] / WINDOW > _QUIET, np.clip(peak, 0.0, 1.0), 0.0)
        pitch = np.log2(SAMPLE_RATE / _LAGS[best] / 200.0)
        return np.stack([voicing, pitch], axis=1).astype(np.float32)


def pitch(waveform: Waveform) -> NDArray[np.float32]:
    """Voicing and pitch (ceil(N / 320), 2) of a whole waveform (N,) at 16 kHz; see `PitchMeter`."""
    meter = PitchMeter()
    for _ in meter.listen([waveform]):
        pass
    return meter.values


def _autocorrelation(windows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Autocorrelation (n, WINDOW) of windows (n, WINDOW)."""
    spectrum = np.fft.rfft(windows, 2 * WINDOW, axis=1)
    return np.asarray(np.fft.irfft(np.abs(spectrum) ** 2, axis=1)[:, :WINDOW])
