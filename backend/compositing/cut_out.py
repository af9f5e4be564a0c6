"""A person lifted off a photo, so that person and background together still make the photo."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Float32Array = NDArray[np.float32]
UInt8Array = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class CutOut:
    """person: (H, W, 4) float32 0..255, RGB premultiplied by alpha; plate: (H, W, 3) float32 0..255, what is behind."""

    person: Float32Array
    plate: Float32Array


def cut_out(image: UInt8Array, alpha: Float32Array, plate: UInt8Array) -> CutOut:
    """Solve image = person + (1 - alpha) · plate for the person, given alpha (H, W) and a guess of the plate.

    Where the guess would ask for colours below black or beyond white, the plate gives way as far as it can, so that the
    two together are the image again.
    """
    opaque = alpha[..., None].astype(np.float32)
    clear = 1 - opaque
    behind = plate.astype(np.float32)
    person = np.clip(image - clear * behind, 0, 255 * opaque)
    missing = image - person - clear * behind
    behind = np.clip(behind + missing / np.maximum(clear, 1e-2), 0, 255) * (clear > 0) + behind * (clear <= 0)
    person = np.clip(image - clear * behind, 0, 255 * opaque)
    return CutOut(np.dstack([person, 255 * opaque]).astype(np.float32), behind.astype(np.float32))
