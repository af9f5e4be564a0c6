"""Strands of hair as arrays (no bpy), and how a cut is made of a surface, a seed and a density."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .cuts import Cut, Waves
from .distance import DistanceField
from .grow import cut_level, grow, keep_strands_out
from .locks import frizz, gather, lengths_of, lock_of, wave
from .regions import before_the_face, scalp
from .roots import Roots, scatter
from .surface import Float64Array, Surface

DEEPEST: Final = 0.0005  # metres inside the head, by the field, that are its own error
LEAST: Final = 50  # strands, however low the density


@dataclass(frozen=True, eq=False)
class Strands:
    """Hairs, all with equally many points.

    points: (n, k, 3) metres in the frame of the head's object; radius: (n, k) metres; roots: where they grow.
    """

    points: Float64Array
    radius: Float64Array
    roots: Roots

    def __len__(self) -> int:
        return len(self.points)


def head_hair(surface: Surface, field: DistanceField, cut: Cut, density: float, seed: int) -> Strands:
    """The hair of the head in `cut`; the same for the same surface, density and seed.

    Raises:
        HairError: the surface has no scalp.
    """
    rng = np.random.default_rng(seed)
    roots = scatter(surface, scalp(surface), max(LEAST, round(cut.strands * density)), rng)
    points = grow(roots, cut.plan(surface, roots, rng), field)
    if cut.level is not None:
        points = cut_level(points, cut.level(surface, roots, rng))
    points = styled(points, cut, surface.measures.centre, rng)
    points = keep_strands_out(points, field)
    bad = astray(surface, points, field)
    points, roots = points[~bad], roots.chosen(~bad)
    return Strands(points, radii(points, cut.radius / np.sqrt(density), cut.tip, rng), roots)


def styled(points: Float64Array, cut: Cut, centre: Float64Array, rng: np.random.Generator) -> Float64Array:
    """Strands (n, k, 3) in locks, with waves and frizz."""
    count = len(points)
    flying = rng.random(count) < cut.flying
    lengths = lengths_of(points)
    for one in cut.locks:
        leader = lock_of(points, one.size, rng)
        hold = np.where(flying, 0.0, np.clip(one.hold - one.spread * rng.random(count), 0, 1))
        points = gather(points, leader, hold, one.shape)
        if cut.waves is not None and one is cut.locks[0]:
            points = _waved(points, lengths, leader, cut.waves, centre, rng)
    width = cut.frizz * rng.gamma(2.0, 0.5, count) * np.where(flying, 2.5, 1.0) * np.clip(lengths / 0.05, 0.2, 1.5)
    return frizz(points, width, rng)


def astray(surface: Surface, points: Float64Array, field: DistanceField) -> NDArray[np.bool_]:
    """Which strands (n, k, 3) hang before the face, or could not be kept out of the head."""
    before = before_the_face(surface, points.reshape(-1, 3)).reshape(points.shape[:2])
    return before[:, 1:].any(axis=1) | astray_inside(points, field)


def astray_inside(points: Float64Array, field: DistanceField) -> NDArray[np.bool_]:
    """Which strands (n, k, 3) could not be kept out of the head."""
    distance, _ = field.look(points.reshape(-1, 3))
    return (distance < -DEEPEST).reshape(points.shape[:2])[:, 1:].any(axis=1)


def _waved(
    points: Float64Array,
    lengths: Float64Array,
    leader: NDArray[np.intp],
    waves: Waves,
    centre: Float64Array,
    rng: np.random.Generator,
) -> Float64Array:
    """Waves that whole locks share, and that are alike in locks that lie side by side."""
    count = len(points)
    towards = rng.normal(size=(3, 3)) * 22  # radians per metre
    slow = np.sin(points[:, 0] @ towards + rng.uniform(0, 6, 3)).sum(axis=1)
    return wave(
        points,
        lengths,
        centre,
        width=waves.width * rng.uniform(0.6, 1.3, count)[leader] * rng.uniform(0.85, 1.15, count),
        period=waves.period * rng.uniform(0.9, 1.12, count)[leader],
        phase=1.2 * slow + rng.normal(0, 0.5, count)[leader] + rng.normal(0, 0.2, count),
        flat=waves.flat,
    )


def radii(points: Float64Array, root: float, tip: float, rng: np.random.Generator) -> Float64Array:
    """(n, k) metres: even, then thin towards the tip; hairs differ by a fifth."""
    along = np.linspace(0, 1, points.shape[1])
    taper = 1 - (1 - tip) * np.clip((along - 0.55) / 0.45, 0, 1) ** 1.5
    return root * rng.uniform(0.8, 1.2, len(points))[:, None] * taper
