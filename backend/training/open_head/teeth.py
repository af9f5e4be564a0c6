"""Teeth and gums: our own geometry on the base mesh's dental arches.

The base mesh only has a crude helper strip for each arch. Every tooth here is a tube of rounded cross-sections, and
the whole arch is bound by an affine fit to the helper's 68 vertices.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.interpolate import CubicSpline

from backend.training.open_head import layout
from backend.training.open_head.part import Carry, Part
from backend.training.open_head.wheel import Float64Array, IntArray, Wheel

# Mesio-distal widths of a half arch in millimetres (Wheeler's dental anatomy), scaled to the helper arch.
UPPER_WIDTHS = (8.6, 6.8, 7.6, 7.0, 6.8, 10.0, 9.0)
LOWER_WIDTHS = (5.4, 5.9, 6.9, 7.0, 7.1, 10.6, 10.0)
HALF_ARCH = 0.575  # decimetres of the helper arch that the seven teeth take
NARROWER = 0.09  # share by which the sides are narrower than the helper's, which leaves no dark beside the premolars
RING = 12
ARCH_HEIGHTS = (-0.18, 0.02, 0.2, 0.45, 0.7, 0.88, 0.97)

# Gum profile from the tongue's side to the lips': (depth inwards from the arch's outer line, distance past the gum
# line), decimetres. It ends early: a deep gum comes out beside nose or chin on some identities.
GUM_INNER = [(0.125, 0.07), (0.12, 0.03), (0.105, 0.004), (0.05, 0.012), (-0.004, 0.0)]
GUM_UPPER = [*GUM_INNER, (-0.012, 0.015), (-0.010, 0.045), (0.0, 0.072)]
GUM_LOWER = [*GUM_INNER, (-0.007, 0.010), (-0.004, 0.026), (0.012, 0.042)]


@dataclass(frozen=True)
class Arch:
    """What tells the upper arch from the lower: signs, places in decimetres, tooth sizes."""

    group: str
    label: str
    widths: tuple[float, ...]
    down: float  # direction of the crowns: -1 for the upper teeth
    tip: float  # height of the incisors' edges
    forward: float  # the front of the arch moves forward by this
    rise: float  # decimetres that the cutting edges rise to the back (curve of Spee)
    heights: tuple[float, ...]  # crown heights in decimetres
    box: layout.Box


UPPER = Arch(
    "helper-upper-teeth",
    "teeth_upper",
    UPPER_WIDTHS,
    -1.0,
    6.662,
    0.026,
    0.055,
    (0.105, 0.094, 0.103, 0.086, 0.080, 0.074, 0.070),
    layout.TEETH_UPPER,
)
LOWER = Arch(
    "helper-lower-teeth",
    "teeth_lower",
    LOWER_WIDTHS,
    1.0,
    6.684,
    0.006,
    0.035,
    (0.090, 0.092, 0.102, 0.086, 0.080, 0.072, 0.070),
    layout.TEETH_LOWER,
)


def build(wheel: Wheel) -> list[Part]:
    """Upper teeth, lower teeth, upper gum, lower gum."""
    parts = []
    for arch in (UPPER, LOWER):
        parts.append(_teeth(wheel, arch))
    for number, arch in enumerate((UPPER, LOWER)):
        parts.append(_gum(wheel, arch, number))
    return parts


class Curve:
    """The left half of an arch's outer line in the horizontal plane, by length from the middle."""

    def __init__(self, wheel: Wheel, arch: Arch) -> None:
        helper = wheel.neutral[wheel.base.group_vertices(arch.group)]
        outer = _outer_row(helper)
        share = np.clip((outer[:, 1] - 1.0) / 0.4, 0, 1)
        outer[:, 1] += arch.forward * share
        sideways = np.clip((outer[:, 0] - 0.12) / 0.1, 0, 1)
        outer[:, 0] *= 1 - NARROWER * sideways**2 * (3 - 2 * sideways)
        outer = np.concatenate([outer[1:][::-1] * (-1, 1), outer])
        length = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(outer, axis=0), axis=1))])
        self._spline = CubicSpline(length - length[len(length) // 2], outer)

    def point(self, length: Float64Array) -> Float64Array:
        """(x, z) at a signed length along the arch."""
        return np.asarray(self._spline(length))

    def outward(self, length: Float64Array) -> Float64Array:
        """Unit (x, z) pointing to the lips and cheeks."""
        along = np.asarray(self._spline(length, 1))
        normal = np.stack([-along[..., 1], along[..., 0]], axis=-1)
        return normal / np.linalg.norm(normal, axis=-1, keepdims=True)


def _outer_row(helper: Float64Array) -> Float64Array:
    """(x, z) of the helper's outermost line on the left, from the middle to the back, evenly smooth."""
    left = helper[helper[:, 0] > -1e-6][:, [0, 2]]
    bins = np.linspace(0.0, 1.0, 9)
    centre = np.array([0.0, 0.95])
    turn = np.arctan2(left[:, 0], left[:, 1] - centre[1]) / (np.pi / 2 + 0.1)
    radius = np.linalg.norm(left - centre, axis=1)
    rows = []
    for low, high in pairwise(bins):
        inside = np.flatnonzero((turn >= low - 1e-9) & (turn < high + 1e-9))
        if len(inside):
            rows.append(left[inside[np.argmax(radius[inside])]])
    rows[0] = left[np.argmax(np.where(np.abs(left[:, 0]) < 1e-6, left[:, 1], -1))]
    return np.array(rows)


def _affine(wheel: Wheel, arch: Arch, rest: Float64Array) -> Carry:
    """Displacement of `rest` under the affine map that best follows the helper's displacement."""
    helper = wheel.base.group_vertices(arch.group)
    points = wheel.neutral[helper]
    fit = np.linalg.pinv(np.concatenate([points, np.ones((len(points), 1))], axis=1))
    weights = np.concatenate([rest, np.ones((len(rest), 1))], axis=1) @ fit
    return lambda field: weights @ field[helper]


def tooth_slots(arch: Arch) -> list[tuple[float, float]]:
    """Centre and width of the seven left teeth along the arch, in decimetres."""
    scale = HALF_ARCH / sum(arch.widths)
    ends = np.cumsum([0.0, *arch.widths]) * scale
    return [((a + b) / 2, b - a) for a, b in pairwise(ends)]


def bite_line(arch: Arch, length: Float64Array) -> Float64Array:
    """Height of the cutting edges along the arch: the curve of Spee, rising to the back."""
    return arch.tip + arch.rise * np.clip(np.abs(length) / HALF_ARCH, 0, 1) ** 1.6


def gum_line(arch: Arch, length: Float64Array) -> Float64Array:
    """Height where gum meets tooth, without the scallops."""
    slots = tooth_slots(arch)
    height = np.interp(np.abs(length), [centre for centre, _ in slots], arch.heights)
    return bite_line(arch, length) - arch.down * height


def _teeth(wheel: Wheel, arch: Arch) -> Part:
    curve = Curve(wheel, arch)
    rests, uvs, triangles, labels, count = [], [], [], [], 0
    for number, (centre, width) in enumerate(tooth_slots(arch)):
        rest, faces, uv = _tooth(curve, arch, number, centre, width)
        rests.append(rest)
        uvs.append(uv + np.array([number * 1.15, 0]))
        triangles.append(faces + count)
        count += len(rest)
    rest, faces = np.concatenate(rests), np.concatenate(triangles)
    both = np.concatenate([rest, rest * (-1, 1, 1)])
    uv = np.concatenate(uvs)
    uv_both = np.concatenate([uv + np.array([8.2, 0]), -uv * (1, -1) + np.array([7.0, 0])])
    faces = np.concatenate([faces, faces[:, ::-1] + count])
    mirror = np.concatenate([np.arange(count) + count, np.arange(count)])
    labels = [arch.label] * len(faces)
    placed = layout.placed(uv_both, arch.box, keep_aspect=False)
    return Part(both, _affine(wheel, arch, both), faces, placed, faces, labels, mirror)


def _tooth(
    curve: Curve, arch: Arch, number: int, centre: float, width: float
) -> tuple[Float64Array, IntArray, Float64Array]:
    """One left tooth: rings of a rounded box from root to edge, closed at the edge."""
    turn = np.arange(RING) * 2 * np.pi / RING
    crown = arch.heights[number]
    rows, uv = [], []
    for height in ARCH_HEIGHTS:
        wide, thick, lean = _section(number, height, arch.down < 0)
        power = 0.62
        across = np.sign(np.cos(turn)) * np.abs(np.cos(turn)) ** power * wide * width / 2
        deep = np.sign(np.sin(turn)) * np.abs(np.sin(turn)) ** power * thick / 2
        length = centre + across
        y = gum_line(arch, np.array(centre)) * 0 + (bite_line(arch, length) - arch.down * crown * (1 - height))
        flat = curve.point(length) + curve.outward(length) * (deep - thick / 2 + lean)[:, None]
        rows.append(np.stack([flat[:, 0], y, flat[:, 1]], axis=1))
        uv.append(
            np.stack(
                [
                    0.5 + 0.5 * np.cos(turn) * (0.25 + 0.7 * (1 - height) / 1.2),
                    0.5 + 0.5 * np.sin(turn) * (0.25 + 0.7 * (1 - height) / 1.2),
                ],
                axis=1,
            )
        )
    tip = rows[-1].mean(axis=0)
    tip[1] = rows[-1][:, 1].mean() + arch.down * 0.03 * crown * (0.3 if number > 3 else 1)
    rest = np.concatenate([*rows, tip[None]])
    triangles = []
    for row in range(len(rows) - 1):
        for k in range(RING):
            a, b = row * RING + k, row * RING + (k + 1) % RING
            triangles += [(a, b, b + RING), (a, b + RING, a + RING)]
    last = (len(rows) - 1) * RING
    triangles += [(last + k, last + (k + 1) % RING, len(rest) - 1) for k in range(RING)]
    faces = np.array(triangles)
    return rest, outward_faces(rest, faces), np.concatenate([*uv, [[0.5, 0.5]]])


def _section(number: int, height: float, upper: bool) -> tuple[float, float, float]:
    """Width share, thickness in decimetres and outward lean of a tooth's cross-section at a height (0 gum, 1 edge)."""
    swell = np.interp(height, [-0.2, 0.0, 0.35, 0.75, 0.92, 1.0], [0.72, 0.82, 0.97, 1.03, 0.99, 0.9])
    if number < 3:
        root = 0.062 if upper else 0.052
        thick = np.interp(height, [-0.2, 0.1, 0.5, 0.85, 1.0], [root, root, root * 0.75, root * 0.42, 0.016])
        pointed = 0.55 if number == 2 else 1.0
        swell *= np.interp(height, [0.7, 1.0], [1.0, pointed])
        lean = np.interp(height, [-0.2, 0.3, 0.8, 1.0], [-0.012, 0.0, 0.0, -0.003])
    else:
        thick = np.interp(height, [-0.2, 0.3, 0.8, 1.0], [0.075, 0.09, 0.085, 0.062]) * (1.15 if number > 4 else 1)
        lean = np.interp(height, [-0.2, 0.3, 0.8, 1.0], [-0.01, 0.0, -0.003, -0.014])
    return float(swell), float(thick), float(lean)


def outward_faces(rest: Float64Array, faces: IntArray) -> IntArray:
    """Faces of a closed, star-like solid turned counter-clockwise as seen from outside."""
    a, b, c = (rest[faces[:, k]] for k in range(3))
    volume = (np.cross(b - a, c - a) * (a - rest.mean(axis=0))).sum()
    return faces if volume > 0 else faces[:, ::-1]


def _gum(wheel: Wheel, arch: Arch, number: int) -> Part:
    """A strip over both sides of the teeth's roots; its middle column is its own mirror image."""
    curve = Curve(wheel, arch)
    columns = 57
    length = np.linspace(-HALF_ARCH, HALF_ARCH, columns)
    line = gum_line(arch, length) + arch.down * _papilla(arch, length)
    profile = GUM_UPPER if arch is UPPER else GUM_LOWER
    rows = []
    for depth, rise in profile:
        flat = curve.point(length) - curve.outward(length) * depth
        rows.append(np.stack([flat[:, 0], line - arch.down * rise, flat[:, 1]], axis=1))
    rest = np.stack(rows, axis=1).reshape(-1, 3)
    across = len(profile)
    triangles = []
    for column in range(columns - 1):
        for row in range(across - 1):
            a = column * across + row
            b = a + across
            if column < columns // 2:  # mirrored diagonals
                triangles += [(a, b, a + 1), (b, b + 1, a + 1)]
            else:
                triangles += [(a, b, b + 1), (a, b + 1, a + 1)]
    faces = np.array(triangles)
    if arch.down > 0:
        faces = faces[:, ::-1]
    mirror = (np.arange(columns)[::-1, None] * across + np.arange(across)).ravel()
    left, bottom, right, top = layout.GUMS
    half = (top - bottom) / 2
    box = (left, bottom + number * half, right, bottom + (number + 1) * half - 0.004)
    grid = np.stack(np.meshgrid(np.arange(columns), np.arange(across), indexing="ij"), axis=-1).reshape(-1, 2)
    uv = layout.placed(grid.astype(float), box, keep_aspect=False)
    rest = (rest + rest[mirror] * (-1, 1, 1)) / 2
    return Part(rest, _affine(wheel, arch, rest), faces, uv, faces, ["gums"] * len(faces), mirror)


def _papilla(arch: Arch, length: Float64Array) -> Float64Array:
    """Scallops: gum reaches further down between teeth than on their middles."""
    result = np.zeros_like(length)
    for centre, width in tooth_slots(arch):
        offset = (np.abs(length) - centre) / (width / 2)
        inside = np.abs(offset) <= 1
        result[inside] = 0.016 * offset[inside] ** 2
    return result
