"""How a strand finds its way (no bpy): it leaves the skin, is combed, falls, and never goes into the head.

All strands grow at once, one point after the other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from .distance import BAND, DistanceField
from .roots import Roots
from .surface import Float64Array, tangential, unit

Comb = Callable[[Float64Array, Float64Array], Float64Array]
"""(points (n, 3), roots (n, 3)) → the directions (n, 3) in which hair is combed there."""

CLEARANCE: Final = 0.0006  # metres that strands keep from the skin behind their roots
ROOT_ROOM: Final = 0.0002
DOWN: Final = np.array([0.0, 0.0, -1.0])


@dataclass(frozen=True, eq=False)
class Plan:
    """How strands grow, for n roots.

    length: (n,) metres; height: (n,) metres over the skin that a strand seeks, reached at `rise` of its way and
    given up by the share `settle` at its tip;
    lift: (n,) 0..1, from lying on the skin to standing up at the root; falls: points (n, 3) → (n,) 0..1, where strands
    fall at all; gravity: 0..1, from staying where it is combed to falling; cling: how strongly strands above their
    height are drawn to the head; stiffness: 0..1 of a turn that one step leaves out; steps: points after the root.
    """

    length: Float64Array
    height: Float64Array
    lift: Float64Array
    comb: Comb
    falls: Callable[[Float64Array], Float64Array]
    gravity: float = 0.5
    cling: float = 0.6
    stiffness: float = 0.5
    rise: float = 0.25
    settle: float = 0.0
    steps: int = 12


def grow(roots: Roots, plan: Plan, field: DistanceField) -> Float64Array:
    """The strands (n, steps + 1, 3) from the roots on."""
    points = np.empty((len(roots), plan.steps + 1, 3))
    points[:, 0] = here = roots.points
    step = (plan.length / plan.steps)[:, None]
    combed = unit(tangential(plan.comb(here, roots.points), roots.normals))
    lift = plan.lift[:, None]
    ahead = unit(lift * roots.normals + (1 - lift) * combed)
    for index in range(plan.steps):
        done = (index + 1) / plan.steps
        distance, out = field.look(here)
        wanted = _wanted(here, roots, plan, done, distance, out)
        if index:
            ahead = unit(plan.stiffness * ahead + (1 - plan.stiffness) * wanted)
        here = here + step * ahead
        here = keep_out(here, field, ROOT_ROOM + CLEARANCE * min(1.0, 2 * done))
        ahead = unit(here - points[:, index])
        points[:, index + 1] = here
    return points


def _wanted(
    here: Float64Array, roots: Roots, plan: Plan, done: float, distance: Float64Array, out: Float64Array
) -> Float64Array:
    """The directions (n, 3) that strands would take if they were not stiff.

    On the skin that faces up they follow the comb; where it is steep, and in the air, their weight takes over.
    """
    near = np.clip(1.5 - distance / BAND, 0, 1)[:, None]  # away from the skin there is nothing to lie on
    flat = np.clip(out[:, 2:] * near, 0, 1)
    falling = plan.gravity * plan.falls(here)[:, None]
    combed = (1 - falling * (1 - flat)) * unit(plan.comb(here, roots.points)) + falling * DOWN
    height = plan.height * min(1.0, done / plan.rise) * (1 - plan.settle * max(0.0, 2 * done - 1))
    error = (height - distance) / np.maximum(plan.length / plan.steps, 1e-6)
    seek = np.clip(error, -plan.cling, 0.9)[:, None] * out * near
    return unit(unit(tangential(combed, out * near)) + seek)


def keep_out(points: Float64Array, field: DistanceField, clearance: float | Float64Array) -> Float64Array:
    """`points` (n, 3), those nearer to the skin than `clearance` metres moved away from it."""
    for _ in range(3):
        distance, out = field.look(points)
        points = points + np.maximum(clearance - distance, 0)[:, None] * out
    return points


def keep_strands_out(strands: Float64Array, field: DistanceField) -> Float64Array:
    """`strands` (n, k, 3) with every point but the root outside the skin."""
    count, steps, _ = strands.shape
    clearance = np.broadcast_to(ROOT_ROOM + CLEARANCE * np.clip(np.linspace(0, 2, steps), 0, 1), (count, steps))
    moved = keep_out(strands.reshape(-1, 3), field, clearance.ravel()).reshape(strands.shape)
    moved[:, 0] = strands[:, 0]
    return moved


def resample(strands: Float64Array, part: Float64Array) -> Float64Array:
    """The first `part` (n,) 0..1 of each strand (n, k, 3), again as k points."""
    count, steps, _ = strands.shape
    place = np.linspace(0, 1, steps) * part[:, None] * (steps - 1)
    first = np.minimum(place.astype(int), steps - 2)
    share = (place - first)[..., None]
    rows = np.arange(count)[:, None]
    return strands[rows, first] * (1 - share) + strands[rows, first + 1] * share


def cut_level(strands: Float64Array, level: Float64Array, shortest: float = 0.15) -> Float64Array:
    """`strands` (n, k, 3) cut where they first come below height `level` (n,), but not shorter than a share."""
    below = strands[:, :, 2] < level[:, None]
    hit = below.any(axis=1)
    first = np.maximum(np.argmax(below, axis=1), 1)
    rows = np.arange(len(strands))
    high, low = strands[rows, first - 1, 2], strands[rows, first, 2]
    share = np.clip((high - level) / np.maximum(high - low, 1e-9), 0, 1)
    part = np.where(hit, (first - 1 + share) / (strands.shape[1] - 1), 1.0)
    return resample(strands, np.clip(part, shortest, 1.0))
