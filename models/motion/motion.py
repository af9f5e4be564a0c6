"""What a motion model gives: expression and head pose over time."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Float32Array = NDArray[np.float32]
FloatArray = NDArray[np.float64]


class MotionError(ValueError):
    """What a motion model was asked for is not possible; the message says what to do."""


@dataclass(frozen=True, eq=False)
class Motion:
    """Expression and head pose, one row per frame; frame i belongs to the time i / fps.

    expression: (T, 64), each column the weight 0..1 of one named expression unit;
    angles: (T, 3) radians about x, y, z (positive x lowers the nose, positive y turns it to the subject's left,
    R = Rz·Ry·Rx); translation: (T, 3) decimetres in the head's frame (`models.face.model`).
    """

    expression: Float32Array
    angles: Float32Array
    translation: Float32Array
    fps: float = 25.0

    def __post_init__(self) -> None:
        frames = len(self.expression)
        expected = {"expression": (frames, 64), "angles": (frames, 3), "translation": (frames, 3)}
        for name, shape in expected.items():
            array = getattr(self, name)
            if array.shape != shape or array.dtype != np.float32:
                raise MotionError(f"expected {name} as float32 of shape {shape}, got {array.dtype} of {array.shape}")


def frame_times(seconds: float, fps: float) -> FloatArray:
    """Times (T,) in seconds of the frames of a clip, T = ceil(seconds · fps).

    Raises:
        MotionError: the clip has no length, or fps is not positive.
    """
    if not (math.isfinite(seconds) and seconds > 0):
        raise MotionError(f"expected a clip longer than 0 seconds, got {seconds}")
    if not (math.isfinite(fps) and fps > 0):
        raise MotionError(f"expected a positive frame rate, got {fps}")
    # A length that is whole frames but for rounding must not gain one.
    return np.arange(math.ceil(seconds * fps - 1e-6)) / fps
