"""From the face model's frame to Blender's (no bpy).

Face model: decimetres, x to the subject's left, y up, z forward. Blender: metres, x to the subject's left, z up, the
face looks along -y. With B = [[1,0,0],[0,0,-1],[0,1,0]] a point p becomes 0.1·B·p.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Float32Array = NDArray[np.float32]

METRES_PER_DECIMETRE = 0.1
EULER_ORDER = "XZY"
"""Blender's name for R = Ry·Rz·Rx, which is what Rz·Ry·Rx becomes when B exchanges the axes y and z."""


def directions(vectors: Float32Array) -> Float32Array:
    """Vectors (..., 3) of the face model's frame in Blender's, in metres when given decimetres."""
    x, y, z = np.moveaxis(np.asarray(vectors, dtype=np.float32), -1, 0)
    return np.stack([x, -z, y], axis=-1) * np.float32(METRES_PER_DECIMETRE)


def eulers(angles: Float32Array) -> Float32Array:
    """Blender's rotation_euler (..., 3) in order `EULER_ORDER` for angles (..., 3) with R = Rz·Ry·Rx (SPEC 5.4).

    B·Rz(c)·Ry(b)·Rx(a)·Bᵀ = Ry(-c)·Rz(b)·Rx(a): only signs and places change, so no angle ever jumps.
    """
    a, b, c = np.moveaxis(np.asarray(angles, dtype=np.float32), -1, 0)
    return np.stack([a, -c, b], axis=-1)


def rotation_matrices(angles: Float32Array) -> NDArray[np.float64]:
    """R = Rz·Ry·Rx, (..., 3, 3), in the face model's frame (SPEC 5.4)."""
    (sx, sy, sz), (cx, cy, cz) = (np.moveaxis(f(np.asarray(angles, dtype=np.float64)), -1, 0) for f in (np.sin, np.cos))
    rows = [
        [cz * cy, cz * sy * sx - sz * cx, cz * sy * cx + sz * sx],
        [sz * cy, sz * sy * sx + cz * cx, sz * sy * cx - cz * sx],
        [-sy, cy * sx, cy * cx],
    ]
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)


def angles_of(matrices: NDArray[np.float64]) -> Float32Array:
    """Angles (..., 3) whose `rotation_matrices` are `matrices` (..., 3, 3), |y| at most a right angle."""
    x = np.arctan2(matrices[..., 2, 1], matrices[..., 2, 2])
    y = np.arcsin(np.clip(-matrices[..., 2, 0], -1.0, 1.0))
    z = np.arctan2(matrices[..., 1, 0], matrices[..., 0, 0])
    return np.stack([x, y, z], axis=-1).astype(np.float32)
