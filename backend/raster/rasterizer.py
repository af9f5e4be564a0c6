"""Triangles to pixels: one NVIDIA Warp kernel source (`backend.raster.kernels`) for the CPU and CUDA.

Three passes. *Setup* forms each triangle's homogeneous edge functions (Olano and Greer 1997: the adjugate of the
matrix of its clip positions, so that triangles crossing the eye plane need no clipping). *Cover* walks each triangle's
bounding box and keeps, per pixel, the smallest 64-bit key depth|triangle with one atomic minimum, so that the result
does not depend on the order of threads. *Resolve* turns keys into triangle ids, perspective-correct barycentrics and
depth.

Images have row 0 at the top; pixel (r, c) is sampled at its centre. Where depths tie, the lower triangle id wins.
The paper's renderer, bit for bit (rows bottom-first, the later triangle wins, SPEC 6.1), is `backend.raster.compat`.
"""

from __future__ import annotations

import itertools
import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import warp as wp
from numpy.typing import NDArray

from backend.raster import kernels

Float32Array = NDArray[np.float32]
Int32Array = NDArray[np.int32]


def _start_warp() -> None:
    """Start Warp without its banner and without its complaint, written past Python, that there is no CUDA driver."""
    if hasattr(wp, "LOG_WARNING"):  # releases before the logger print a banner, no more
        wp.config.log_level = wp.LOG_WARNING
    sys.stderr.flush()
    kept = os.dup(2)
    try:
        with Path(os.devnull).open("w") as nowhere:
            os.dup2(nowhere.fileno(), 2)
            wp.init()
    finally:
        os.dup2(kept, 2)
        os.close(kept)


_start_warp()


class RasterError(ValueError):
    """Vertices, triangles or attributes do not fit together; the message says what was expected."""


@dataclass(frozen=True, eq=False)
class Raster:
    """What is seen at every pixel; row 0 is the top.

    triangle_ids: (H, W) int32, -1 where nothing is seen; barycentrics: (H, W, 3) float32, perspective-correct, zero
    where nothing is seen; depth: (H, W) float32, clip z / w in -1..1, 1 where nothing is seen.
    """

    triangle_ids: Int32Array
    barycentrics: Float32Array
    depth: Float32Array

    @property
    def covered(self) -> NDArray[np.bool_]:
        """(H, W), true where something is seen."""
        return self.triangle_ids >= 0

    def interpolate(self, attributes: Float32Array, triangles: Int32Array, background: float = 0.0) -> Float32Array:
        """Attribute image (H, W, C) of per-corner `attributes` (N, C) indexed by `triangles` (F, 3).

        Raises:
            RasterError: `attributes` is not a table.
        """
        if attributes.ndim != 2:
            raise RasterError(f"expected attributes of shape (vertices, channels), got {attributes.shape}")
        image = np.full((*self.triangle_ids.shape, attributes.shape[1]), background, dtype=np.float32)
        seen = self.covered
        corners = attributes[triangles[self.triangle_ids[seen]]]
        image[seen] = np.einsum("nk,nkc->nc", self.barycentrics[seen], corners)
        return image


