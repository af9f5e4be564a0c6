"""Where hairs leave the skin (no bpy): points on triangles, as many per area as a mask says."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .surface import Float64Array, HairError, Surface, unit


@dataclass(frozen=True, eq=False)
class Roots:
    """Points on the skin.

    triangle: (n,) index; weights: (n, 3) barycentric; points: (n, 3); normals: (n, 3) smooth and unit; uv: (n, 2).
    """

    triangle: NDArray[np.intp]
    weights: Float64Array
    points: Float64Array
    normals: Float64Array
    uv: Float64Array

    def __len__(self) -> int:
        return len(self.triangle)

    def chosen(self, which: NDArray[np.bool_] | NDArray[np.intp]) -> Roots:
        """Some of the roots."""
        return Roots(*(getattr(self, name)[which] for name in ("triangle", "weights", "points", "normals", "uv")))


def place(surface: Surface, triangle: NDArray[np.intp], weights: Float64Array) -> Roots:
    """The roots at barycentric `weights` (n, 3) of `triangle` (n,)."""
    corners = surface.triangles[triangle]

    def mixed(values: NDArray[np.floating]) -> Float64Array:
        return np.einsum("nk,nkc->nc", weights, values.astype(np.float64))

    normals = unit(mixed(surface.normals[corners]))
    return Roots(triangle, weights, mixed(surface.points[corners]), normals, mixed(surface.uv[triangle]))


def scatter(surface: Surface, mask: Float64Array, count: int, rng: np.random.Generator) -> Roots:
    """`count` roots on the skin; `mask` (V,) is how many there are per area, relative to elsewhere.

    Triangles are walked through in order with even steps (systematic sampling), so that no bare patch comes about by
    chance; within one triangle the places are random and follow the mask.

    Raises:
        HairError: the mask is 0 everywhere.
    """
    corner_mask = np.clip(mask[surface.triangles], 0, None)
    share = surface.areas * corner_mask.mean(axis=1)
    if not share.sum() > 0:
        raise HairError("there is no place on this head where such hair grows; choose another cut")
    total = np.cumsum(share)
    steps = (np.arange(count) + rng.random(count)) * (total[-1] / count)
    triangle = np.minimum(np.searchsorted(total, steps, side="right"), len(total) - 1)
    first, second = _in_triangle(corner_mask[triangle], rng)
    weights = np.stack([1 - first - second, first, second], axis=1)
    return place(surface, triangle, weights)


def _in_triangle(
    corner_mask: Float64Array, rng: np.random.Generator, tries: int = 4
) -> tuple[Float64Array, Float64Array]:
    """Barycentric weights (n,) of the second and third corner, likelier where the mask (n, 3) is large."""
    count = len(corner_mask)
    largest = np.maximum(corner_mask.max(axis=1), 1e-9)
    done = np.zeros(count, dtype=bool)
    first, second = np.empty(count), np.empty(count)
    for _ in range(tries):
        u, v = rng.random(count), rng.random(count)
        u, v = np.where(u + v > 1, 1 - u, u), np.where(u + v > 1, 1 - v, v)
        here = corner_mask[:, 0] * (1 - u - v) + corner_mask[:, 1] * u + corner_mask[:, 2] * v
        first, second = np.where(done, first, u), np.where(done, second, v)
        done |= rng.random(count) * largest < here
    return first, second
