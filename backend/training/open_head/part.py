"""A piece of the head: its own geometry, bound linearly to the base mesh so that every target moves it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from backend.training.open_head.wheel import Float64Array, IntArray

Points = NDArray[np.floating[Any]]
Triangles = NDArray[np.integer[Any]]
Carry = Callable[[Float64Array], Float64Array]


@dataclass(frozen=True, eq=False)
class Part:
    """Vertices, triangles and UV of one piece.

    rest: (n, 3) position on the neutral head, base-mesh coordinates in decimetres; carry: the linear map from a
    displacement of the base mesh to that of the piece (n, 3); triangles, uv_triangles: (f, 3); uv: (m, 2) already at
    their final place in 0..1; labels: (f,) part name of each triangle; mirror: (n,) partner.
    """

    rest: Float64Array
    carry: Carry
    triangles: IntArray
    uv: Float64Array
    uv_triangles: IntArray
    labels: list[str]
    mirror: IntArray


def bound(weights: sparse.csr_matrix) -> Carry:
    """The carrying map of vertices that are weighted means (n, base vertices) of base vertices."""
    return lambda field: weights @ field


def mirrored_pair(left: Part, base_mirror: IntArray, right_labels: list[str], uv_right: Float64Array) -> Part:
    """`left` and its mirror image as one part; `base_mirror` pairs the base mesh's vertices."""
    flip = np.array([-1, 1, 1])
    count = len(left.rest)

    def carry(field: Float64Array) -> Float64Array:
        return np.concatenate([left.carry(field), left.carry(field[base_mirror] * flip) * flip])

    return Part(
        np.concatenate([left.rest, left.rest * flip]),
        carry,
        np.concatenate([left.triangles, left.triangles[:, ::-1] + count]),
        np.concatenate([left.uv, uv_right]),
        np.concatenate([left.uv_triangles, left.uv_triangles[:, ::-1] + len(left.uv)]),
        left.labels + right_labels,
        np.concatenate([np.arange(count) + count, np.arange(count)]),
    )


def joined(parts: list[Part]) -> tuple[Part, list[slice]]:
    """All parts as one, and the vertex range of each."""
    starts = np.cumsum([0] + [len(part.rest) for part in parts])
    uv_starts = np.cumsum([0] + [len(part.uv) for part in parts])
    whole = Part(
        np.concatenate([part.rest for part in parts]),
        lambda field: np.concatenate([part.carry(field) for part in parts]),
        np.concatenate([part.triangles + start for part, start in zip(parts, starts, strict=False)]),
        np.concatenate([part.uv for part in parts]),
        np.concatenate([part.uv_triangles + start for part, start in zip(parts, uv_starts, strict=False)]),
        [label for part in parts for label in part.labels],
        np.concatenate([part.mirror + start for part, start in zip(parts, starts, strict=False)]),
    )
    return whole, [slice(int(a), int(b)) for a, b in pairwise(starts)]


def normals(shape: Float64Array, triangles: IntArray) -> Float64Array:
    """Area-weighted vertex normals (n, 3) of unit length; zero where a vertex has no triangle."""
    a, b, c = (shape[triangles[:, k]] for k in range(3))
    faces = np.cross(b - a, c - a)
    total = np.zeros_like(shape)
    for k in range(3):
        np.add.at(total, triangles[:, k], faces)
    length = np.linalg.norm(total, axis=1, keepdims=True)
    return total / np.maximum(length, 1e-12)


def nearest_on(points: Points, shape: Points, triangles: Triangles) -> tuple[IntArray, Float64Array]:
    """The triangle (n, 3) nearest to each point and the weights (n, 3) of the nearest point on it."""
    corners = shape[triangles]
    tree = cKDTree(corners.mean(axis=1))
    candidates = tree.query(points, k=min(24, len(triangles)))[1].reshape(len(points), -1)
    best = np.full(len(points), np.inf)
    chosen = np.zeros(len(points), dtype=int)
    weights = np.zeros((len(points), 3))
    for column in candidates.T:
        trial = _clamped_barycentric(points, corners[column])
        gap = np.linalg.norm(points - np.einsum("nk,nkc->nc", trial, corners[column]), axis=1)
        closer = gap < best - 1e-12
        best[closer], chosen[closer], weights[closer] = gap[closer], column[closer], trial[closer]
    return triangles[chosen], weights


def _clamped_barycentric(points: Float64Array, corners: Float64Array) -> Float64Array:
    """Barycentric weights of the projection, pulled into the triangle where it falls outside."""
    a, b, c = corners[:, 0], corners[:, 1], corners[:, 2]
    ab, ac, ap = b - a, c - a, points - a
    d00, d01, d11 = (ab * ab).sum(1), (ab * ac).sum(1), (ac * ac).sum(1)
    d20, d21 = (ap * ab).sum(1), (ap * ac).sum(1)
    scale = np.maximum(d00 * d11 - d01 * d01, 1e-18)
    second, third = (d11 * d20 - d01 * d21) / scale, (d00 * d21 - d01 * d20) / scale
    weights = np.maximum(np.stack([1 - second - third, second, third], axis=1), 0)
    return weights / weights.sum(axis=1, keepdims=True)


def mean_weights(triangles: IntArray, weights: Float64Array, columns: int) -> sparse.csr_matrix:
    """Sparse (n, columns) matrix of points given as weighted means of three vertices."""
    rows = np.repeat(np.arange(len(triangles)), 3)
    return sparse.csr_matrix((weights.ravel(), (rows, triangles.ravel())), shape=(len(triangles), columns))
