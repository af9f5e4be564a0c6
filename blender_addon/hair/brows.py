"""Eyebrows of fine hairs (no bpy), along the ten points of the brows, and lying on the skin."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from .distance import DistanceField, closest_on_triangles
from .grow import keep_strands_out
from .locks import frizz
from .roots import Roots, place
from .strands import Strands, radii
from .surface import Float64Array, Surface, tangential, unit

COUNT: Final = 380  # hairs of one brow at density 1
SIDES: Final = (slice(21, 16, -1), slice(22, 27))  # iBUG points from the nose outwards: the right brow, the left one
ALONG: Final = (0.0, 0.08, 0.35, 0.65, 1.0)  # places along a brow, for which there is
THICK: Final = (0.044, 0.060, 0.050, 0.034, 0.008)  # how thick it is, in face heights
LEAN: Final = (60.0, 52.0, 28.0, 8.0, -12.0)  # how steeply its hairs rise, in degrees
LENGTH: Final = (0.034, 0.050, 0.066, 0.060, 0.034)  # and how long they are, in face heights
TAIL: Final = 0.03  # of a face height by which the outer end bends down below the points
TAPER: Final = 12.0  # degrees by which the hairs of both edges lean towards the middle
STEPS: Final = 5
RADIUS: Final = 0.00007
NEAREST: Final = 6  # triangles that are looked at for each root


def brow_hair(surface: Surface, field: DistanceField, density: float, seed: int) -> Strands:
    """Both brows; the same for the same surface, density and seed."""
    rng = np.random.default_rng([seed, 1])
    both = [_brow(surface, side, max(20, round(COUNT * density)), rng) for side in SIDES]
    points = np.concatenate([points for points, _ in both])
    roots = Roots(*(np.concatenate([getattr(one, name) for _, one in both]) for name in Roots.__annotations__))
    points = frizz(points, 0.0004 * rng.gamma(2.0, 0.5, len(points)), rng)
    radius = radii(points, RADIUS / np.sqrt(density), 0.2, rng)
    return Strands(keep_strands_out(points, field), radius, roots, np.zeros(len(points)))


def _brow(surface: Surface, side: slice, count: int, rng: np.random.Generator) -> tuple[Float64Array, Roots]:
    """One brow: strands (count, STEPS + 1, 3) and their roots."""
    height = surface.measures.height
    along = np.sort(rng.beta(1.35, 1.35, count))
    across = rng.triangular(-1, -0.1, 1, count)
    thick = height * np.interp(along, ALONG, THICK)
    middle, outward = _spine(surface.landmarks[side].astype(np.float64), along)
    upward = unit(tangential(np.broadcast_to([0.0, 0.0, 1.0], outward.shape), outward))
    drop = thick / 2 + TAIL * height * np.clip((along - 0.6) / 0.4, 0, 1) ** 2
    lowered = middle - drop[:, None] * upward
    roots = on_skin(surface, lowered + 0.5 * (across * thick)[:, None] * upward)
    lean = np.radians(np.interp(along, ALONG, LEAN) - TAPER * across + rng.normal(0, 7, count))
    length = height * np.interp(along, ALONG, LENGTH) * rng.uniform(0.75, 1.15, count)
    return _laid(roots, outward, upward, lean, length), roots


def _spine(marks: Float64Array, along: Float64Array) -> tuple[Float64Array, Float64Array]:
    """Points (n, 3) at `along` (n,) 0..1 of a smooth line through `marks` (5, 3), and its directions."""
    way = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(marks, axis=0), axis=1))])
    way /= way[-1]
    curves = [np.polynomial.Polynomial.fit(way, marks[:, axis], 3) for axis in range(3)]
    place_on = -0.03 + 0.93 * along  # from a little before the first point to a little before the last
    points = np.stack([curve(place_on) for curve in curves], axis=1)
    return points, unit(np.stack([curve.deriv()(place_on) for curve in curves], axis=1))


def _laid(
    roots: Roots, outward: Float64Array, upward: Float64Array, lean: Float64Array, length: Float64Array
) -> Float64Array:
    """Strands that leave the skin at an angle, lie down on it, and bend outwards towards their tip."""
    points = np.empty((len(roots), STEPS + 1, 3))
    points[:, 0] = roots.points
    for index in range(STEPS):
        done = index / (STEPS - 1)
        turned = lean * (1 - 0.45 * done)
        ahead = np.cos(turned)[:, None] * outward + np.sin(turned)[:, None] * upward
        ahead = unit(tangential(ahead, roots.normals)) + (0.3 - 0.42 * done) * roots.normals
        points[:, index + 1] = points[:, index] + (length / STEPS)[:, None] * unit(ahead)
    return points


def on_skin(surface: Surface, points: Float64Array) -> Roots:
    """The roots on the skin that are nearest to `points` (n, 3), which are near to it."""
    low, high = points.min(axis=0) - 0.02, points.max(axis=0) + 0.02
    middles = surface.points[surface.triangles].mean(axis=1)
    near = np.flatnonzero(surface.skin & (middles > low).all(axis=1) & (middles < high).all(axis=1))
    away = ((points[:, None] - middles[near]) ** 2).sum(axis=2)
    chosen = near[np.argsort(away, axis=1)[:, :NEAREST]]
    best, triangle, weights = _best(surface, points, chosen)
    return place(surface, triangle[best], weights[best])


def _best(
    surface: Surface, points: Float64Array, chosen: NDArray[np.intp]
) -> tuple[NDArray[np.intp], NDArray[np.intp], Float64Array]:
    """Of the triangles `chosen` (n, m): which rows of (n · m) are nearest (n,), all of them, and all weights."""
    count, many = chosen.shape
    triangle = chosen.ravel()
    repeated = np.repeat(points, many, axis=0)
    closest, weights = closest_on_triangles(repeated, surface.points[surface.triangles[triangle]])
    away = ((closest - repeated) ** 2).sum(axis=1).reshape(count, many)
    return np.arange(count) * many + np.argmin(away, axis=1), triangle, weights
