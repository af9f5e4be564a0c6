"""Strands of hair as arrays (no bpy), and how a cut is made of a surface, a seed and a density."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .cuts import Cut, Waves
from .distance import DistanceField
from .grow import cut_level, grow, keep_strands_out
from .locks import frizz, gather, layered, lengths_of, lock_of, wave
from .regions import before_the_face, scalp, smooth, within
from .roots import Roots, scatter
from .surface import Float64Array, Surface

DEEPEST: Final = 0.0005  # metres inside the head, by the field, that are its own error
LEAST: Final = 50  # strands, however low the density
DOWNY: Final = (-1.0, 9.0)  # degrees from the hairline over which hairs become as thick and long as all others
DOWN_THICK: Final = 0.4  # a hair's radius at the hairline, of the others'
DOWN_LONG: Final = (0.12, 0.5)  # and how long short ones are there, of `DOWN_MOST` metres if they would be longer
DOWN_MOST: Final = 0.06
DOWN_SHARE: Final = 0.65  # how many are short there
SHORTEST: Final = 0.0015  # metres
WILDEST: Final = 0.007  # metres that frizz may bend a hair


@dataclass(frozen=True, eq=False)
class Strands:
    """Hairs, all with equally many points.

    points: (n, k, 3) metres in the frame of the head's object; radius: (n, k) metres; roots: where they grow;
    tone: (n,) -1..1, how dark or light a hair is because of the lock that it is in.
    """

    points: Float64Array
    radius: Float64Array
    roots: Roots
    tone: Float64Array

    def __len__(self) -> int:
        return len(self.points)


def head_hair(surface: Surface, field: DistanceField, cut: Cut, density: float, seed: int) -> Strands:
    """The hair of the head in `cut`; the same for the same surface, density and seed.

    Raises:
        HairError: the surface has no scalp.
    """
    rng = np.random.default_rng(seed)
    roots = scatter(surface, scalp(surface, cut.part), max(LEAST, round(cut.strands * density)), rng)
    grown_up = smooth(within(surface, roots.points), *DOWNY)
    plan = cut.plan(surface, roots, rng)
    points = grow(roots, replace(plan, length=downy(plan.length, grown_up, rng)), field)
    if cut.level is not None:
        points = cut_level(points, cut.level(surface, roots, rng))
    points, tone = styled(points, cut, surface.measures.centre, rng)
    points = keep_strands_out(points, field)
    bad = astray(surface, points, field)
    points, roots = points[~bad], roots.chosen(~bad)
    radius = radii(points, cut.radius / np.sqrt(density), cut.tip, rng)
    radius *= (DOWN_THICK + (1 - DOWN_THICK) * grown_up[~bad])[:, None]
    return Strands(points, radius, roots, tone[~bad])


def downy(length: Float64Array, grown_up: Float64Array, rng: np.random.Generator) -> Float64Array:
    """`length` (n,) metres, many of them short where `grown_up` (n,) is near 0, as at every hairline."""
    share = rng.uniform(*DOWN_LONG, len(length))
    short = rng.random(len(length)) < DOWN_SHARE * (1 - grown_up)
    return np.where(short, np.maximum(share * np.minimum(length, DOWN_MOST), SHORTEST), length)


def styled(
    points: Float64Array, cut: Cut, centre: Float64Array, rng: np.random.Generator
) -> tuple[Float64Array, Float64Array]:
    """Strands (n, k, 3) in locks, with waves and frizz, and their tones (n,)."""
    count = len(points)
    tone = np.zeros(count)
    flying = rng.random(count) < cut.flying
    lengths = lengths_of(points)
    for one in cut.locks:
        leader = lock_of(points, one.size, rng)
        hold = np.where(flying, 0.0, np.clip(one.hold - one.spread * rng.random(count), 0, 1))
        points = gather(points, leader, hold, one.shape)
        points = layered(points, centre, one.layer * rng.normal(0, 1, count)[leader])
        tone += rng.uniform(-1, 1, count)[leader] / len(cut.locks)
        if cut.waves is not None and one is cut.locks[0]:
            points = _waved(points, lengths, leader, cut.waves, centre, rng)
    width = cut.frizz * rng.gamma(2.0, 0.5, count) * np.where(flying, 3.0, 1.0) * np.clip(lengths / 0.05, 0.2, 1.5)
    return frizz(points, np.minimum(width, WILDEST), rng), tone


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
