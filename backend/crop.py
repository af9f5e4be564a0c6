"""A square part of a picture, and its pixels at any size."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.floating]
UInt8Array = NDArray[np.uint8]


@dataclass(frozen=True)
class Crop:
    """left, top, side in picture pixels with edges on whole numbers; it may reach outside of the picture."""

    left: float
    top: float
    side: float

    @classmethod
    def around(cls, x: float, y: float, side: float) -> Crop:
        """The square of `side` pixels centred on (x, y)."""
        return cls(x - side / 2, y - side / 2, side)

    def to_picture(self, points: FloatArray, size: float) -> FloatArray:
        """Picture positions (..., 2) of `points` (..., 2) in the crop drawn `size` pixels wide."""
        return points * (self.side / size) + np.array([self.left, self.top])

    def from_picture(self, points: FloatArray, size: float) -> FloatArray:
        """Positions (..., 2) in the crop drawn `size` pixels wide of picture `points` (..., 2)."""
        return (points - np.array([self.left, self.top])) * (size / self.side)

    def pixels(self, image: UInt8Array, size: int) -> UInt8Array:
        """The crop of `image` (H, W, 3) as (size, size, 3), averaged where it shrinks, edges repeated outside."""
        scale = self.side / size
        small = at_most(image, round(max(image.shape[:2]) / scale)) if scale > 1 else image
        ratio = np.array([small.shape[1] / image.shape[1], small.shape[0] / image.shape[0]])
        step = scale * ratio
        # warpAffine names pixel centres by whole numbers, we name edges.
        offset = np.array([self.left, self.top]) * ratio + 0.5 * step - 0.5
        return np.asarray(
            cv2.warpAffine(
                small,
                np.array([[step[0], 0, offset[0]], [0, step[1], offset[1]]]),
                (size, size),
                flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
                borderMode=cv2.BORDER_REPLICATE,
            ),
            dtype=np.uint8,
        )


def at_most(image: UInt8Array, side: int) -> UInt8Array:
    """`image` scaled down by averaging so that its longer side is at most `side`."""
    scale = side / max(image.shape[:2])
    if scale >= 1:
        return image
    size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
