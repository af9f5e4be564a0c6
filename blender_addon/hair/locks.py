"""What makes strands into hair (no bpy): locks that hold together, waves, frizz and single hairs that fly away."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from .surface import Float64Array, unit

CHUNK: Final = 2048  # strands at a time, so that the table of distances stays small
TIP_SHARE: Final = 0.6  # how much where strands end counts beside where they begin when locks are formed


def lock_of(strands: Float64Array, size: float, rng: np.random.Generator, most: int = 2500) -> NDArray[np.intp]:
    """(n,) for each strand (n, k, 3) the one that leads its lock; locks are about `size` metres wide."""
    middle = strands[:, strands.shape[1] // 2]
    places = np.concatenate([strands[:, 0], TIP_SHARE * middle], axis=1).astype(np.float32)
    area = max(1e-6, float(np.prod(np.ptp(strands[:, 0], axis=0)[[0, 1]])) * 2.5)
    count = int(np.clip(area / size**2, 1, min(most, max(1, len(strands) // 3))))
    leaders = np.sort(rng.choice(len(strands), size=count, replace=False))
    centres = places[leaders]
    norms = (centres**2).sum(axis=1)
    lock = np.empty(len(strands), dtype=np.intp)
    for start in range(0, len(strands), CHUNK):
        some = places[start : start + CHUNK]
        lock[start : start + CHUNK] = np.argmin(norms - 2 * some @ centres.T, axis=1)
    return leaders[lock]


def gather(strands: Float64Array, leader: NDArray[np.intp], strength: Float64Array, shape: float) -> Float64Array:
    """`strands` (n, k, 3) drawn to those that lead them by `strength` (n,) 0..1 at the tip; a larger `shape` holds
    the lock together nearer to the tip only."""
    along = np.linspace(0, 1, strands.shape[1]) ** shape
    pull = (strength[:, None] * along)[..., None]
    return strands + pull * (strands[leader] - strands)


def layered(strands: Float64Array, axis: Float64Array, out: Float64Array) -> Float64Array:
    """`strands` (n, k, 3), each `out` (n,) metres farther from the head's middle `axis` (3,) from its half on.

    Locks that lie at different heights shade each other, so that one sees where each ends.
    """
    outward = strands - axis
    outward[..., 2] *= 0.3
    along = np.clip(2 * np.linspace(0, 1, strands.shape[1]), 0, 1)
    return strands + (along * out[:, None])[..., None] * unit(outward)


def wave(
    strands: Float64Array,
    lengths: Float64Array,
    axis: Float64Array,
    *,
    width: Float64Array,
    period: Float64Array,
    phase: Float64Array,
    flat: float = 0.6,
    start: float = 0.2,
) -> Float64Array:
    """`strands` (n, k, 3) of `lengths` (n,) with waves: `width` and `period` (n,) in metres, `phase` (n,) in radians.

    axis: a point (3,) in the middle of the head; waves go to and fro sideways as seen from outside, and by 1 - `flat`
    as much in and out; start: where on the strand they begin to grow.
    """
    along = unit(np.gradient(strands, axis=1))
    outward = strands - axis
    outward[..., 2] *= 0.3
    aside = unit(np.cross(along, outward))
    across = np.cross(along, aside)
    way = np.linspace(0, 1, strands.shape[1])
    turn = 2 * np.pi * way * (lengths / period)[:, None] + phase[:, None]
    grown = np.clip((way - start) / max(1 - start, 1e-6) * 2, 0, 1) * width[:, None]
    return strands + (grown * np.sin(turn))[..., None] * aside + ((1 - flat) * grown * np.cos(turn))[..., None] * across


def frizz(strands: Float64Array, width: Float64Array, rng: np.random.Generator) -> Float64Array:
    """`strands` (n, k, 3), each bent a little on a way of its own, by about `width` (n,) metres at the tip."""
    count, steps, _ = strands.shape
    along = np.linspace(0, 1, steps)
    bend = np.zeros_like(strands)
    for turns in (0.5, 1.3, 2.6):
        phase = rng.uniform(0, 2 * np.pi, (count, 1, 3))
        bend += np.sin(2 * np.pi * turns * along[None, :, None] + phase) * rng.normal(size=(count, 1, 3)) / (1 + turns)
    bend -= bend[:, :1]
    return strands + bend * (along * width[:, None])[..., None]


def lengths_of(strands: Float64Array) -> Float64Array:
    """Lengths (n,) of `strands` (n, k, 3) in metres."""
    return np.linalg.norm(np.diff(strands, axis=1), axis=2).sum(axis=1)
