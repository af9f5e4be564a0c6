"""Tools for displacement fields on the skin: averaging over neighbours, and pulling a few vertices with a soft edge."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sparse
from scipy.spatial import cKDTree

from backend.training.open_head.wheel import Float64Array, IntArray


def edges(triangles: IntArray) -> IntArray:
    """The undirected edges (e, 2) of triangles."""
    pairs = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    return np.unique(np.sort(pairs, axis=1), axis=0)


def averaging(triangles: IntArray, count: int) -> sparse.csr_matrix:
    """The matrix (count, count) that replaces each vertex by the mean of itself and its neighbours."""
    pairs = edges(triangles)
    rows = np.concatenate([pairs[:, 0], pairs[:, 1], np.arange(count)])
    columns = np.concatenate([pairs[:, 1], pairs[:, 0], np.arange(count)])
    matrix = sparse.csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(count, count))
    return sparse.diags(1 / np.asarray(matrix.sum(axis=1)).ravel()) @ matrix


def smoothed(field: Float64Array, matrix: sparse.csr_matrix, amount: Float64Array, steps: int) -> Float64Array:
    """`field` (n, …) averaged `steps` times, each vertex by its `amount` (n,) in 0..1."""
    share = amount.reshape(-1, *[1] * (field.ndim - 1))
    for _ in range(steps):
        field = field + share * (matrix @ field - field)
    return field


def pull(points: Float64Array, anchors: Float64Array, width: float, kernel: float) -> Float64Array:
    """The matrix (n, k) that turns a displacement (k, 3) of `anchors` (k, 3) into one (n, 3) of `points`.

    Near anchors the motion is theirs (a mean weighted over `kernel` decimetres); it fades as a Gaussian of the
    distance to the nearest anchor with standard deviation `width`.
    """
    gaps = np.linalg.norm(points[:, None] - anchors[None], axis=2)
    nearest = gaps.min(axis=1, keepdims=True)
    weight = np.exp(-(((gaps - nearest) / kernel) ** 2) / 2 - nearest * (gaps - nearest) / kernel**2)
    weight /= weight.sum(axis=1, keepdims=True)
    return np.exp(-((nearest / width) ** 2) / 2) * weight


def nearest_distance(points: Float64Array, anchors: Float64Array) -> Float64Array:
    """Distance (n,) from each point to the nearest anchor."""
    return cKDTree(anchors).query(points)[0]


def smoothstep(value: Float64Array, low: float, high: float) -> Float64Array:
    """0 below `low`, 1 above `high`, smooth between."""
    share = np.clip((value - low) / (high - low), 0, 1)
    return share * share * (3 - 2 * share)


def signed(components: Float64Array) -> Float64Array:
    """Components (k, m), each turned to agree with one fixed irregular direction.

    Eigenvectors come with either sign; the largest entry would not decide it where left and right tie.
    """
    direction = np.sin(1.0 + np.arange(components.shape[1]) ** 1.5)
    return components * np.where(components @ direction < 0, -1.0, 1.0)[:, None]
