"""Beards (no bpy): where they grow, and three ways to wear one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from .distance import DistanceField
from .grow import Comb, Plan, grow, keep_strands_out
from .locks import frizz, gather, lengths_of, lock_of
from .regions import angles, ears, skin_vertices, smooth
from .roots import Roots, scatter
from .strands import Strands, astray_inside, radii
from .surface import Float64Array, Surface, unit

# Heights over the chin, in face heights, against degrees from the front: where a beard begins above and ends below.
UPPER: Final = np.array(
    [
        *((0, 0.445), (6, 0.465), (10, 0.46), (14, 0.42), (19, 0.35), (27, 0.29), (38, 0.28), (50, 0.33)),
        *((60, 0.46), (66, 0.62), (71, 0.80), (76, 0.92), (90, 0.92)),
    ]
)
LOWER: Final = np.array(
    [(0, -0.14), (22, -0.13), (40, -0.08), (58, 0.04), (70, 0.18), (80, 0.36), (84, 0.7), (90, 0.9)]
)
EDGE: Final = 0.055  # of a face height over which a beard thins out
LIP_GAP: Final = (0.0008, 0.0028)  # metres from the lips without hair, and with all of it
CHUNK: Final = 1024


@dataclass(frozen=True)
class Beard:
    """One way to wear a beard.

    strands: at density 1; length: metres at the chin; lift: from the skin at the root; radius: metres; locks: their
    size in metres, 0 for none; curl: metres that a tip is off its way; gravity: see `grow.Plan`.
    """

    strands: int
    length: float
    lift: float
    radius: float
    locks: float = 0.0
    curl: float = 0.0006
    gravity: float = 0.0


BEARDS: Final[Mapping[str, Beard]] = {
    "stubble": Beard(strands=7000, length=0.0022, lift=0.4, radius=0.00005, curl=0.0003),
    "short": Beard(strands=9000, length=0.011, lift=0.3, radius=0.00007, locks=0.006, curl=0.001),
    "full": Beard(strands=11000, length=0.038, lift=0.3, radius=0.00008, locks=0.01, curl=0.0022, gravity=0.5),
}


def beard_hair(surface: Surface, field: DistanceField, beard: Beard, density: float, seed: int) -> Strands:
    """A beard; the same for the same surface, density and seed.

    Raises:
        HairError: there is no place for it.
    """
    rng = np.random.default_rng([seed, 2])
    roots = scatter(surface, beard_mask(surface), max(50, round(beard.strands * density)), rng)
    points = grow(roots, _plan(surface, roots, beard, rng), field)
    if beard.locks:
        leader = lock_of(points, beard.locks, rng)
        points = gather(points, leader, rng.uniform(0.2, 0.6, len(points)), 1.3)
    width = beard.curl * rng.gamma(2.0, 0.5, len(points)) * np.clip(lengths_of(points) / beard.length, 0.3, 1.2)
    points = keep_strands_out(frizz(points, width, rng), field)
    kept = ~astray_inside(points, field)
    points, roots = points[kept], roots.chosen(kept)
    radius = radii(points, beard.radius / np.sqrt(density), 0.4, rng)
    return Strands(points, radius, roots, np.zeros(len(points)))


def beard_mask(surface: Surface) -> Float64Array:
    """(V,) 0..1: cheeks below a line from the sideburns to the mouth, upper lip, chin and the neck beneath."""
    azimuth, _, _ = angles(surface, surface.points)
    aside = np.abs(azimuth)
    measures = surface.measures
    height = (surface.points[:, 2] - measures.chin[2]) / measures.height
    edge = EDGE * (0.5 + 0.5 * smooth(aside, 14, 30))
    below = smooth((np.interp(aside, *UPPER.T) - height) / edge, 0, 1)
    above = smooth(height - np.interp(aside, *LOWER.T), 0, 1.6 * EDGE)
    lips = smooth(_from_lips(surface), *LIP_GAP)
    return below * above * lips * (aside < 84) * skin_vertices(surface) * ~ears(surface)


def _from_lips(surface: Surface) -> Float64Array:
    """(V,) metres from the nearest of the lips' vertices, for those in front of the face; far away for others."""
    away = np.full(len(surface.points), 1.0)
    if not surface.lips.any():
        return away
    lips = surface.points[np.unique(surface.triangles[surface.lips])]
    near = np.flatnonzero(
        ((surface.points > lips.min(axis=0) - 0.01) & (surface.points < lips.max(axis=0) + 0.01)).all(1)
    )
    for start in range(0, len(near), CHUNK):
        some = near[start : start + CHUNK]
        away[some] = np.sqrt(((surface.points[some, None] - lips) ** 2).sum(axis=2).min(axis=1))
    return away


def _plan(surface: Surface, roots: Roots, beard: Beard, rng: np.random.Generator) -> Plan:
    count, measures = len(roots), surface.measures
    azimuth, _, _ = angles(surface, roots.points)
    height = (roots.points[:, 2] - measures.chin[2]) / measures.height
    upper_lip = smooth(height, 0.29, 0.33) * (1 - smooth(np.abs(azimuth), 16, 24))
    cheek = smooth(np.abs(azimuth), 25, 70) * smooth(height, -0.05, 0.3)
    share = (
        (1 - 0.72 * upper_lip) * (1 - 0.75 * cheek) if beard.length > 0.02 else 1 - 0.4 * np.maximum(upper_lip, cheek)
    )
    length = beard.length * share * rng.uniform(0.7, 1.15, count)
    return Plan(
        length=length,
        height=0.35 * length * rng.uniform(0.4, 1.2, count),
        lift=beard.lift * rng.uniform(0.6, 1.3, count) * (1 - 0.4 * upper_lip),
        comb=_comb(surface),
        falls=lambda points: np.ones(len(points)),
        gravity=beard.gravity,
        cling=0.7,
        stiffness=0.6,
        rise=0.5,
        steps=4 if beard.length < 0.005 else 8,
    )


def _comb(surface: Surface) -> Comb:
    """Down and a little forward on the cheeks, outwards on the upper lip."""
    measures = surface.measures

    def comb(points: Float64Array, roots: Float64Array) -> Float64Array:
        azimuth, _, _ = angles(surface, roots)
        height = (roots[:, 2] - measures.chin[2]) / measures.height
        moustache = smooth(height, 0.28, 0.33) * (1 - smooth(np.abs(azimuth), 16, 24))
        side = np.tanh((roots[:, 0] - measures.centre[0]) / 0.003)
        forward = -0.45 * smooth(np.abs(azimuth), 30, 75) - 0.3 * smooth(-height, -0.06, 0.06)
        return unit(np.stack([(1.3 * moustache + 0.12) * side, forward, np.full(len(roots), -1.0)], axis=1))

    return comb
