"""Energy of speech as the original's motion network hears it: RMS, 50 times a second (SPEC 2.1)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike, NDArray

WINDOW: Final = 512  # samples at 16 kHz: 32 ms
HOP: Final = 320  # samples: 50 values per second

Waveform = NDArray[np.float32]


class EnergyError(ValueError):
    """The sound is not what it should be; the message says what to do."""


def stream_energy(chunks: Iterable[ArrayLike]) -> Iterator[NDArray[np.float32]]:
    """Energy (n, 1) of each window that `chunks`, (m,) samples at 16 kHz, complete; cuts leave no trace.

    Value i is the root mean square of samples [320·i, 320·i + 512), so N samples give 1 + floor((N - 512) / 320)
    values: as many as DeepSpeech has frames.

    Raises:
        EnergyError: a chunk is not (m,) finite real numbers.
    """
    held = np.empty(0, np.float32)
    for chunk in chunks:
        held = np.concatenate([held, _samples(chunk)])
        count = max((len(held) - WINDOW) // HOP + 1, 0)
        if count:
            yield _root_mean_square(held, count)
            held = held[count * HOP :]


def energy(waveform: ArrayLike) -> NDArray[np.float32]:
    """Energy (F, 1) of a whole waveform (N,) at 16 kHz; channels are averaged beforehand. See `stream_energy`.

    Raises:
        EnergyError: as `stream_energy`, or fewer than 512 samples.
    """
    samples = _samples(waveform)
    if len(samples) < WINDOW:
        raise EnergyError(f"expected at least {WINDOW} samples (32 ms at 16 kHz), got {len(samples)}")
    return next(stream_energy([samples]))


def _root_mean_square(samples: Waveform, count: int) -> NDArray[np.float32]:
    windows = sliding_window_view(samples, WINDOW)[::HOP][:count]
    return np.sqrt(np.einsum("ij,ij->i", windows, windows, dtype=np.float64) / WINDOW).astype(np.float32)[:, None]


def _samples(chunk: ArrayLike) -> Waveform:
    array: NDArray[Any] = np.asarray(chunk)
    if array.ndim != 1 or array.dtype.kind != "f":
        raise EnergyError(f"expected samples as floating point of shape (N,), got {array.dtype} of {array.shape}")
    if not np.isfinite(array).all():
        raise EnergyError("the sound holds NaN or infinity; convert the recording again")
    return array.astype(np.float32, copy=False)
