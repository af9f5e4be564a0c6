"""What eyes and head do besides speaking, counted on curves: blinks, gaze shifts, the head's range, leaning on stress.

The same counts serve captured and made motion, so their thresholds allow for the noise of landmarks: a blink is a rise
over the lids' own rest, a shift a change between two steady stretches.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from scipy.ndimage import gaussian_filter1d, median_filter

from models.motion.lip_sync import runs
from models.motion.motion import FloatArray

REST_WINDOW: Final = 1.2  # seconds over which the lids' rest is the median
BLINK: Final = 0.20  # height over the rest: MediaPipe's scores reach 0.3 to 0.7 in a blink
BLINK_DURATIONS: Final = (0.04, 0.6)  # seconds at half height; what lasts longer is a look down
STEADY: Final = 0.12  # seconds before and after a shift over which the eyes' direction is averaged
SHIFT: Final = 3.0  # degrees
APART: Final = 0.2  # seconds between shifts
NEAR_STRESS: Final = 0.25  # seconds about a stressed vowel's middle
SLOW: Final = 0.08  # seconds; deviation of the Gaussian that takes landmark noise off the head's angles


def blinks(lids: FloatArray, fps: float) -> list[tuple[float, float]]:
    """Time of the deepest point and duration at half height, in seconds, of each blink of the lids' weight (T,)."""
    over = lids - median_filter(lids, round(REST_WINDOW * fps) | 1)
    found = []
    for first, last in runs(over > BLINK):
        peak = first + int(over[first:last].argmax())
        duration = _width_at_half(over, peak) / fps
        if BLINK_DURATIONS[0] <= duration <= BLINK_DURATIONS[1]:
            found.append((peak / fps, duration))
    return found


def gaze_shifts(looking: FloatArray, fps: float) -> FloatArray:
    """Sizes in degrees of the sideways shifts of gaze (T,), which may be noisy."""
    frames = max(round(STEADY * fps), 1)
    if len(looking) <= 2 * frames:
        return np.empty(0)
    sums = np.cumsum(np.concatenate([[0.0], median_filter(looking, 3)]))
    means = (sums[frames:] - sums[:-frames]) / frames
    change = np.abs(means[frames:] - means[:-frames])
    sizes = []
    while change.size and change.max() >= SHIFT:
        peak = int(change.argmax())
        sizes.append(float(change[peak]))
        reach = max(round(APART * fps), 1)
        change[max(peak - reach, 0) : peak + reach + 1] = 0.0
    return np.array(sizes)


def head_range(degrees: FloatArray, fps: float) -> FloatArray:
    """Deviation (3,) in degrees of the head's angles (T, 3) about x, y, z."""
    return _steadied(degrees, fps).std(axis=0)


def head_speed(degrees: FloatArray, fps: float) -> FloatArray:
    """Speed (T,) in degrees per second of the head's angles (T, 3), all three axes together."""
    return np.asarray(np.linalg.norm(np.gradient(_steadied(degrees, fps), axis=0), axis=1) * fps)


def on_stress(speed: FloatArray, fps: float, stressed: Sequence[float], speaking: FloatArray) -> tuple[float, float]:
    """Mean of a speed (T,) near the `stressed` times in seconds, and elsewhere where `speaking` (T,) is above 0.5.

    NaN where there is no such frame.
    """
    times = np.arange(len(speed)) / fps
    near = np.zeros(len(speed), dtype=bool)
    for time in stressed:
        near |= np.abs(times - time) <= NEAR_STRESS
    elsewhere = ~near & (speaking > 0.5)
    return _mean(speed[near]), _mean(speed[elsewhere])


def _steadied(degrees: FloatArray, fps: float) -> FloatArray:
    return np.asarray(gaussian_filter1d(np.asarray(degrees, dtype=np.float64), SLOW * fps, axis=0, mode="nearest"))


def _width_at_half(over: FloatArray, peak: int) -> float:
    """Frames, with fractions, for which a curve is above half of its value at `peak`."""
    half = over[peak] / 2
    width = 0.0
    for step in (-1, 1):
        place = peak
        while 0 <= place + step < len(over) and over[place + step] > half:
            place += step
        width += abs(place - peak)
        if 0 <= place + step < len(over):
            width += (over[place] - half) / (over[place] - over[place + step])
    return float(width)


def _mean(values: FloatArray) -> float:
    return float(values.mean()) if values.size else float("nan")
