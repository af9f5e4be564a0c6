"""Where on a head the skin has pores, oil, wetness and creases, and where on an eyeball the iris is (no bpy).

Places are given relative to the 68 landmarks, lengths as shares of the distance between the outer corners of the eyes,
so that they fit every person and every face model. Positions are the face model's own: decimetres, y up, z forward.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..files.head_file import HeadFile

Float32Array = NDArray[np.float32]
BoolArray = NDArray[np.bool_]

EYE_CORNERS: Final = (36, 45)  # iBUG points
UV_DENSITY: Final = 0.3  # metres of skin per unit of UV in the middle of the face
IRIS: Final = np.radians(23.0)  # half the angle at which the open head's eyeball carries its iris
LID_MARGIN: Final = 0.011  # how far wetness reaches from the lid's rim, shares of the eye distance
LIP_BLEND: Final = 0.045  # how wide skin goes over into lip
LIP_WET: Final = 0.09  # how far wetness reaches from where the lips meet
MOUTH_DEPTH: Final = 0.5  # over which the inside of the mouth darkens
INNER_PARTS: Final = ("mouth", "gum", "teeth", "tongue")

# What lies around a landmark, or midway between some: (points, upwards, radius, pores, oil).
Spot = tuple[tuple[int, ...], float, float, float, float]
SPOTS: Final[tuple[Spot, ...]] = (
    ((21, 22), 0.38, 0.34, 0.35, 0.6),  # forehead
    ((21, 22), 0.02, 0.14, 0.2, 0.4),  # between the brows
    ((27, 28, 29), 0.0, 0.14, 0.25, 0.5),  # bridge of the nose
    ((30,), 0.0, 0.14, 0.7, 0.9),  # its tip
    ((31,), 0.06, 0.12, 0.7, 0.7),  # its wings
    ((35,), 0.06, 0.12, 0.7, 0.7),
    ((31, 41, 48), 0.0, 0.22, 0.55, 0.3),  # cheeks beside the nose
    ((35, 46, 54), 0.0, 0.22, 0.55, 0.3),
    ((8, 57), 0.0, 0.17, 0.4, 0.5),  # chin
    ((33, 51), 0.0, 0.1, 0.2, 0.3),  # above the lip
)
SMOOTH: Final = ((36, 37, 38, 39, 40, 41), (42, 43, 44, 45, 46, 47))  # lids: thin skin without pores
EVERYWHERE: Final = 0.5  # how deep pores are away from all spots


@dataclass(frozen=True, eq=False)
class Fields:
    """Numbers on the vertices of a face model, all (V, 3): see `skin_fields`, `surface_fields` and `iris_disc`.

    iris_uv: radius of the iris on the UV square.
    """

    skin: Float32Array
    surface: Float32Array
    iris: Float32Array
    iris_uv: float


_known: dict[str, Fields] = {}


def fields_of(head: HeadFile) -> Fields:
    """All fields, on the average face, whose vertices lie at the same places of everybody's; computed once a model."""
    if head.sha256 not in _known:
        shape = head.mean_shape
        disc, iris_uv = iris_disc(head)
        _known[head.sha256] = Fields(skin_fields(head, shape), surface_fields(head, shape), disc, iris_uv)
    return _known[head.sha256]


def skin_fields(head: HeadFile, shape: Float32Array) -> Float32Array:
    """(V, 3) on 0..1 for the neutral mesh `shape` (V, 3): how deep pores are, how oily and how wet the skin is."""
    marks = head.landmarks(shape)
    unit = _unit(marks)
    pores, oil = np.full(len(shape), EVERYWHERE, np.float32), np.zeros(len(shape), np.float32)
    for points, up, radius, more_pores, more_oil in SPOTS:
        middle = marks[list(points)].mean(axis=0)
        middle[1] += up * unit
        near = _bell(_distance(shape, middle), radius * unit)
        pores += more_pores * near
        oil = np.maximum(oil, more_oil * near)
    for points in SMOOTH:
        pores *= 1 - 0.85 * _bell(_nearest(shape, marks[list(points)]), 0.1 * unit)
    pores *= _relief(head, shape)
    return np.stack([np.clip(pores, 0, 1), oil, _wet(head, shape, unit)], axis=1).astype(np.float32)


def surface_fields(head: HeadFile, shape: Float32Array) -> Float32Array:
    """(V, 3) on 0..1: how open a place is (0 in the bottom of a crease), how much of a lip, how deep in the mouth.

    The last is 1 at the front of the teeth and falls off backwards.
    """
    return np.stack([_openness(head, shape), _lips(head, shape), _depth(head, shape)], axis=1).astype(np.float32)


