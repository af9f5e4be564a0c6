"""A network that sees 1.6 s of speech, run along a clip of any length in overlapping windows (SPEC 2).

Features come 50 times a second, video frames 25: F features make L = floor(F / 2) frames, and an odd last feature is
context only. A window gives the frames [a, a + 32) and sees the features [2a - 8, 2a + 72); before the clip's first
feature stands the first again, behind its last the last. Windows start every 8 frames and their results are averaged.

There are two schedules, which agree in all frames before L - 32:

- `slide` and `stream`, the default: the last window is [L - 32, L), once. A clip shorter than 32 frames (1.28 s) is
  one window whose results behind the clip's end are dropped. Frames leave as soon as no later window can change them,
  so a clip of any length runs in constant memory, and cuts between pieces leave no trace.
- `slide_compat`, the original: every start after L - 32 is drawn back to L - 32, so that the last window counts three
  or four times (once more where L - 32 is a multiple of 8), which ties the last 32 frames to it. Shorter clips
  crashed there and are refused here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.coefficients import Float32Array
from models.motion.style_code import check_code

STEP: Final = 8  # video frames from window to window
WINDOW: Final = 32  # video frames that a window gives
CONTEXT: Final = 8  # feature frames seen on either side
SEEN: Final = CONTEXT + 2 * WINDOW + CONTEXT
BATCH: Final = 32  # windows at once

# audio (B, C, 80), energy (B, 1, 80), styles (S, 135) -> motion (S, B, D, 32), as `StyleFusionModel.predict_each`
Predict = Callable[[Float32Array, Float32Array, Float32Array], Float32Array]


class SlidingError(ValueError):
    """Speech features are not what they should be; the message says what to do."""


def slide(predict: Predict, audio: ArrayLike, energy: ArrayLike, styles: ArrayLike) -> Float32Array:
    """Motion (L, D) at 25 fps of audio features (F, C) and energy (F, 1) at 50 per second, in one style (135,).

    Several styles (S, 135) give (S, L, D), and `predict` hears each window once for all of them.

    Raises:
        SlidingError: wrong shapes, counts that disagree, fewer than 2 features, NaN or infinity.
        StyleCodeError: not style codes.
    """
    sound, level = _whole(audio, energy)
    _check_counts(sound, level)
    return _along(predict, sound, level, window_starts(_frames(sound)), styles)


def stream(
    predict: Predict, pieces: Iterable[tuple[ArrayLike, ArrayLike]], styles: ArrayLike
) -> Iterator[Float32Array]:
    """`slide` for features that arrive piece by piece, (n, C) and (n, 1): yields (m, D) frames as they become final.

    A frame is final once the features of the 1.8 s behind it have come, or the clip has ended. Several styles
    (S, 135) give (S, m, D).

    Raises: as `slide`.
    """
    codes, single = _codes(styles)
    audio, energy, overlap = _Features("audio"), _Features("energy"), _OverlapMean()
    last, following = -1, 0
    for sound, level in pieces:
        audio.append(sound)
        energy.append(level, width=1)
        _check_counts(audio, energy)
        complete = (audio.count - SEEN + CONTEXT) // 2 + 1  # starts below see no end of the clip
        for starts in _batches(range(following, complete, STEP)):
            overlap.add(starts, predict(audio.cut(starts), energy.cut(starts), codes))
            last, following = starts[-1], starts[-1] + STEP
            yield single(overlap.take(last))  # later windows start later
            audio.forget(2 * last - CONTEXT)
            energy.forget(2 * last - CONTEXT)
    frames = _frames(audio)
    for starts in _batches([start for start in window_starts(frames) if start > last]):
        overlap.add(starts, predict(audio.cut(starts), energy.cut(starts), codes))
    yield single(overlap.take(frames))


def slide_compat(predict: Predict, audio: ArrayLike, energy: ArrayLike, styles: ArrayLike) -> Float32Array:
    """Motion (L, D) exactly as the original's demo made it; shapes as in `slide`.

    The counts of the two features may differ, as they did there: L follows the audio's, and each repeats its own last.

    Raises:
        SlidingError: wrong shapes, fewer than 64 audio features, NaN or infinity.
        StyleCodeError: not style codes.
    """
    sound, level = _whole(audio, energy)
    frames = sound.count // 2
    if frames < WINDOW or not level.count:
        raise SlidingError(
            f"the original needs {WINDOW} video frames (1.28 s of speech), got {frames}; use the default schedule"
        )
    return _along(predict, sound, level, compat_starts(frames), styles)


def window_starts(frames: int) -> list[int]:
    """First video frame of each window of the default schedule, ascending, each once."""
    last = max(frames - WINDOW, 0)
    return [*range(0, last, STEP), last]


def compat_starts(frames: int) -> list[int]:
    """First video frame of each window of the original, for a clip of at least 32 frames; the last one repeats."""
    return [min(start, frames - WINDOW) for start in range(0, frames, STEP)]


class _Features:
    """Features (F, C) of a clip so far; the beginning may have been forgotten."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._rows = np.empty((0, 0), np.float32)
        self._first = 0
        self.count = 0

    def append(self, rows: ArrayLike, width: int | None = None) -> None:
        given: NDArray[Any] = np.asarray(rows)
        known = width or (self._rows.shape[1] if self.count else None)
        if given.ndim != 2 or given.dtype.kind != "f" or (known is not None and given.shape[1] != known):
            expected = f"(features, {known or 'channels'})"
            raise SlidingError(f"expected {self._name} as floating point {expected}, got {given.dtype} {given.shape}")
        if not np.isfinite(given).all():
            raise SlidingError(f"{self._name} features hold NaN or infinity; encode the recording again")
        new = given.astype(np.float32, copy=False)
        self._rows = np.concatenate([self._rows, new]) if self.count else new
        self.count += len(new)

    def cut(self, starts: Sequence[int]) -> Float32Array:
        """What the windows at video frames `starts` see: (B, C, 80), with the clip's ends repeated."""
        wanted = 2 * np.asarray(starts)[:, None] - CONTEXT + np.arange(SEEN)
        seen = self._rows[np.clip(wanted, 0, self.count - 1) - self._first]
        return np.ascontiguousarray(seen.transpose(0, 2, 1))

    def forget(self, before: int) -> None:
        """Drop all features before number `before`."""
        dropped = max(before - self._first, 0)
        self._rows = self._rows[dropped:]
        self._first += dropped


