"""How smoothly a curve runs: jerk per unit of movement, and how much of its power is faster than people move.

Both are ratios, so that a large movement is not rougher than a small one of the same course. They depend on the frame
rate: compare curves of one rate only.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy.signal import welch

from models.motion.motion import FloatArray, MotionError

FAST: Final = 8.0  # hertz; syllables come at 3 to 7 a second, and captured lips hold little beyond
WINDOW: Final = 2.0  # seconds of one spectrum
SHORTEST: Final = 8  # frames
STILL: Final = 1e-6  # deviation below which nothing moves


def log_jerk(curve: FloatArray, fps: float) -> float:
    """Natural logarithm of the root mean square of the third derivative over the curve's deviation, in 1/s³.

    curve: (T,) at `fps`. The difference of two such numbers is the logarithm of the ratio of jerks. -inf never occurs:
    a curve that stands still gives NaN.

    Raises:
        MotionError: not (T,) with at least 8 frames.
    """
    checked = _checked(curve)
    if checked.std() < STILL:
        return float("nan")
    jerk = np.diff(checked, 3) * fps**3
    return float(np.log(np.sqrt(np.mean(jerk**2)) / checked.std()))


def fast_share(curve: FloatArray, fps: float, above: float = FAST) -> float:
    """The share (0..1) of a curve's power, its mean left out, that lies above so many hertz (Welch 1967).

    NaN for a curve that stands still.

    Raises:
        MotionError: as `log_jerk`, or `above` is not below half the frame rate.
    """
    checked = _checked(curve)
    if not 0 < above < fps / 2:
        raise MotionError(f"expected a frequency between 0 and {fps / 2:g} Hz, half the frame rate, got {above:g}")
    if checked.std() < STILL:
        return float("nan")
    frequencies, power = spectrum(checked, fps)
    return float(power[frequencies > above].sum() / power.sum())


def spectrum(curve: FloatArray, fps: float) -> tuple[FloatArray, FloatArray]:
    """Frequencies (F,) in hertz above 0 and the power (F,) of a curve (T,) at each."""
    frequencies, power = welch(curve, fps, nperseg=min(len(curve), round(WINDOW * fps)))
    return frequencies[1:], power[1:]


def _checked(curve: FloatArray) -> FloatArray:
    checked = np.asarray(curve, dtype=np.float64)
    if checked.ndim != 1 or len(checked) < SHORTEST or not np.isfinite(checked).all():
        raise MotionError(f"expected a curve of {SHORTEST} finite numbers or more, got shape {checked.shape}")
    return checked