def iris_disc(head: HeadFile) -> tuple[Float32Array, float]:
    """(V, 3) place on the eyeball: angles from the pupil along u and v, the iris's rim at 1, then 0; and the UV radius.

    The UV of an eye is a map of it that keeps angles from the pupil (azimuthal equidistant); other parts get 9, which
    is far from every iris.
    """
    disc, scales = np.full((len(head.mean_shape), 3), (9.0, 9.0, 0.0), np.float32), [0.0]
    for index, name in enumerate(head.part_names):
        if "eye" not in name or "lash" in name or "brow" in name:
            continue
        faces = head.triangle_part == index
        corners, uv = head.triangles[faces].ravel(), head.uv[head.uv_triangles[faces].ravel()]
        for ball in _balls(head.mean_shape, corners):
            points, plane = head.mean_shape[corners[ball]], uv[ball]
            pupil = points[:, 2].argmax()
            arms = points - _centre(points)
            cosine = arms @ arms[pupil] / np.maximum(np.linalg.norm(arms, axis=1) * np.linalg.norm(arms[pupil]), 1e-9)
            angle, reach = np.arccos(np.clip(cosine, -1, 1)), np.linalg.norm(plane - plane[pupil], axis=1)
            scale = (
                float(np.dot(angle, reach)) / max(float(np.dot(reach, reach)), 1e-9) / float(IRIS)
            )  # iris radii per unit of UV
            disc[corners[ball], :2] = (plane - plane[pupil]) * scale
            scales.append(1 / max(scale, 1e-9))
    return disc, scales[-1]


def _centre(points: Float32Array) -> Float32Array:
    """Centre (3,) of the least-squares sphere through points (n, 3)."""
    wide = points.astype(np.float64)
    matrix = np.concatenate([2 * wide, np.ones((len(wide), 1))], axis=1)
    solution: Float32Array = np.linalg.lstsq(matrix, (wide**2).sum(axis=1), rcond=None)[0][:3].astype(np.float32)
    return solution


def _balls(shape: Float32Array, corners: NDArray[np.int32]) -> list[BoolArray]:
    """One mask of `corners` per eyeball: a part may hold both."""
    left = shape[corners, 0] > 0
    return [side for side in (left, ~left) if side.any()]


def _unit(marks: Float32Array) -> float:
    return max(float(np.linalg.norm(marks[EYE_CORNERS[0]] - marks[EYE_CORNERS[1]])), 1e-6)


def _bell(distance: Float32Array, radius: float) -> Float32Array:
    return np.exp(-((distance / radius) ** 2)).astype(np.float32)


def _distance(shape: Float32Array, point: Float32Array) -> Float32Array:
    return np.linalg.norm(shape - point.astype(np.float32), axis=1)


def _nearest(shape: Float32Array, points: Float32Array) -> Float32Array:
    """(V,) distance to the nearest of `points` (n, 3)."""
    nearest = np.full(len(shape), np.inf, np.float32)
    for point in points:
        np.minimum(nearest, _distance(shape, point), out=nearest)
    return nearest


def _region(head: HeadFile, shape: Float32Array, names: tuple[str, ...], otherwise: tuple[int, ...]) -> Float32Array:
    """Points (n, 3) of the named regions, or the landmarks where the face model has no such region."""
    found = [head.regions[name] for name in names if name in head.regions]
    return shape[np.concatenate(found)] if found else head.landmarks(shape)[list(otherwise)]


def _wet(head: HeadFile, shape: Float32Array, unit: float) -> Float32Array:
    """Lid margins, the lower one most (there the tears stand), the inner corners, and the inside of the lips."""
    low = _region(head, shape, ("lid_lower_left", "lid_lower_right"), (40, 41, 46, 47))
    high = _region(head, shape, ("lid_upper_left", "lid_upper_right"), (37, 38, 43, 44))
    lips = _region(head, shape, ("lip_rim_upper", "lip_rim_lower"), tuple(range(60, 68)))
    wet = np.maximum(
        _bell(_nearest(shape, low), LID_MARGIN * unit), 0.6 * _bell(_nearest(shape, high), LID_MARGIN * unit)
    )
    corners = head.landmarks(shape)[[39, 42]]
    wet = np.maximum(wet, 0.8 * _bell(_nearest(shape, corners), 0.03 * unit))
    return np.maximum(wet, 0.75 * _bell(_nearest(shape, lips), LIP_WET * unit) * _lips(head, shape))


