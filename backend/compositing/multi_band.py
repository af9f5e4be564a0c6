"""Multi-band blending (Burt and Adelson 1983): broad differences fade over a broad border, details over a narrow."""

from __future__ import annotations

from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

Float32Array = NDArray[np.float32]

LEVELS: Final = 3  # the broadest border is 2 to the power of these times the alpha's own
SMALLEST: Final = 8  # pixels a side of a level
_NOTHING: Final = 1e-2  # alpha below which colours are too few to be divided by it


def multi_band(below: Float32Array, above: Float32Array, alpha: Float32Array, levels: int = LEVELS) -> Float32Array:
    """(H, W, C): a picture `above`, premultiplied by `alpha` (H, W) in 0..1, blended over `below` (H, W, C).

    What differs between the two is split into bands by detail, and each fades along a border as broad as the details
    are. Where they agree nothing changes, and well inside of alpha = 1 the result is `above`.
    """
    weighted, share = (above - alpha[..., None] * below).astype(np.float32), alpha.astype(np.float32)
    details, shares = [], []
    difference = _unweighted(weighted, share)
    for _ in range(levels):
        if min(share.shape) < 2 * SMALLEST:
            break
        weighted, lower_share = _halved(weighted), _halved(share)
        lower = _unweighted(weighted, lower_share)
        details.append(difference - _doubled(lower, difference))
        shares.append(share)
        difference, share = lower, lower_share
    mixed: Any = share[..., None] * difference
    for detail, weight in zip(reversed(details), reversed(shares), strict=True):
        mixed = _doubled(mixed, detail) + weight[..., None] * detail
    return np.asarray(below + mixed, dtype=np.float32)


def _halved(image: Float32Array) -> Float32Array:
    halved = np.asarray(cv2.pyrDown(image), dtype=np.float32)
    return halved.reshape(*halved.shape[:2], *image.shape[2:])  # OpenCV drops a single channel


def _doubled(image: Float32Array, like: Float32Array) -> Float32Array:
    return np.asarray(cv2.pyrUp(image, dstsize=like.shape[1::-1]), dtype=np.float32).reshape(like.shape)


def _unweighted(weighted: Float32Array, share: Float32Array) -> Float32Array:
    return np.asarray(weighted / np.maximum(share, _NOTHING)[..., None], dtype=np.float32)
