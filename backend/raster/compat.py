"""The paper's rasteriser, bit for bit: row 0 at the bottom, both windings, and the later triangle where depths tie.

Triangle setup is NumPy in float32, which never fuses a product with a sum; the walk over pixels is one serial Warp
kernel (`compat_kernel`) with fusing switched off (SPEC 6.1). Use `backend.raster.rasterizer` for anything new.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import warp as wp
from numpy.typing import NDArray

from backend.raster import compat_kernel
from backend.raster.rasterizer import RasterError  # its import also starts Warp quietly

Float32Array = NDArray[np.float32]
Int32Array = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class CompatRaster:
    """What the paper's rasteriser returns; row 0 is the bottom.

    triangle_ids: (H, W) int32, 0 where nothing is seen (as for triangle 0: ask `covered`); barycentrics: (H, W, 3)
    float32, perspective-correct, zero where nothing is seen; depth: (H, W) float32, 1 where nothing is seen.
    """

    triangle_ids: Int32Array
    barycentrics: Float32Array
    depth: Float32Array

    @property
    def covered(self) -> NDArray[np.bool_]:
        """(H, W), true where something is seen."""
        return self.barycentrics.any(axis=-1)

    def interpolate(self, attributes: Float32Array, triangles: Int32Array, background: float) -> Float32Array:
        """Attribute image (H, W, C), still bottom row first, of vertex `attributes` (V, C) (SPEC 6.2)."""
        values = np.einsum("hwk,hwkc->hwc", self.barycentrics, attributes[triangles[self.triangle_ids]])
        alpha = np.clip(2 * self.barycentrics.sum(axis=-1, keepdims=True), 0, 1)
        return (alpha * values + (1 - alpha) * np.float32(background)).astype(np.float32)


def rasterize(clip: Float32Array, triangles: Int32Array, height: int, width: int) -> CompatRaster:
    """Draw clip-space vertices (V, 4) and triangles (F, 3) as the paper's CPU rasteriser does.

    Raises:
        RasterError: shapes do not fit, or the vertices are not finite.
    """
    clip, triangles = _checked(clip, triangles)
    corners = clip[triangles]
    keep = ~(corners[..., 3] < 0).all(axis=1)
    edges, boxes = _edge_functions(corners), _pixel_boxes(corners, height, width)
    boxes[~keep] = 0
    ids = np.zeros((height, width), dtype=np.int32)
    barycentrics = np.zeros((height, width, 3), dtype=np.float32)
    depth = np.ones((height, width), dtype=np.float32)
    inputs: list[tuple[NDArray[Any], Any]] = [
        (edges, wp.float32),
        (np.ascontiguousarray(corners[..., 2:]), wp.float32),
        (boxes, wp.int32),
        (_centres(width), wp.float32),
        (_centres(height), wp.float32),
    ]
    outputs: list[tuple[NDArray[Any], Any]] = [(ids, wp.int32), (barycentrics, wp.float32), (depth, wp.float32)]
    shared: list[Any] = [wp.array(array, dtype=kind, device="cpu", copy=False) for array, kind in inputs + outputs]
    wp.launch(compat_kernel.cover, dim=1, inputs=shared, device="cpu")
    return CompatRaster(ids, barycentrics, depth)


def _checked(clip: Float32Array, triangles: Int32Array) -> tuple[Float32Array, Int32Array]:
    clip = np.ascontiguousarray(clip, dtype=np.float32)
    triangles = np.ascontiguousarray(triangles, dtype=np.int32)
    if triangles.ndim != 2 or triangles.shape[1] != 3 or len(triangles) == 0:
        raise RasterError(f"expected triangles of shape (faces, 3), got {triangles.shape}")
    if clip.ndim != 2 or clip.shape[1] != 4:
        raise RasterError(f"expected clip vertices of shape (vertices, 4), got {clip.shape}")
    if triangles.min() < 0 or triangles.max() >= len(clip):
        raise RasterError(f"expected triangles to name vertices 0..{len(clip) - 1}, got {triangles.max()}")
    if not np.isfinite(clip).all():
        raise RasterError("clip vertices hold NaN or infinity; check the coefficients")
    return clip, triangles


def _edge_functions(corners: Float32Array) -> Float32Array:
    """(F, 9): the adjugate of the rows x, y, w of each triangle, negated where the determinant is negative."""
    (x0, x1, x2), (y0, y1, y2), (w0, w1, w2) = (corners[..., axis].T for axis in (0, 1, 3))
    adjugate = np.stack(
        [
            y1 * w2 - y2 * w1,
            x2 * w1 - x1 * w2,
            x1 * y2 - x2 * y1,
            y2 * w0 - y0 * w2,
            x0 * w2 - x2 * w0,
            x2 * y0 - x0 * y2,
            y0 * w1 - y1 * w0,
            x1 * w0 - x0 * w1,
            x0 * y1 - x1 * y0,
        ],
        axis=-1,
    )
    determinant = x0 * adjugate[:, 0] + x1 * adjugate[:, 3] + x2 * adjugate[:, 6]
    return np.where(determinant[:, None] < 0, -adjugate, adjugate)


def _pixel_boxes(corners: Float32Array, height: int, width: int) -> Int32Array:
    """(F, 4): left, right, bottom, top, the ends exclusive; the whole image unless all three w are positive."""
    whole = np.array([0, width, 0, height], dtype=np.int32)
    boxes = np.tile(whole, (len(corners), 1))
    ahead = (corners[..., 3] > 0).all(axis=1)
    front = corners[ahead]
    for axis, size in enumerate((width, height)):
        ratio = (front[..., axis] / front[..., 3]).astype(
            np.float64
        )  # the original adds 1 in double, after the division
        edge = ((ratio + 1.0) * (size / 2)).astype(np.float32)
        boxes[ahead, 2 * axis] = np.clip(np.floor(edge.min(axis=1)), 0, size)
        boxes[ahead, 2 * axis + 1] = np.clip(np.ceil(edge.max(axis=1)), 0, size)
    return boxes


def _centres(size: int) -> Float32Array:
    return ((np.arange(size) + 0.5) / (size / 2) - 1.0).astype(np.float32)
