"""The head's motion as keys of one Blender object (no bpy).

A take places the head by v' = R·v + t in front of a camera (SPEC 5.4). An artist wants a head that stands at the
world's origin, looks ahead, and moves about its neck. Both are offered:

- "neck": location = B·(t - mean t), rotation = restᵀ·R, where rest is the mean rotation of the take. The photo's
  position and turn disappear, the motion relative to them stays, and the object's origin is the pivot.
- "take": location = B·(R·pivot + t - mean of that), rotation = R. Up to one constant offset, every vertex moves
  exactly as the take says.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from .frames import angles_of, directions, eulers, rotation_matrices

Float32Array = NDArray[np.float32]
Mode = Literal["neck", "take"]


@dataclass(frozen=True, eq=False)
class PoseKeys:
    """Keys of an object: `location` (T, 3) metres, `rotation` (T, 3) radians in order `frames.EULER_ORDER`.

    rest_location (3,) metres and rest_rotation (3,) radians: what was taken away to let the head stand at the origin.
    """

    location: Float32Array
    rotation: Float32Array
    rest_location: Float32Array
    rest_rotation: Float32Array


def pose_keys(angles: Float32Array, translation: Float32Array, pivot: Float32Array, mode: Mode = "neck") -> PoseKeys:
    """Object keys for angles (T, 3) in radians and translation (T, 3) in decimetres.

    pivot: (3,) decimetres, the point of the mean head that is the object's origin.
    """
    rotations = rotation_matrices(angles)
    if mode == "take":
        places = np.einsum("tij,j->ti", rotations, pivot) + translation
        rest = np.eye(3)
    else:
        places = np.asarray(translation, dtype=np.float64)
        rest = mean_rotation(rotations)
    relative = angles if mode == "take" else angles_of(rest.T @ rotations)
    return PoseKeys(
        location=directions(places - places.mean(axis=0)),
        rotation=eulers(relative),
        rest_location=directions(places.mean(axis=0)),
        rest_rotation=eulers(angles_of(rest)),
    )


def mean_rotation(rotations: NDArray[np.float64]) -> NDArray[np.float64]:
    """The rotation (3, 3) nearest to all `rotations` (T, 3, 3) in the least-squares sense (orthogonal Procrustes)."""
    u, _, vt = np.linalg.svd(rotations.mean(axis=0))
    return u @ np.diag([1.0, 1.0, np.sign(np.linalg.det(u @ vt))]) @ vt