def _lips(head: HeadFile, shape: Float32Array) -> Float32Array:
    """1 on the lips, and 0 where they meet the skin."""
    lip, skin = _vertices(head, ("lip",)), _vertices(head, ("skin",))
    if not lip.any():
        return np.zeros(len(shape), np.float32)
    border = np.flatnonzero(lip & skin)
    within = np.zeros(len(shape), np.float32)
    if not len(border):
        within[lip] = 1
        return within
    rise = np.clip(_nearest(shape[lip], shape[border]) / (LIP_BLEND * _unit(head.landmarks(shape))), 0, 1)
    within[lip] = rise * rise * (3 - 2 * rise)
    return within


def _depth(head: HeadFile, shape: Float32Array) -> Float32Array:
    inner = _vertices(head, INNER_PARTS)
    depth = np.ones(len(shape), np.float32)
    teeth = _vertices(head, ("teeth",))
    front = shape[teeth if teeth.any() else inner, 2].max() if inner.any() else 0.0
    fall = np.clip((front - shape[:, 2]) / (MOUTH_DEPTH * _unit(head.landmarks(shape))), 0, 1)
    depth[inner] = (1 - fall[inner]) ** 1.5
    return depth


def _vertices(head: HeadFile, words: tuple[str, ...]) -> BoolArray:
    parts = [index for index, name in enumerate(head.part_names) if any(word in name.lower() for word in words)]
    marked = np.zeros(len(head.mean_shape), bool)
    marked[head.triangles[np.isin(head.triangle_part, parts)]] = True
    return marked


def _openness(head: HeadFile, shape: Float32Array) -> Float32Array:
    """1 on flat and rounded places, less the more a place lies below its neighbours: nostrils, lids, folds."""
    edges = np.concatenate([head.triangles[:, [0, 1]], head.triangles[:, [1, 2]], head.triangles[:, [2, 0]]])
    ends = np.concatenate([edges[:, 0], edges[:, 1]]), np.concatenate([edges[:, 1], edges[:, 0]])
    count = np.maximum(np.bincount(ends[0], minlength=len(shape)), 1)

    def mean(values: Float32Array) -> Float32Array:
        return (np.bincount(ends[0], values[ends[1]], len(shape)) / count).astype(np.float32)

    lengths = np.linalg.norm(shape[ends[0]] - shape[ends[1]], axis=1)
    size = np.bincount(ends[0], lengths, len(shape)) / count
    normal = _normals(shape, head.triangles)
    towards = np.stack([mean(shape[:, axis]) for axis in range(3)], axis=1) - shape
    sunk = ((towards * normal).sum(axis=1) / np.maximum(size, 1e-9)).astype(np.float32)
    for _ in range(3):
        sunk = 0.5 * sunk + 0.5 * mean(sunk)
    return np.clip(1 - 5.0 * np.maximum(sunk - 0.02, 0), 0, 1)


def _normals(shape: Float32Array, triangles: NDArray[np.int32]) -> Float32Array:
    a, b, c = (shape[triangles[:, corner]] for corner in range(3))
    faces = np.cross(b - a, c - a)
    normals = np.stack(
        [np.bincount(triangles.ravel(), np.repeat(faces[:, axis], 3), len(shape)) for axis in range(3)], axis=1
    )
    return (normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)).astype(np.float32)


def _relief(head: HeadFile, shape: Float32Array) -> Float32Array:
    """(V,) less where the UV square is stretched over much skin, so that pores there are larger than anywhere: 0..1."""
    points, plane = shape[head.triangles], head.uv[head.uv_triangles]
    area = np.linalg.norm(np.cross(points[:, 1] - points[:, 0], points[:, 2] - points[:, 0]), axis=1)
    first, second = plane[:, 1] - plane[:, 0], plane[:, 2] - plane[:, 0]
    flat = np.abs(first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0])
    density = 0.1 * np.sqrt(area / np.maximum(flat, 1e-9))
    corners = head.triangles.ravel()
    count = np.maximum(np.bincount(corners, minlength=len(shape)), 1)
    mean = np.bincount(corners, np.repeat(density, 3), len(shape)) / count
    return np.clip(UV_DENSITY * 1.2 / np.maximum(mean, 1e-6), 0.15, 1).astype(np.float32)
