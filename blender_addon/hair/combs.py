"""Fields of directions in which hair is combed (no bpy)."""

from __future__ import annotations

import numpy as np

from .grow import DOWN, Comb
from .regions import from_part, smooth
from .surface import Float64Array, Measures, unit


def from_whorl(measures: Measures) -> Comb:
    """Away from the whorl at the crown in all directions, as short hair grows."""

    def comb(points: Float64Array, roots: Float64Array) -> Float64Array:
        away = points - measures.crown + 0.012 * _scattered(roots)
        turn = np.stack([-away[:, 1], away[:, 0], np.zeros(len(away))], axis=1)
        near = np.exp(-((np.linalg.norm(away, axis=1) / (0.25 * measures.height)) ** 2))[:, None]
        down = np.array([0.0, 0.0, -0.4 * measures.height])
        return unit(away + down + 0.8 * near * turn)

    return comb


def swept_back(measures: Measures) -> Comb:
    """From the forehead over the head to the back, there downwards."""

    def comb(points: Float64Array, roots: Float64Array) -> Float64Array:
        aside = (points[:, 0] - measures.centre[0]) / measures.height
        behind = np.clip((points[:, 1] - measures.crown[1]) / (0.5 * measures.height), 0, 1)
        low = np.clip((measures.brow + 0.3 * measures.height - points[:, 2]) / (0.6 * measures.height), 0, 1)
        return unit(np.stack([-0.15 * aside, np.ones(len(points)), -0.35 - 0.9 * behind - 0.5 * low], axis=1))

    return comb


def parted(
    measures: Measures, part: float, *, back: float = 0.3, fall: float = 0.7, tuck: float = 0.0, off: float = 0.0
) -> Comb:
    """Away from a parting `part` metres to the subject's left of the middle, to the sides, backwards and down.

    back: how far backwards; fall: how far down; tuck: how far inwards below the ears. Behind the crown hair falls away
    from it; above the forehead it goes aside, and `off` farther backwards, so that it does not hang before the eyes.
    """

    def comb(points: Float64Array, roots: Float64Array) -> Float64Array:
        side = np.tanh(from_part(measures, part, roots) / 0.0006)
        behind = np.clip((roots[:, 1] - measures.crown[1] + 0.03) / (0.55 * measures.height), 0, 1)[:, None]
        front = smooth((measures.centre[1] - roots[:, 1]) / measures.height, 0.25, 0.6)
        ahead = np.stack([side, back + off * front, -fall * (1 - min(off, 1.0) * front)], axis=1)
        away = unit((roots - measures.crown) * [1.0, 1.0, 0.3] + 0.012 * _scattered(roots)) + fall * DOWN
        inward = (measures.centre - points) * [1.0, 1.0, 0.0] / measures.height
        low = np.clip((measures.brow - 0.5 * measures.height - points[:, 2]) / (0.4 * measures.height), 0, 1)[:, None]
        combed: Float64Array = unit((1 - behind) * ahead + behind * away)
        return combed + tuck * low * inward

    return comb


def _scattered(roots: Float64Array) -> Float64Array:
    """A direction (n, 3) of its own for each root, always the same for the same place."""
    turn = 1e4 * roots @ [[12.9898], [78.233], [37.719]]
    return np.concatenate([np.sin(turn), np.cos(1.7 * turn), np.zeros_like(turn)], axis=1)
