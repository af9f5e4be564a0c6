"""Which pixels of a photo show the face's skin, and not hair, cloth, glasses or wall."""

from __future__ import annotations

from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

Float32Array = NDArray[np.float32]
BoolArray = NDArray[np.bool_]
UInt8Array = NDArray[np.uint8]

UNLIKE: Final = 3.0  # spreads of the face's own colours beyond which a pixel is something else
ROUGH: Final = 2.0  # times the roughness of the face's smoother parts beyond which it is hair, whatever its colour
_EXPOSED: Final = 160.0  # brightness to which the face is brought before thresholds in sRGB steps mean anything
_SPREAD_FLOOR: Final = (14.0, 7.0, 7.0)  # brightness, red against green, green against blue
_ROUGH_FLOOR: Final = 4.0


def strange_pixels(
    photo: UInt8Array, expected: Float32Array, covered: BoolArray, core: BoolArray, face_size: float
) -> BoolArray:
    """(H, W) where `photo` (H, W, 3) does not look like the skin that `expected` (H, W, 3) predicts.

    covered: where anything is predicted; core: the features' hull, from which the face's own spread is taken;
    face_size: pixels from one side of the features to the other.
    """
    gain = _EXPOSED / max(float(np.median(photo[core].mean(axis=1))), 10.0)
    smooth = cv2.GaussianBlur(photo, (0, 0), face_size / 100).astype(np.float32)
    apart = _opponent((smooth - expected) * gain)
    sample = apart[core & covered]
    middle = np.median(sample, axis=0)
    spread = np.maximum(1.5 * np.median(np.abs(sample - middle), axis=0), _SPREAD_FLOOR)
    unlike = np.sqrt((((apart - middle) / spread) ** 2).sum(axis=-1)) > UNLIKE

    grey = photo.mean(axis=2, dtype=np.float32) * gain
    grain = np.abs(grey - cv2.GaussianBlur(grey, (0, 0), face_size / 50))
    rough = np.asarray(cv2.GaussianBlur(grain, (0, 0), face_size / 40))
    return unlike | (rough > max(ROUGH * float(np.quantile(rough[core], 0.3)), _ROUGH_FLOOR))


def skin_trust(
    strange: BoolArray, covered: BoolArray, core: BoolArray, inside: BoolArray, face_size: float
) -> Float32Array:
    """(H, W) 0..1: surely skin, in one piece with the features, fading out before anything strange.

    core: counts as skin, dark or not (brows, nostrils, lips); inside: where there is a photo.
    """
    skin: NDArray[Any] = ((covered & ~strange) | core).astype(np.uint8)
    skin = cv2.morphologyEx(skin, cv2.MORPH_OPEN, _disc(face_size / 40))
    skin = cv2.morphologyEx(skin, cv2.MORPH_CLOSE, _disc(face_size / 40)) | core.astype(np.uint8)
    _, labels = cv2.connectedComponents(skin)
    row, column = np.argwhere(core).mean(axis=0).astype(int)
    sure = inset((labels == labels[row, column]) & inside, face_size / 30)
    return np.asarray(cv2.GaussianBlur(sure.astype(np.float32), (0, 0), face_size / 50))


def inset(mask: BoolArray, distance: float) -> BoolArray:
    """`mask` without what lies within `distance` pixels of its edge."""
    return np.asarray(cv2.erode(mask.astype(np.uint8), _disc(distance)), dtype=bool)


def _opponent(colour: Float32Array) -> Float32Array:
    """Brightness and two colour differences (..., 3)."""
    r, g, b = np.moveaxis(colour, -1, 0)
    return np.stack([(r + g + b) / 3, r - g, g - b], axis=-1)


def _disc(radius: float) -> UInt8Array:
    side = 2 * max(1, round(radius)) + 1
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)), dtype=np.uint8)
