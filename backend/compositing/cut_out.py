"""A person lifted off a photo, so that person and background together still make the photo."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Float32Array = NDArray[np.float32]
UInt8Array = NDArray[np.uint8]

STIFF: Final = 0.1  # share of clear background in a pixel below which the plate's guess hardly gives way


@dataclass(frozen=True, eq=False)
class CutOut:
    """person: (H, W, 4) float32 0..255, RGB premultiplied by alpha; plate: (H, W, 3) float32 0..255, what is behind."""

    person: Float32Array
    plate: Float32Array


def cut_out(image: UInt8Array, alpha: Float32Array, plate: UInt8Array) -> CutOut:
    """Solve image = person + (1 - alpha) · plate for the person, given alpha (H, W) and a guess of the plate.

    Where the guess would ask for colours below black or beyond white, the plate gives way, the more the clearer it is
    seen; what then is still missing the person takes, a little beyond white if need be.
    """
    opaque = alpha[..., None].astype(np.float32)
    clear = 1 - opaque
    behind = plate.astype(np.float32)
    missing = image - clear * behind - np.clip(image - clear * behind, 0, 255 * opaque)
    behind = np.clip(behind + missing * clear / (clear * clear + STIFF * STIFF), 0, 255)
    person = np.maximum(image - clear * behind, 0)
    return CutOut(np.dstack([person, 255 * opaque]).astype(np.float32), behind.astype(np.float32))