class _OverlapMean:
    """The mean, frame by frame, of windows that are added in the order of their starts, for S styles side by side."""

    def __init__(self) -> None:
        self._sums = np.empty((0, 0, 0), np.float32)
        self._counts = np.empty(0, np.float32)
        self._first = 0

    def add(self, starts: Sequence[int], predictions: Float32Array) -> None:
        """Count in `predictions` (S, B, D, 32), whose first frames are `starts` (B,)."""
        styles, _, width, _ = predictions.shape
        self._reach(max(starts) + WINDOW - self._first, styles, width)
        for number, start in enumerate(starts):
            place = slice(start - self._first, start - self._first + WINDOW)
            self._sums[:, place] += predictions[:, number].swapaxes(1, 2)
            self._counts[place] += 1

    def take(self, until: int) -> Float32Array:
        """The means (S, n, D) of the frames before `until` that were not taken yet."""
        ready = until - self._first
        means = self._sums[:, :ready] / self._counts[:ready, None]
        self._sums, self._counts = self._sums[:, ready:], self._counts[ready:]
        self._first = until
        return means

    def _reach(self, frames: int, styles: int, width: int) -> None:
        missing = frames - len(self._counts)
        if missing > 0:
            held = self._sums.reshape(styles, len(self._counts), width)
            self._sums = np.concatenate([held, np.zeros((styles, missing, width), np.float32)], axis=1)
            self._counts = np.concatenate([self._counts, np.zeros(missing, np.float32)])


def _whole(audio: ArrayLike, energy: ArrayLike) -> tuple[_Features, _Features]:
    """The two features of a clip that is here at once."""
    sound, level = _Features("audio"), _Features("energy")
    sound.append(audio)
    level.append(energy, width=1)
    return sound, level


def _along(
    predict: Predict, sound: _Features, level: _Features, starts: Sequence[int], styles: ArrayLike
) -> Float32Array:
    """The mean of the windows at `starts` over a whole clip."""
    codes, single = _codes(styles)
    overlap = _OverlapMean()
    for batch in _batches(starts):
        overlap.add(batch, predict(sound.cut(batch), level.cut(batch), codes))
    return single(overlap.take(sound.count // 2))


def _check_counts(audio: _Features, energy: _Features) -> None:
    if audio.count != energy.count:
        raise SlidingError(f"expected as many energies as audio features, got {energy.count} and {audio.count}")


def _frames(audio: _Features) -> int:
    """The video frames of a clip that has ended."""
    if audio.count < 2:
        raise SlidingError(f"expected at least 2 speech features (0.04 s), got {audio.count}; the sound is too short")
    return audio.count // 2


def _codes(styles: ArrayLike) -> tuple[Float32Array, Callable[[Float32Array], Float32Array]]:
    """Codes (S, 135), and what takes the axis of styles off a result where one code (135,) was given."""
    given: NDArray[Any] = np.asarray(styles)
    if given.ndim == 2 and len(given):
        return np.stack([check_code(code) for code in given]), lambda motion: motion
    return check_code(given)[None], lambda motion: motion[0]


def _batches(starts: Sequence[int]) -> Iterator[Sequence[int]]:
    for first in range(0, len(starts), BATCH):
        yield starts[first : first + BATCH]
