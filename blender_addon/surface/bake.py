"""Skin detail as two images on the UV square, for programs that know images and no node groups (no bpy).

What `groups.skin_group` computes for every point seen is computed for every texel: the tiles of pores and lip lines by
the fields at the vertices.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .fields import UV_DENSITY
from .maps import LIP_TILE, PORE_TILE

Float32Array = NDArray[np.float32]
Int32Array = NDArray[np.int32]
UInt8Array = NDArray[np.uint8]

LIP_DENSITY: Final = (0.40, 0.68)  # metres of lip per unit of UV, along u and v
LIP_STRENGTH: Final = 1.3
OIL: Final = -0.15  # what oil, a pit, and water make of the roughness
PIT: Final = 0.2
WET: Final = 0.12
TEXELS: Final = 4_000_000  # tested at once


def skin_images(
    uv_corners: Float32Array, skin: Float32Array, surface: Float32Array, tiles: tuple[UInt8Array, UInt8Array], size: int
) -> tuple[UInt8Array, UInt8Array]:
    """Normals (S, S, 3) and roughness (S, S), which a material's own is added to: 128 leaves it; row 0 is v = 0.

    uv_corners: (F, 3, 2) the triangles on the UV square; skin, surface: (F, 3, 3) `fields` at their corners;
    tiles: `maps.pore_map` and `maps.lip_map`. Texels outside of all triangles are flat.
    """
    normal = np.full((size, size, 3), (128, 128, 255), np.uint8)
    rough = np.full((size, size), 128, np.uint8)
    for faces, rows, columns, weights in _texels(uv_corners, size):
        u, v = (columns + 0.5) / size, (rows + 0.5) / size
        own = np.einsum("nk,nkc->nc", weights, skin[faces])
        lip = np.einsum("nk,nk->n", weights, surface[faces][:, :, 1])[:, None]
        pores = _sample(tiles[0], u * UV_DENSITY / PORE_TILE, v * UV_DENSITY / PORE_TILE)
        lines = _sample(tiles[1], u * LIP_DENSITY[0] / LIP_TILE, v * LIP_DENSITY[1] / LIP_TILE)
        mixed = pores * (1 - lip) + lines * lip
        strength = own[:, 0] * (1 - lip[:, 0]) + LIP_STRENGTH * lip[:, 0]
        bent = 2 * mixed[:, :3] - 1
        bent[:, :2] *= strength[:, None]
        bent /= np.linalg.norm(bent, axis=1, keepdims=True)
        normal[rows, columns] = np.rint((bent + 1) * 127.5).astype(np.uint8)
        added = OIL * own[:, 1] + PIT * np.clip((1 - mixed[:, 3]) * strength, 0, 1)
        added = added * (1 - own[:, 2]) + (WET - 0.5) * own[:, 2]
        rough[rows, columns] = np.rint(np.clip(128 + 255 * added, 0, 255)).astype(np.uint8)
    return normal, rough


def _sample(tile: UInt8Array, u: Float32Array, v: Float32Array) -> Float32Array:
    """(n, 4) on 0..1: the periodic `tile` at places (n,), linearly between its texels."""
    size = len(tile)
    x, y = (u * size - 0.5) % size, (v * size - 0.5) % size
    left, low = np.floor(x).astype(np.int32), np.floor(y).astype(np.int32)
    right, high = (left + 1) % size, (low + 1) % size
    left, low = left % size, low % size
    along, up = (x - np.floor(x))[:, None], (y - np.floor(y))[:, None]
    below = tile[low, left] * (1 - along) + tile[low, right] * along
    above = tile[high, left] * (1 - along) + tile[high, right] * along
    return np.asarray((below * (1 - up) + above * up) / 255, dtype=np.float32)


def _texels(
    uv_corners: Float32Array, size: int
) -> Iterator[tuple[NDArray[np.intp], Int32Array, Int32Array, Float32Array]]:
    """Triangles, rows, columns (n,) and weights (n, 3) of the texels that triangles cover, some at a time.

    Triangles of about the same size are tested together, each on a square of texels. A margin of a texel around each is
    filled, too, so that filtering finds no gap at the seams.
    """
    corners = uv_corners.astype(np.float32) * size - 0.5
    low = np.floor(corners.min(axis=1)).astype(np.int32) - 1
    sides = (np.ceil(corners.max(axis=1)).astype(np.int32) + 1 - low).max(axis=1) + 1
    edge_one, edge_two = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    area = edge_one[:, 0] * edge_two[:, 1] - edge_one[:, 1] * edge_two[:, 0]
    power = np.ceil(np.log2(np.maximum(sides, 1))).astype(int)
    for order in np.unique(power):
        square = 2**order
        members = np.flatnonzero((power == order) & (np.abs(area) > 1e-9))
        for start in range(0, len(members), max(TEXELS // square**2, 1)):
            faces = members[start : start + max(TEXELS // square**2, 1)]
            y, x = np.meshgrid(np.arange(square), np.arange(square), indexing="ij")
            columns = low[faces, 0, None] + x.ravel()[None]
            rows = low[faces, 1, None] + y.ravel()[None]
            away = np.stack([columns, rows], axis=-1) - corners[faces, None, 0]
            second = _cross(away, edge_two[faces, None]) / area[faces, None]
            third = _cross(edge_one[faces, None], away) / area[faces, None]
            weights = np.stack([1 - second - third, second, third], axis=-1)
            length = np.sqrt(np.maximum(np.abs(area[faces]), 1e-6))[:, None]
            inside = weights.min(axis=-1) > -1.0 / length
            inside &= (rows >= 0) & (rows < size) & (columns >= 0) & (columns < size)
            face, texel = np.nonzero(inside)
            shares = np.clip(weights[face, texel], 0, 1)
            shares /= shares.sum(axis=1, keepdims=True)
            yield faces[face], rows[face, texel], columns[face, texel], shares.astype(np.float32)


def _cross(first: Float32Array, second: Float32Array) -> Float32Array:
    return np.asarray(first[..., 0] * second[..., 1] - first[..., 1] * second[..., 0], dtype=np.float32)
