"""Rotations as quaternions (w, x, y, z), in the conventions of the original's motion model (SPEC 3.3).

Hamilton product, vectors turn actively. Angles always lie in the order x, y, z, in radians; `order` says how their
rotations are multiplied: "xyz" is Rx·Ry·Rz. The face model turns by Rz·Ry·Rx of the same three angles
(`models.face.camera.rotation`), so a quaternion made here from a take's angles is a feature for the motion model and
comes back as the same angles, but must not turn the mesh.
"""

from __future__ import annotations

from functools import reduce
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.floating[Any]]

CYCLIC: Final = ("xyz", "yzx", "zxy")
ORDERS: Final = (*CYCLIC, "xzy", "yxz", "zyx")


class QuaternionError(ValueError):
    """An array is not what it should be, or there is no such order; the message says what to do."""


def multiply(first: ArrayLike, second: ArrayLike) -> Floats:
    """Hamilton product (..., 4): turns by `second`, then by `first`."""
    w1, x1, y1, z1 = np.moveaxis(_floats(first, 4, "quaternions"), -1, 0)
    w2, x2, y2, z2 = np.moveaxis(_floats(second, 4, "quaternions"), -1, 0)
    product = [
        w1 * w2 - x1 * x2 - y1 * y2 - z1 * z2,
        w1 * x2 + x1 * w2 + y1 * z2 - z1 * y2,
        w1 * y2 - x1 * z2 + y1 * w2 + z1 * x2,
        w1 * z2 + x1 * y2 - y1 * x2 + z1 * w2,
    ]
    return np.stack(product, axis=-1)


def rotate(quaternions: ArrayLike, vectors: ArrayLike) -> Floats:
    """Vectors (..., 3) turned by unit quaternions (..., 4)."""
    quaternions, vectors = _floats(quaternions, 4, "quaternions"), _floats(vectors, 3, "vectors")
    axis = quaternions[..., 1:]
    across = np.cross(axis, vectors)
    return vectors + 2 * (quaternions[..., :1] * across + np.cross(axis, across))


def inverse(quaternions: ArrayLike) -> Floats:
    """Inverse (..., 4) of unit quaternions (..., 4).

    The conjugate is divided by the norm, as in the original, where the inverse of any quaternion would take the norm's
    square: it only takes rounding off quaternions that are already of length 1.
    """
    quaternions = _floats(quaternions, 4, "quaternions")
    conjugate = quaternions * np.array([1, -1, -1, -1], quaternions.dtype)
    return conjugate / np.linalg.norm(quaternions, axis=-1, keepdims=True)


def average(quaternions: ArrayLike) -> Floats:
    """The mean rotation (4,) of quaternions (N, 4), which may differ in sign; its own sign is that of w >= 0.

    The eigenvector of the largest eigenvalue of Σ q·qᵀ / N (Markley et al. 2007).

    Raises:
        QuaternionError: not (N, 4) with N >= 1.
    """
    quaternions = _floats(quaternions, 4, "quaternions")
    if quaternions.ndim != 2 or not len(quaternions):
        raise QuaternionError(f"expected quaternions of shape (N, 4) with N >= 1, got {quaternions.shape}")
    wide = quaternions.astype(np.float64)
    mean = np.linalg.eigh(wide.T @ wide / len(wide))[1][:, -1]
    return np.copysign(1.0, mean[0]) * mean.astype(quaternions.dtype)


def from_angles(angles: ArrayLike, order: str = "xyz") -> Floats:
    """Unit quaternions (..., 4) of `angles` (..., 3).

    For xyz, yzx and zxy the sign is turned round, as in the original: small angles give w near -1, and the published
    statistics and weights expect it.

    Raises:
        QuaternionError: no such order, or not (..., 3).
    """
    axes = _axes(order)
    half = _floats(angles, 3, "angles") / 2
    turns = []
    for axis in axes:
        turn = np.zeros((*half.shape[:-1], 4), half.dtype)
        turn[..., 0] = np.cos(half[..., axis])
        turn[..., 1 + axis] = np.sin(half[..., axis])
        turns.append(turn)
    product = reduce(multiply, turns)
    return -product if order in CYCLIC else product


def to_angles(quaternions: ArrayLike, order: str = "xyz", margin: float = 0.0) -> Floats:
    """Angles (..., 3) of unit quaternions (..., 4), which are not normalised first.

    `margin`: the sine of the middle angle stays this far away from ±1; the original takes 1e-5 for what a network made.

    Raises:
        QuaternionError: no such order, or not (..., 4).
    """
    first, middle, last = _axes(order)
    hand = 1 if order in CYCLIC else -1
    quaternions = _floats(quaternions, 4, "quaternions")
    w, a, b, c = (quaternions[..., i] for i in (0, 1 + first, 1 + middle, 1 + last))
    sine = np.clip(2 * (w * b + hand * a * c), margin - 1, 1 - margin)
    angles = np.empty((*quaternions.shape[:-1], 3), quaternions.dtype)
    angles[..., first] = np.arctan2(2 * (w * a - hand * b * c), 1 - 2 * (a**2 + b**2))
    angles[..., middle] = np.arcsin(sine)
    angles[..., last] = np.arctan2(2 * (w * c - hand * a * b), 1 - 2 * (b**2 + c**2))
    return angles


def _axes(order: str) -> tuple[int, int, int]:
    if order not in ORDERS:
        raise QuaternionError(f"expected one of the orders {', '.join(ORDERS)}, got {order!r}")
    first, middle, last = ("xyz".index(axis) for axis in order)
    return first, middle, last


def _floats(array: ArrayLike, width: int, what: str) -> Floats:
    """`array` as floating point of its own precision, with `width` numbers along the last axis."""
    given = np.asarray(array)
    if given.ndim == 0 or given.shape[-1] != width or given.dtype.kind not in "fiu":
        raise QuaternionError(
            f"expected {what} of shape (..., {width}) of real numbers, got {given.dtype} of {given.shape}"
        )
    return given if given.dtype.kind == "f" else given.astype(np.float64)
