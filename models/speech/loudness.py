"""Loudness of speech in decibels, 50 times a second, measured while the sound passes through."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE: Final = 16000
HOP: Final = 320  # samples: 50 values per second
WINDOW: Final = 640  # samples: 40 ms, two periods of the lowest voices
FLOOR_DB: Final = -80.0
_MARGIN: Final = (WINDOW - HOP) // 2

Waveform = NDArray[np.float32]


class LoudnessMeter:
    """Measures loudness of sound on its way to somebody else: `meter.listen(chunks)` passes the chunks on unchanged.

    Value i is the power under a 40 ms Hann window centred on [i / 50, (i + 1) / 50) seconds, as dB relative to a
    full-scale square wave, never below -80. The numbers do not depend on how the sound was cut into chunks.
    """

    def __init__(self) -> None:
        self._window = np.hanning(WINDOW + 2)[1:-1] ** 2
        self._window /= self._window.sum()
        self._held: Waveform = np.zeros(_MARGIN, np.float32)  # from the next value's window on
        self._levels: list[NDArray[np.float32]] = []
        self._samples = 0

    def listen(self, chunks: Iterable[Waveform]) -> Iterator[Waveform]:
        """Pass chunks, (n,) float32 at 16 kHz, on to the consumer and measure them."""
        for chunk in chunks:
            self._samples += len(chunk)
            self._held = np.concatenate([self._held, chunk])
            self._measure(max((len(self._held) - WINDOW) // HOP + 1, 0))
            yield chunk
        missing = self.frames - sum(map(len, self._levels))
        self._held = np.pad(self._held, (0, WINDOW))
        self._measure(missing)

    @property
    def seconds(self) -> float:
        """How much sound has passed."""
        return self._samples / SAMPLE_RATE

    @property
    def frames(self) -> int:
        """How many values there are once the sound has ended: ceil(samples / 320)."""
        return -(-self._samples // HOP)

    @property
    def loudness(self) -> NDArray[np.float32]:
        """The values measured so far, (N,) float32 in dB."""
        return np.concatenate([*self._levels, np.empty(0, np.float32)])

    def _measure(self, count: int) -> None:
        """Take `count` values off the held sound."""
        if count <= 0:
            return
        starts = np.arange(count)[:, None] * HOP + np.arange(WINDOW)
        power = np.square(self._held[starts], dtype=np.float64) @ self._window
        self._levels.append(np.maximum(10.0 * np.log10(power + 1e-12), FLOOR_DB).astype(np.float32))
        self._held = self._held[count * HOP :]


def loudness(waveform: Waveform) -> NDArray[np.float32]:
    """Loudness (ceil(N / 320),) in dB of a whole waveform (N,) at 16 kHz; see `LoudnessMeter`."""
    meter = LoudnessMeter()
    for _ in meter.listen([waveform]):
        pass
    return meter.loudness
