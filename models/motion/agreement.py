"""How far two sets of curves go together: correlation within clips, by how much one is late, and size against size.

A clip's own mean is taken out before clips are pooled: that one clip is more open than another says nothing about
sync. Frames follow each other closely, so intervals come from resampling blocks of `BLOCK` seconds (Künsch 1989).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from models.motion.motion import FloatArray, MotionError

Pair = tuple[FloatArray, FloatArray]  # two curves (T,) of the same clip

BLOCK: Final = 2.0  # seconds; what is said there hardly tells the next block's movement
RESAMPLES: Final = 1000
LARGEST_LAG: Final = 0.30  # seconds
LAG_STEP: Final = 0.01
STILL: Final = 1e-6


@dataclass(frozen=True)
class Agreement:
    """r: correlation with its 95 % interval; lag: seconds by which the first curve is late, where r is highest, and
    `best` r is found; size: the first's deviation over the second's. NaN where a curve stands still.
    """

    r: float
    interval: tuple[float, float]
    lag: float
    best: float
    size: float


NONE: Final = Agreement(math.nan, (math.nan, math.nan), math.nan, math.nan, math.nan)


def agreement(pairs: Sequence[Pair], fps: float, seed: int = 0) -> Agreement:
    """How the first curve of each pair goes with the second, over all pairs together.

    Raises:
        MotionError: no pairs, or curves of different lengths.
    """
    centred = [_centred(first, second) for first, second in pairs]
    if not centred:
        raise MotionError("expected curves to compare, got none")
    sums = np.concatenate([_block_sums(*pair, max(round(BLOCK * fps), 1)) for pair in centred])
    if min(sums[:, 0].sum(), sums[:, 1].sum()) < STILL**2 * sum(len(first) for first, _ in centred):
        return NONE
    draws = np.random.default_rng(seed).integers(0, len(sums), (RESAMPLES, len(sums)))
    resampled = _correlation(sums[draws].sum(axis=1))
    low, high = np.nanpercentile(resampled, [2.5, 97.5])
    total = sums.sum(axis=0)
    size = float(np.sqrt(total[0] / total[1]))
    return Agreement(float(_correlation(total)), (float(low), float(high)), *_lag(centred, fps), size)


def _centred(first: FloatArray, second: FloatArray) -> Pair:
    if first.shape != second.shape or first.ndim != 1:
        raise MotionError(f"expected two curves of one length, got {first.shape} and {second.shape}")
    return first - first.mean(), second - second.mean()


def _block_sums(first: FloatArray, second: FloatArray, frames: int) -> FloatArray:
    """Sums (B, 3) of x², y² and x·y over blocks of so many frames."""
    starts = np.arange(0, len(first), frames)
    return np.stack([np.add.reduceat(p, starts) for p in (first**2, second**2, first * second)], axis=1)


def _correlation(sums: FloatArray) -> FloatArray:
    """From sums (..., 3) of x², y², x·y; NaN where nothing moves."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(sums[..., 2] / np.sqrt(sums[..., 0] * sums[..., 1]))


def _lag(pairs: Sequence[Pair], fps: float) -> tuple[float, float]:
    """The lag in seconds at which correlation is highest, and that correlation."""
    steps = round(LARGEST_LAG / LAG_STEP)
    lags = np.arange(-steps, steps + 1) * LAG_STEP
    found = [_moved_correlation(pairs, lag * fps) for lag in lags]
    best = int(np.argmax(found))
    return float(lags[best]), found[best]


def _moved_correlation(pairs: Sequence[Pair], frames: float) -> float:
    """Correlation after the first curves are moved forward by so many frames, a fraction too."""
    moved = []
    for first, second in pairs:
        places = np.arange(len(first), dtype=np.float64)
        moved.append((np.interp(places + frames, places, first), second))
    return float(_correlation(np.sum([_block_sums(*pair, len(pair[0])).sum(axis=0) for pair in moved], axis=0)))
