"""The background of a photo without the person: the hole is filled once, so that what lies behind stays still."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

Float32Array = NDArray[np.float32]
UInt8Array = NDArray[np.uint8]

VEIL: Final = 0.02  # alpha from which a pixel has seen the person
MARGIN: Final = 0.014  # picture sides by which the hole is larger than that
FILLED_AT: Final = 512  # pixels a side: what is made up is smooth, so that it need not be made up finely
REACH: Final = 6  # pixels around a hole's edge that Telea's method looks at
GRAIN_SCALE: Final = 1.0  # pixels: what is finer counts as the photo's grain


def clean_plate(image: UInt8Array, alpha: Float32Array) -> UInt8Array:
    """`image` (H, W, 3) with the person of `alpha` (H, W) painted over from the sides (Telea 2004), grain and all.

    Pixels outside of the person and a narrow margin keep their values exactly.
    """
    margin = max(2, round(MARGIN * max(image.shape[:2])))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * margin + 1, 2 * margin + 1))
    hole = np.asarray(cv2.dilate((alpha > VEIL).astype(np.uint8), disc), dtype=np.uint8)
    if hole.all():
        return np.broadcast_to(np.median(image.reshape(-1, 3), axis=0).astype(np.uint8), image.shape).copy()
    filled = _painted_over(image, hole).astype(np.float32) + _grain(image, hole)
    soft = cv2.blur(hole.astype(np.float32), (3, 3))[..., None] * hole[..., None]
    return np.rint(image + soft * (np.clip(filled, 0, 255) - image)).astype(np.uint8)


def _painted_over(image: UInt8Array, hole: UInt8Array) -> UInt8Array:
    height, width = hole.shape
    scale = min(1.0, FILLED_AT / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    # Hole pixels must not be averaged into the small picture's background.
    known = (1 - hole).astype(np.float32)
    share = cv2.resize(known, size, interpolation=cv2.INTER_AREA)
    total = cv2.resize(image * known[..., None], size, interpolation=cv2.INTER_AREA)
    small = np.clip(total / np.maximum(share, 1e-3)[..., None], 0, 255).astype(np.uint8)
    filled = cv2.inpaint(small, (share < 0.5).astype(np.uint8), REACH, cv2.INPAINT_TELEA)
    return np.asarray(cv2.resize(filled, (width, height), interpolation=cv2.INTER_CUBIC), dtype=np.uint8)


def _grain(image: UInt8Array, hole: UInt8Array) -> Float32Array:
    """Noise (H, W, 1) as strong as the visible background's own."""
    seen = hole == 0
    bright = image.mean(axis=2, dtype=np.float32)
    fine = bright - cv2.GaussianBlur(bright, (0, 0), GRAIN_SCALE)
    strength = 1.4826 * float(np.median(np.abs(fine[seen])))  # of the calm half: edges are no grain
    noise = np.random.default_rng(0).normal(size=bright.shape).astype(np.float32)
    noise -= cv2.GaussianBlur(noise, (0, 0), GRAIN_SCALE)
    return (noise * (strength / float(noise.std())))[..., None]
