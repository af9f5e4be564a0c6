"""The pictures the paper's networks read: the rendering, the texture positions, the background mask (SPEC 6.2, 6.3).

The original sends the last two through a lossy video; here they stay numbers.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from backend.raster.compat import CompatRaster, rasterize
from models.face.camera import Camera

Float32Array = NDArray[np.float32]
Int32Array = NDArray[np.int32]
UInt8Array = NDArray[np.uint8]

PAPER_CAMERA: Final = Camera(near=0.01, far=50.0)


def shaded_image(world: Float32Array, colours: Float32Array, triangles: Int32Array) -> Float32Array:
    """The paper's rendering (224, 224, 4), top row first: RGB on 0..255 and alpha 0 or 1.

    world: (V, 3) placed vertices, colours: (V, 3) lit colours. A pixel whose three channels are all negative counts as
    background (SPEC 6.2).
    """
    image = _paper_view(world, triangles).interpolate(colours, triangles, background=-1)[::-1]
    seen = (image >= 0).any(axis=-1, keepdims=True)
    return np.concatenate([np.clip(np.where(seen, image, 0), 0, 255), seen], axis=-1, dtype=np.float32)


def uv_image(world: Float32Array, uv: Float32Array, triangles: Int32Array) -> Float32Array:
    """Where each pixel lies in the texture (224, 224, 3), top row first: u and v times 255, then 127.5; 0 outside.

    world: (V, 3) placed vertices, uv: (V, 2) in 0..1 (SPEC 6.3).
    """
    attributes = np.concatenate([uv, np.full((len(uv), 1), 0.5)], axis=-1, dtype=np.float32) * np.float32(255)
    image = _paper_view(world, triangles).interpolate(attributes, triangles, background=-1)[::-1]
    return np.clip(image, 0, 255)


def to_bytes(image: Float32Array) -> UInt8Array:
    """`image` on 0..255 as OpenCV writes it: rounded half to even."""
    return np.clip(np.rint(image), 0, 255).astype(np.uint8)


def background_mask(uv: Float32Array) -> UInt8Array:
    """255 outside the face, 0 inside (224, 224), of a float `uv_image`: the first connected piece of zeros (SPEC 6.3).

    Only that piece, met first from the top left, is background: holes inside the face stay face, and so do the other
    outside pieces when the face touches the border (SPEC 13.12).
    """
    _, labels = cv2.connectedComponents((uv[..., 0] == 0).astype(np.uint8), connectivity=8)
    return np.where(labels == 1, 255, 0).astype(np.uint8)


def _paper_view(world: Float32Array, triangles: Int32Array) -> CompatRaster:
    return rasterize(PAPER_CAMERA.clip(world), triangles, PAPER_CAMERA.size, PAPER_CAMERA.size)
