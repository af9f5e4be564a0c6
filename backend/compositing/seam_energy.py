"""Whether a blend shows: how much steeper a picture is along the blend's border than beside it."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

Float32Array = NDArray[np.float32]

BORDER: Final = (0.05, 0.95)  # alpha between which a pixel belongs to the border
SMOOTH: Final = 0.7  # pixels: a seam is no grain


def seam_energy(image: NDArray[np.uint8], alpha: Float32Array) -> float:
    """Mean gradient energy of `image` (H, W, 3) in the border of `alpha` (H, W) over that of its surroundings.

    The surroundings are bands of the border's width on both of its sides. 1 is a border that cannot be told from them.

    Raises:
        ValueError: alpha has no border.
    """
    low, high = BORDER
    border = (alpha > low) & (alpha < high)
    if not border.any():
        raise ValueError("expected an alpha that goes from 0 to 1, got one without a border")
    width = max(1, round(float(border.sum()) / max(float((border & ~_grown(~border, 1)).sum()), 1.0)))
    beside = _grown(border, width) & ~border
    bright = cv2.GaussianBlur(image.mean(axis=2, dtype=np.float32), (0, 0), SMOOTH)
    energy = cv2.Sobel(bright, cv2.CV_32F, 1, 0) ** 2 + cv2.Sobel(bright, cv2.CV_32F, 0, 1) ** 2
    return float(energy[border].mean() / max(float(energy[beside].mean()), 1e-6))


def _grown(mask: NDArray[np.bool_], pixels: int) -> NDArray[np.bool_]:
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * pixels + 1, 2 * pixels + 1))
    return np.asarray(cv2.dilate(mask.astype(np.uint8), disc), dtype=bool)
