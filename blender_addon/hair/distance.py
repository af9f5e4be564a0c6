"""How far points are from the skin, looked up in a grid (no bpy): hair asks hundreds of thousands of times.

Each cell in a band about the skin keeps the signed distance to the triangle that is nearest to it. Below the cut of the
neck the neck goes on, so that long hair does not fall into it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .surface import Float32Array, Float64Array, Surface, unit

CELL: Final = 0.003  # metres
BAND: Final = 0.024  # metres from the skin within which distances are known; farther away they are this
MARGIN: Final = 0.03
NEIGHBOURS: Final = tuple(one for one in product((-1, 0, 1), repeat=3) if any(one))


@dataclass(frozen=True, eq=False)
class DistanceField:
    """Signed distance to the skin and its gradient on a grid.

    low: (3,) the first cell's centre; cells: (X, Y, Z, 4), distance in metres (positive outside) and gradient.
    """

    low: Float64Array
    cells: Float32Array

    @classmethod
    def of(cls, surface: Surface) -> DistanceField:
        """The field of the skin of `surface`."""
        triangles = surface.triangles[surface.skin]
        corners = surface.points[triangles].astype(np.float32)
        normals = surface.normals[triangles]
        low = corners.reshape(-1, 3).min(axis=0).astype(np.float64) - MARGIN
        low[2] += MARGIN  # the cut of the neck is the lowest layer: what is below it is looked up there
        size = np.ceil((corners.reshape(-1, 3).max(axis=0) + MARGIN - low) / CELL).astype(int) + 1
        nearest = _nearest_triangles(corners, low, size)
        known = np.flatnonzero(nearest >= 0)
        centres = (low + CELL * np.stack(np.unravel_index(known, size), axis=1)).astype(np.float32)
        chosen = nearest[known]
        closest, weights = closest_on_triangles(centres, corners[chosen])
        away = centres - closest
        outside = (away * np.einsum("nk,nkc->nc", weights, normals[chosen])).sum(axis=1) >= 0
        distance = np.linalg.norm(away, axis=1)
        values = np.zeros(int(np.prod(size)), dtype=np.float32)
        values[known] = np.minimum(np.where(outside, distance, -distance), BAND)
        grid = _filled(values.reshape(size))
        return cls(low, np.stack([grid, *np.gradient(grid, CELL)], axis=-1).astype(np.float32))

    def look(self, points: Float64Array) -> tuple[Float64Array, Float64Array]:
        """Distance (n,) of `points` (n, 3) from the skin and the direction (n, 3), unit or zero, away from it."""
        size = np.array(self.cells.shape[:3])
        place = np.clip((points - self.low) / CELL, 0.0, size - 1.001)
        first = place.astype(np.intp)
        part = place - first
        flat = self.cells.reshape(-1, 4)
        start = (first[:, 0] * size[1] + first[:, 1]) * size[2] + first[:, 2]
        total = np.zeros((len(points), 4))
        for step in product((0, 1), repeat=3):
            weight = np.prod(np.where(step, part, 1.0 - part), axis=1)
            offset = (step[0] * size[1] + step[1]) * size[2] + step[2]
            total += weight[:, None] * flat[start + offset]
        return total[:, 0], unit(total[:, 1:])


def _filled(grid: Float32Array) -> Float32Array:
    """`grid` with ± BAND in its cells of 0, which are too far from the skin: inside where the cell before is inside."""
    place = np.where(grid != 0, np.arange(len(grid))[:, None, None], 0)
    before = np.take_along_axis(grid, np.maximum.accumulate(place, axis=0), axis=0)
    return np.where(grid != 0, grid, np.where(before < 0, -BAND, BAND)).astype(np.float32)


def _nearest_triangles(corners: Float32Array, low: Float64Array, size: NDArray[np.int_]) -> NDArray[np.int32]:
    """For each cell, flat, the triangle with the nearest sample point, -1 farther away than the band.

    Samples spread from the cells that they lie in to all neighbours to which they are nearer than what was there.
    """
    middle = corners.mean(axis=1)
    samples = np.concatenate([middle, *(0.25 * middle + 0.75 * corners[:, one] for one in range(3))]).astype(np.float32)
    owner = np.tile(np.arange(len(corners), dtype=np.int32), 4)
    count = int(np.prod(size))
    best = np.full(count, BAND**2, dtype=np.float32)
    nearest = np.full(count, -1, dtype=np.int32)
    cell = np.rint((samples - low) / CELL).astype(np.int64)
    here = (cell >= 0).all(axis=1) & (cell < size).all(axis=1)
    cell, found = cell[here], np.flatnonzero(here).astype(np.int32)
    flat = (cell[:, 0] * size[1] + cell[:, 1]) * size[2] + cell[:, 2]
    away = ((low + CELL * cell - samples[found]) ** 2).sum(axis=1)
    order = np.argsort(-away, kind="stable")  # the last one written stays: the nearest
    nearest[flat[order]], best[flat[order]] = found[order], away[order]
    active = np.unique(flat)
    while len(active):
        active = _spread(active, nearest, best, samples, low, size)
    return np.where(nearest >= 0, owner[nearest], -1).astype(np.int32)


def _spread(
    active: NDArray[np.int64],
    nearest: NDArray[np.int32],
    best: Float32Array,
    samples: Float32Array,
    low: Float64Array,
    size: NDArray[np.int_],
) -> NDArray[np.int64]:
    """Offer the samples of the `active` cells to their neighbours, in place; returns the cells that took one."""
    place = np.stack(np.unravel_index(active, size), axis=1)
    changed = []
    for step in NEIGHBOURS:
        near = place + step
        inside = ((near >= 0) & (near < size)).all(axis=1)
        near, offered = near[inside], nearest[active[inside]]
        flat = (near[:, 0] * size[1] + near[:, 1]) * size[2] + near[:, 2]
        away = ((low + CELL * near - samples[offered]) ** 2).sum(axis=1).astype(np.float32)
        better = away < best[flat]
        nearest[flat[better]], best[flat[better]] = offered[better], away[better]
        changed.append(flat[better])
    return np.unique(np.concatenate(changed))


def closest_on_triangles(
    points: NDArray[np.floating], corners: NDArray[np.floating]
) -> tuple[Float64Array, Float64Array]:
    """The point (n, 3) of each triangle `corners` (n, 3, 3) closest to each of `points` (n, 3), and its barycentric
    weights (n, 3).

    Ericson, Real-Time Collision Detection, 5.1.5: the foot on the plane when it is inside, else the nearest edge's.
    """
    a, b, c = (corners[:, one].astype(np.float64) for one in range(3))
    ab, ac, ap = b - a, c - a, points - a
    d00, d01, d11 = (ab * ab).sum(1), (ab * ac).sum(1), (ac * ac).sum(1)
    d20, d21 = (ap * ab).sum(1), (ap * ac).sum(1)
    scale = np.maximum(d00 * d11 - d01 * d01, 1e-30)
    v, w = (d11 * d20 - d01 * d21) / scale, (d00 * d21 - d01 * d20) / scale
    weights = np.stack([1 - v - w, v, w], axis=1)
    outside = (weights < 0).any(axis=1)
    if outside.any():
        weights[outside] = _on_edges(points[outside], corners[outside].astype(np.float64))
    return np.einsum("nk,nkc->nc", weights, corners), weights


def _on_edges(points: NDArray[np.floating], corners: Float64Array) -> Float64Array:
    """Barycentric weights (n, 3) of the points of the triangles' edges that are closest to `points`."""
    best = np.full(len(points), np.inf)
    weights = np.zeros((len(points), 3))
    for first, second in ((0, 1), (1, 2), (2, 0)):
        start, along = corners[:, first], corners[:, second] - corners[:, first]
        part = ((points - start) * along).sum(1) / np.maximum((along * along).sum(1), 1e-30)
        part = np.clip(part, 0, 1)
        away = ((start + part[:, None] * along - points) ** 2).sum(1)
        nearer = away < best
        best[nearer] = away[nearer]
        weights[nearer] = 0
        weights[nearer, first], weights[nearer, second] = 1 - part[nearer], part[nearer]
    return weights
