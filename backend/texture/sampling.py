"""Values of a picture between its pixels' centres."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Float32Array = NDArray[np.float32]


def sampled(image: NDArray[Any], at: Float32Array, interpolation: int, outside: float | None = None) -> Float32Array:
    """Values (n, ...) of `image` at positions (n, 2), x right, y down, edges on whole numbers.

    interpolation: OpenCV's; outside: what lies around the image (None: its border goes on).
    """
    count, row = len(at), 8192  # OpenCV takes maps of fewer than 32,768 columns
    folded = np.zeros((-(-count // row) * row, 2), np.float32)
    folded[:count] = at - np.float32(0.5)  # and names pixel centres by whole numbers
    border = cv2.BORDER_REPLICATE if outside is None else cv2.BORDER_CONSTANT
    result = cv2.remap(
        image, folded.reshape(-1, row, 2), np.empty(0), interpolation, borderMode=border, borderValue=(outside or 0.0,)
    )
    return np.asarray(result, dtype=np.float32).reshape(-1, *image.shape[2:])[:count]
