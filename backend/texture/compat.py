"""The paper's two texture unwrappings, as they were (SPEC 6.4); `backend.texture.unwrap` is the corrected one.

Both lack a visibility test. The first scatters pixels and leaves holes; the second samples half a pixel off and lies
upside down relative to the first (SPEC 13.12, 13.13).
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from backend.raster.compat import rasterize
from backend.raster.compat_images import PAPER_CAMERA, to_bytes

Float32Array = NDArray[np.float32]
Int32Array = NDArray[np.int32]
UInt8Array = NDArray[np.uint8]

SIZE: Final = 256  # texels along a side


class TextureError(ValueError):
    """A photo or texture map does not fit; the message says what was expected."""


def scattered_texture(photo: UInt8Array, uv: UInt8Array) -> UInt8Array:
    """The demo's texture (256, 256, 3): each texel the mean of the pixels that name it, 0 where none does (SPEC 6.4 a).

    photo: (224, 224, 3) the aligned photo, any channel order, which the texture keeps; uv: (224, 224, 3) the 8-bit
    texture positions (column, row, unused). Row 0 is v = 0; the background's pixels all fall into texel (0, 0).

    Raises:
        TextureError: the two are not 8-bit pictures of one size.
    """
    _check_photo(photo)
    if uv.shape != photo.shape or uv.dtype != np.uint8:
        raise TextureError(f"expected texture positions of shape {photo.shape}, uint8, got {uv.shape}, {uv.dtype}")
    texel = (uv[..., 1].astype(np.intp) * SIZE + uv[..., 0]).ravel()
    count = np.bincount(texel, minlength=SIZE * SIZE)
    sums = np.stack([np.bincount(texel, channel, SIZE * SIZE) for channel in photo.reshape(-1, 3).T], axis=-1)
    return to_bytes(sums / np.maximum(count, 1)[:, None]).reshape(SIZE, SIZE, 3)


def rasterized_texture(
    photo: UInt8Array, screen: Float32Array, uv: Float32Array, triangles: Int32Array
) -> Float32Array:
    """The training texture (256, 256, 3) float on 0..255, row 0 at v = 0: vertex colours drawn flat (SPEC 6.4 b).

    photo: (224, 224, 3) the aligned photo, any channel order; screen: (V, 2) projected vertices, u right and v up;
    uv: (V, 2) in 0..1; triangles: (F, 3). The original truncates the numbers and writes the rows reversed:
    `as_written`.

    Raises:
        TextureError: the photo is not an 8-bit picture of 224 pixels a side.
    """
    colours = vertex_colours(photo, screen)
    clip = np.zeros((len(uv), 4), dtype=np.float32)
    clip[:, :2] = 2 * np.asarray(uv, dtype=np.float32) - 1
    clip[:, 3] = 1
    return rasterize(clip, triangles, SIZE, SIZE).interpolate(colours, triangles, background=0)


def as_written(texture: Float32Array) -> UInt8Array:
    """The bytes the original stores for `rasterized_texture`: truncated, last row first."""
    return np.clip(texture, 0, 255).astype(np.uint8)[::-1]


def vertex_colours(photo: UInt8Array, screen: Float32Array) -> Float32Array:
    """Bilinear photo colours (V, 3) at `screen` (V, 2), u right and v up, taking pixel centres for whole numbers.

    That is half a pixel off the rendering, and kept so. Positions outside take the border's colours.

    Raises:
        TextureError: the photo is not an 8-bit picture of 224 pixels a side.
    """
    _check_photo(photo)
    image = photo[::-1].astype(np.float32)
    corner = np.clip(np.floor(screen), 0, PAPER_CAMERA.size - 2)
    right, up = np.clip(screen - corner, 0, 1).astype(np.float32).T[..., None]
    column, row = corner.astype(np.intp).T
    lower = image[row, column] * (1 - right) + image[row, column + 1] * right
    upper = image[row + 1, column] * (1 - right) + image[row + 1, column + 1] * right
    return lower * (1 - up) + upper * up


def _check_photo(photo: NDArray[Any]) -> None:
    side = PAPER_CAMERA.size
    if photo.shape != (side, side, 3) or photo.dtype != np.uint8:
        raise TextureError(
            f"expected an aligned photo of shape ({side}, {side}, 3), uint8, got {photo.shape}, {photo.dtype}; "
            "align it first (backend.fitting.align5)"
        )
