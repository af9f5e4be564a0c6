"""What stands behind the person: the photo's own background, sharp or blurred, another picture, or nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from backend.photo import PhotoError, read_photo

Float32Array = NDArray[np.float32]
UInt8Array = NDArray[np.uint8]

KEEP, BLUR, TRANSPARENT = "keep", "blur", "transparent"
BLURRED: Final = 0.022  # radius of the blur disc in frame sides
_LINEAR: Final = 2.2  # bright spots spread as light does, not as sRGB numbers


def check_background(choice: str) -> None:
    """Accept what `background` takes.

    Raises:
        PhotoError: neither a word it knows nor a file.
    """
    if choice not in {KEEP, BLUR, TRANSPARENT} and not Path(choice).is_file():
        raise PhotoError(f"there is no background {choice!r}; choose keep, blur, transparent, or a picture's file")


def background(choice: str, plate: UInt8Array) -> Float32Array | None:
    """The background (S, S, 3), sRGB 0..255, for `choice`: "keep", "blur", a picture's path; None for "transparent".

    plate: (S, S, 3), the photo's background without the person. Another picture covers the frame: it is scaled until it
    fills both sides, and what stands out is cut off evenly; nothing is left empty.

    Raises:
        PhotoError: the picture cannot be read.
    """
    if choice == TRANSPARENT:
        return None
    if choice == KEEP:
        return plate.astype(np.float32)
    if choice == BLUR:
        return blurred(plate)
    return covering(read_photo(Path(choice)), plate.shape[0]).astype(np.float32)


def blurred(plate: UInt8Array) -> Float32Array:
    """`plate` (S, S, 3) as a lens out of focus shows it: averaged over discs, in linear light."""
    radius = max(1, round(BLURRED * max(plate.shape[:2])))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1)).astype(np.float32)
    linear = (plate.astype(np.float32) / 255) ** _LINEAR
    spread = cv2.filter2D(linear, -1, disc / disc.sum(), borderType=cv2.BORDER_REFLECT)
    return np.asarray(255 * np.clip(spread, 0, 1) ** (1 / _LINEAR), dtype=np.float32)


def covering(image: UInt8Array, size: int) -> UInt8Array:
    """`image` (H, W, 3) scaled to cover a square of `size` pixels, its middle kept."""
    height, width = image.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    square = image[top : top + side, left : left + side]
    method = cv2.INTER_AREA if side > size else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(square, (size, size), interpolation=method), dtype=np.uint8)
