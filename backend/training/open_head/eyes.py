"""The eyeballs: spheres with a cornea, rings crowded where pupil and iris end, so that vertex colours stay crisp."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backend.training.open_head import layout
from backend.training.open_head.part import Carry, Part, mirrored_pair
from backend.training.open_head.wheel import Float64Array, IntArray, Wheel

SHRINK = 0.985  # of the helper sphere, so that lids lie clearly outside
BULGE = 0.035  # of the radius: the cornea
IRIS = np.radians(23.0)
PUPIL = np.radians(8.0)
SEGMENTS = 48
RINGS = np.radians([4, 7.6, 8.4, 10.5, 13, 16, 19, 21.5, 22.6, 23.9, 26, 30, 36, 44, 54, 66, 80, 95])


@dataclass(frozen=True, eq=False)
class Eyes:
    """Both eyeballs (left first), with centre (3,) of the left one, radius, and angle (n,) from the gaze axis."""

    part: Part
    centre: Float64Array
    radius: float
    angle: Float64Array
    turn: Float64Array


def build(wheel: Wheel) -> Eyes:
    """Fit the sphere to the helper eyeball and set rings on it."""
    helper = wheel.base.group_vertices("helper-l-eye")
    points = wheel.neutral[helper]
    centre, helper_radius = fitted_sphere(points)
    radius = helper_radius * SHRINK
    angle, turn, triangles = _rings()
    rest = centre + surface(angle, turn) * radius
    disc = np.stack([angle * np.cos(turn), angle * np.sin(turn)], axis=1)
    left = Part(
        rest,
        _carry(helper, points, centre, rest),
        triangles,
        layout.placed(disc, layout.EYE_LEFT),
        triangles,
        ["eye_left"] * len(triangles),
        np.arange(len(rest)),
    )
    right_uv = layout.placed(disc * (-1, 1), layout.EYE_RIGHT)
    pair = mirrored_pair(left, wheel.base.mirror, ["eye_right"] * len(triangles), right_uv)
    return Eyes(pair, centre, radius, np.tile(angle, 2), np.concatenate([turn, np.pi - turn]))


def fitted_sphere(points: Float64Array) -> tuple[Float64Array, float]:
    """Centre (3,) and radius of the least-squares sphere through points (n, 3)."""
    matrix = np.concatenate([2 * points, np.ones((len(points), 1))], axis=1)
    solution = np.linalg.lstsq(matrix, (points**2).sum(axis=1), rcond=None)[0]
    centre = solution[:3]
    return centre, float(np.sqrt(solution[3] + centre @ centre))


def _rings() -> tuple[Float64Array, Float64Array, IntArray]:
    turns = np.arange(SEGMENTS) * 2 * np.pi / SEGMENTS
    angle = np.concatenate([[0.0], np.repeat(RINGS, SEGMENTS)])
    turn = np.concatenate([[0.0], np.tile(turns, len(RINGS))])
    triangles = [(0, 1 + k, 1 + (k + 1) % SEGMENTS) for k in range(SEGMENTS)]
    for ring in range(len(RINGS) - 1):
        for k in range(SEGMENTS):
            a, b = 1 + ring * SEGMENTS + k, 1 + ring * SEGMENTS + (k + 1) % SEGMENTS
            triangles += [(a, a + SEGMENTS, b + SEGMENTS), (a, b + SEGMENTS, b)]
    return angle, turn, np.array(triangles)


def surface(angle: Float64Array, turn: Float64Array) -> Float64Array:
    """Unit eyeball looking along +z, with the cornea's bulge."""
    edge = np.radians(28.0)
    bulge = 1 + BULGE * np.clip(1 - (angle / edge) ** 2, 0, None) ** 1.2
    direction = np.stack([np.sin(angle) * np.cos(turn), np.sin(angle) * np.sin(turn), np.cos(angle)], axis=1)
    return direction * bulge[:, None]


def _carry(helper: IntArray, points: Float64Array, centre: Float64Array, rest: Float64Array) -> Carry:
    """Translation and one scale, so that an eyeball stays a sphere that can turn."""
    mean = points.mean(axis=0)
    spread = points - mean

    def carry(field: Float64Array) -> Float64Array:
        moved = field[helper]
        shift = moved.mean(axis=0)
        scale = ((moved - shift) * spread).sum() / (spread**2).sum()
        return shift + scale * (rest - mean)

    return carry


def rotation_about(
    centre: Float64Array, points: Float64Array, axis: tuple[int, int, int], angle: float
) -> Float64Array:
    """Displacement (n, 3) of points turned by `angle` radians about an axis through `centre` (Rodrigues)."""
    unit = np.asarray(axis, dtype=float)
    arms = points - centre
    turned = arms * np.cos(angle) + np.cross(unit, arms) * np.sin(angle)
    turned += unit * (arms @ unit)[:, None] * (1 - np.cos(angle))
    return turned - arms
