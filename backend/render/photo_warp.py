"""The photo as a sheet that moves with the head: where each pixel of a frame comes from.

A grid of points is laid over the photo and given depth: on the head that of the fitted mesh, around it (hair, neck)
that of the nearest part of it. Every point makes the head's motion by its share (`belonging`) and, on the face and
fading around it, that of the mesh's expression; on the face the sheet therefore is the mesh. The moved grid is drawn by
the rasteriser, nearer parts over farther ones.
"""

from __future__ import annotations

from typing import Any, Final

import cv2
import numpy as np
import warp as wp
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt

from backend.crop import Crop
from backend.raster.rasterizer import Raster, Rasterizer, rasterize
from backend.render import kernels
from backend.render.belonging import belonging
from backend.render.sitter import OVERSAMPLED, Sitter
from backend.render.view import View
from models.coefficients import ANGLES, EXPRESSION, TRANSLATION
from models.face.camera import DISTANCE, rotation

Float32Array = NDArray[np.float32]

CELLS: Final = 72  # along a side of the frame
BEYOND: Final = 3  # cells outside of the frame, which may move into it
FADING: Final = 0.12  # face widths around the mesh over which expressions fade out
SOFT: Final = 0.9  # cells over which motions are evened out, so that the sheet does not fold


class PhotoWarp:
    """The sheet of one sitter, moved again and again."""

    def __init__(self, sitter: Sitter, *, device: str = "cpu") -> None:
        self._view = sitter.view
        grid = _grid_view(sitter.view)
        self._side = side = grid.size
        model = sitter.face_model
        skin = model.part_triangles(*(name for name in ("skin", "lips") if name in model.part_names))
        seen = rasterize(grid.clip(sitter.world), skin, side, cull_back=True)

        cell = sitter.view.size / CELLS
        column, row = np.meshgrid(np.arange(side), np.arange(side))
        self._at = ((np.stack([column, row], axis=-1) + 0.5 - BEYOND) * cell).astype(np.float32)
        moving = belonging(sitter)
        self._share = _sampled(moving.share, self._at / sitter.view.size)
        known = seen.covered & (_sampled(moving.head.astype(np.float32), self._at / sitter.view.size) > 0.5)
        away, nearest = distance_transform_edt(~known, return_indices=True)
        nearest = nearest[0], nearest[1]

        depth = seen.interpolate((DISTANCE - sitter.world[:, 2:]).astype(np.float32), skin)[..., 0][nearest]
        depth = np.where(known, depth, cv2.GaussianBlur(depth, (0, 0), 2.0))
        self._world = sitter.view.world(self._at, depth)
        fitted = sitter.fit.coefficients
        self._local = (self._world - fitted[TRANSLATION]) @ rotation(fitted[ANGLES])

        outline = sitter.view.points(model.landmarks68.of(sitter.world))
        fading = FADING * float(np.linalg.norm(outline[16] - outline[0])) / cell
        self._fading = (self._share * np.exp(-((away / fading) ** 2)))[..., None].astype(np.float32)
        self._resting = fitted[EXPRESSION]
        self._expressions = _basis_at(seen, known, skin, model.expression_basis)
        order = np.zeros((side, side), np.intp)
        order[known] = np.arange(np.count_nonzero(known))
        self._nearest = order[nearest]

        quads = np.arange(side * side).reshape(side, side)
        a, b, c, d = (q.ravel() for q in (quads[:-1, :-1], quads[:-1, 1:], quads[1:, :-1], quads[1:, 1:]))
        triangles = np.concatenate([np.stack([a, c, b], 1), np.stack([b, c, d], 1)]).astype(np.int32)
        self._drawer = Rasterizer(triangles, sitter.view.size, device=device)
        with wp.ScopedDevice(self._drawer.device):
            self._places: Any = wp.array(OVERSAMPLED * self._at.reshape(-1, 2), dtype=wp.vec2)
            self._out: Any = wp.zeros((sitter.view.size, sitter.view.size), dtype=wp.vec2)

    def sources(self, expression: Float32Array, turn: Float32Array, shift: Float32Array) -> Float32Array:
        """(S, S, 2) positions x, y in the sitter's `source` (edges on whole numbers) that the frame's pixels show.

        expression: (64,); turn (3, 3) and shift (3,) place the head. Valid until the next call.
        """
        world = self.moved(expression, turn, shift)
        clip = self._view.clip(world.reshape(-1, 3))
        # On the screen already: between its points the photo runs evenly there, not in space.
        self._drawer.draw(clip / clip[:, 3:], resolve=False)
        device = self._drawer.device
        inputs = [self._drawer.keys, self._drawer.edges, self._drawer.triangles, self._places]

        def read(first: int, end: int) -> None:
            wp.launch(
                kernels.read_places,
                dim=(end - first, self._view.size),
                inputs=[*inputs, first],
                outputs=[self._out],
                device=device,
            )

        self._drawer.each_band(read)
        return np.asarray(self._out.numpy())

    def moved(self, expression: Float32Array, turn: Float32Array, shift: Float32Array) -> Float32Array:
        """The sheet's points (n, n, 3) in the world."""
        rigid = self._local @ turn.T + shift - self._world
        change = expression - self._resting
        active = np.flatnonzero(change)
        known = (change[active] @ self._expressions[active]).reshape(-1, 3) @ turn.T
        motion = self._share[..., None] * rigid + self._fading * known[self._nearest]
        return np.asarray(self._world + cv2.GaussianBlur(motion.astype(np.float32), (0, 0), SOFT), dtype=np.float32)


def _grid_view(view: View) -> View:
    """A camera whose pixel centres are the grid's points."""
    cell = view.window.side / CELLS
    corner = view.window.left - BEYOND * cell, view.window.top - BEYOND * cell
    return View(view.frame, Crop(*corner, (CELLS + 2 * BEYOND) * cell), CELLS + 2 * BEYOND)


def _basis_at(
    seen: Raster, known: NDArray[np.bool_], triangles: NDArray[np.int32], basis: Float32Array
) -> Float32Array:
    """How the `known` points (n, n) move per unit of expression, (64, their number * 3)."""
    corners, weights = triangles[seen.triangle_ids[known]], seen.barycentrics[known]
    moves = np.stack([np.einsum("nk,nkc->nc", weights, each[corners]) for each in basis])
    return np.ascontiguousarray(moves.reshape(len(basis), -1), dtype=np.float32)


def _sampled(image: Float32Array, at: NDArray[np.floating[Any]]) -> Float32Array:
    """`image` (H, W) at relative positions (..., 2) in 0..1, clamped outside."""
    places = (at * image.shape[0] - 0.5).astype(np.float32)
    sampled = cv2.remap(image, places, np.empty(0), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(sampled, dtype=np.float32)