class Rasterizer:
    """Draws one topology many times; buffers are made once and reused.

    Pixels live in `ids`, `barycentrics` and `depth` (Warp arrays, for kernels that read on) until the next `draw`, and
    so do `keys` and `edges`, from which a kernel can resolve pixels itself (`kernels.weights_at`); calling the
    object gives a `Raster` that is yours to keep.
    """

    def __init__(
        self,
        triangles: Int32Array,
        size: int | tuple[int, int],
        *,
        cull_back: bool | NDArray[np.bool_] = False,
        device: str = "cpu",
        threads: int | None = None,
    ) -> None:
        """triangles: (F, 3) vertex indices; size: side or (height, width) in pixels.

        cull_back: leave out triangles seen from behind (counter-clockwise is the front), all of them or those marked in
        an (F,) array; threads: how many horizontal bands are drawn at once on the CPU (None: one per core, four at
        most).

        Raises:
            RasterError: `triangles` is not (F, 3) or empty, or the size is not positive.
        """
        triangles = np.asarray(triangles)
        if triangles.ndim != 2 or triangles.shape[1] != 3 or len(triangles) == 0:
            raise RasterError(f"expected triangles of shape (faces, 3), got {triangles.shape}")
        self.height, self.width = (size, size) if isinstance(size, int) else size
        if self.height < 1 or self.width < 1:
            raise RasterError(f"expected an image of at least one pixel, got {self.height} x {self.width}")
        self.device = wp.get_device(device)
        self.vertex_count = int(triangles.max()) + 1
        self._bands = self._split_rows(threads)
        faces, pixels = len(triangles), (self.height, self.width)
        with wp.ScopedDevice(self.device):
            self.triangles: Any = wp.array(np.ascontiguousarray(triangles, dtype=np.int32), dtype=wp.int32)
            self._cull: Any = wp.array(np.broadcast_to(cull_back, faces).astype(np.uint8), dtype=wp.uint8)
            self.edges = wp.zeros(faces, dtype=wp.mat33)
            self._plane = wp.zeros(faces, dtype=wp.vec3)
            self._box = wp.zeros(faces, dtype=wp.vec4i)
            self.keys = wp.zeros(pixels, dtype=wp.int64)
            self.ids = wp.zeros(pixels, dtype=wp.int32)
            self.barycentrics = wp.zeros(pixels, dtype=wp.vec3)
            self.depth = wp.zeros(pixels, dtype=wp.float32)
        self._pool = ThreadPoolExecutor(len(self._bands)) if len(self._bands) > 1 else None

    def __call__(self, clip: Float32Array) -> Raster:
        """Draw clip-space vertices (V, 4), x right, y up, w the depth.

        Raises:
            RasterError: not (V, 4), too few vertices for the triangles, or not finite.
        """
        self.draw(clip)
        return Raster(self.ids.numpy().copy(), self.barycentrics.numpy().copy(), self.depth.numpy().copy())

    def draw(self, clip: Float32Array, *, resolve: bool = True) -> None:
        """Like calling the object, but leaves the pixels in its buffers; without `resolve` only `keys` are written."""
        clip = np.ascontiguousarray(clip, dtype=np.float32)
        if clip.ndim != 2 or clip.shape[1] != 4 or len(clip) < self.vertex_count:
            raise RasterError(f"expected clip vertices of shape (at least {self.vertex_count}, 4), got {clip.shape}")
        if not np.isfinite(clip).all():
            raise RasterError("clip vertices hold NaN or infinity; check the coefficients")
        vertices: Any = wp.array(clip, dtype=wp.vec4, device=self.device)
        wp.launch(
            kernels.setup,
            dim=len(self.triangles),
            inputs=[vertices, self.triangles, self._cull, self.height, self.width],
            outputs=[self.edges, self._plane, self._box],
            device=self.device,
        )
        self.each_band(lambda first, end: self._draw_band(first, end, resolve))

    def each_band(self, work: Callable[[int, int], None]) -> None:
        """Run `work(first_row, end_row)` over all rows: on the CPU, where a launch is serial, one thread a band."""
        if self._pool is None:
            work(*self._bands[0])
            return
        list(self._pool.map(lambda band: work(*band), self._bands))

    def _draw_band(self, first: int, end: int, resolve: bool) -> None:
        self.keys[first:end].fill_(kernels.EMPTY)
        wp.launch(
            kernels.cover,
            dim=len(self.triangles),
            inputs=[self.edges, self._plane, self._box, self.height, self.width, first, end],
            outputs=[self.keys],
            device=self.device,
        )
        if not resolve:
            return
        wp.launch(
            kernels.resolve,
            dim=(end - first, self.width),
            inputs=[self.edges, self._plane, self.keys, first],
            outputs=[self.ids, self.barycentrics, self.depth],
            device=self.device,
        )

    def _split_rows(self, threads: int | None) -> list[tuple[int, int]]:
        if self.device.is_cuda:
            return [(0, self.height)]
        bands = max(1, min(threads or min(os.cpu_count() or 1, 4), self.height))
        cuts = np.linspace(0, self.height, bands + 1).astype(int)
        return [(int(first), int(end)) for first, end in itertools.pairwise(cuts)]


def rasterize(
    clip: Float32Array,
    triangles: Int32Array,
    size: int | tuple[int, int],
    *,
    cull_back: bool = False,
    device: str = "cpu",
) -> Raster:
    """Draw clip-space vertices (V, 4) and triangles (F, 3) once; `Rasterizer` is for many frames.

    Raises:
        RasterError: shapes do not fit, or the vertices are not finite.
    """
    return Rasterizer(triangles, size, cull_back=cull_back, device=device, threads=1)(clip)
