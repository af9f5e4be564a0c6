"""Head pose as the original's motion model sees it: smoothed, and freed of the camera's point of view (SPEC 3.4)."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, filtfilt

from models.coefficients import ANGLES, FPS, TRANSLATION, Float32Array, validate
from models.motion import quaternion

Floats = NDArray[np.floating[Any]]

POSE_CUTOFF: Final = 3.5  # hertz. The original asks for 0.7 Hz but names 5 frames a second for footage of 25
LANDMARK_CUTOFF: Final = 2.5  # hertz; 0.5 by the same slip
ORDER: Final = 8
SHORTEST: Final = 28  # frames: the filter is settled over 27 frames mirrored at either end
GIMBAL_MARGIN: Final = 1e-5


class PoseError(ValueError):
    """Pose that cannot be filtered; the message says what to do."""


def low_pass(tracks: Floats, cutoff: float, fps: float = FPS) -> Floats:
    """Columns of `tracks` (T, D) without what is faster than `cutoff` hertz and without delay, in their own precision.

    Eighth-order Butterworth, forwards and backwards, so the cutoff itself is 6 dB down.

    Raises:
        PoseError: not (T, D) floating point, fewer than 28 frames, or a cutoff not between 0 and fps / 2.
    """
    tracks = np.asarray(tracks)
    if tracks.ndim != 2 or tracks.dtype.kind != "f":
        raise PoseError(f"expected tracks as floating point of shape (frames, D), got {tracks.dtype} of {tracks.shape}")
    if len(tracks) < SHORTEST:
        raise PoseError(f"expected at least {SHORTEST} frames, got {len(tracks)}; take a longer clip")
    if not 0 < cutoff < fps / 2:
        raise PoseError(f"expected a cutoff between 0 and {fps / 2:g} Hz, half the frame rate, got {cutoff:g}")
    numerator, denominator = butter(ORDER, cutoff / (fps / 2))
    return filtfilt(numerator, denominator, tracks, axis=0).astype(tracks.dtype)


def without_mean_rotation(angles: Floats) -> Floats:
    """Angles (T, 3) in radians relative to the clip's average rotation."""
    turns = quaternion.from_angles(angles)
    view = quaternion.inverse(quaternion.average(turns))
    return quaternion.to_angles(quaternion.multiply(turns, view), margin=GIMBAL_MARGIN)


def smooth_pose(coefficients: Float32Array, fps: float = FPS) -> Float32Array:
    """Coefficients (T, 257) with angles and translation low-passed at 3.5 Hz.

    Raises:
        CoefficientError: not valid coefficients.
        PoseError: fewer than 28 frames, or fewer than 7 a second.
    """
    smoothed = validate(coefficients).copy()
    for part in (ANGLES, TRANSLATION):
        smoothed[:, part] = low_pass(smoothed[:, part], POSE_CUTOFF, fps)
    return smoothed


def normalise_pose(coefficients: Float32Array, fps: float = FPS) -> Float32Array:
    """Coefficients (T, 257) whose pose is relative to the clip's mean pose and low-passed: the original's `coeff_norm`.

    Raises: as `smooth_pose`.
    """
    normalised = validate(coefficients).copy()
    normalised[:, ANGLES] = low_pass(without_mean_rotation(normalised[:, ANGLES]), POSE_CUTOFF, fps)
    translation = normalised[:, TRANSLATION]
    normalised[:, TRANSLATION] = low_pass(translation - translation.mean(axis=0), POSE_CUTOFF, fps)
    return normalised
