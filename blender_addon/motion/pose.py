"""The head's motion as keys of one Blender object (no bpy).

A take places the head by v' = R·v + t in front of a camera (SPEC 5.4). An artist wants a head that stands at the
world's origin and turns about its neck. So the object's origin is the neck pivot p of the mesh, its rotation is R, and
its location is R·p + t less the mean of that: up to one constant offset every vertex moves exactly as the take says,
and a motion that was made about the neck needs hardly any location. "upright" also takes the mean rotation away, for
takes that were measured on a turned head.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from .frames import angles_of, directions, eulers, rotation_matrices

Float32Array = NDArray[np.float32]
Mode = Literal["take", "upright"]


@dataclass(frozen=True, eq=False)
class PoseKeys:
    """Keys of an object: `location` (T, 3) metres, `rotation` (T, 3) radians in order `frames.EULER_ORDER`.

    rest_location (3,) metres and rest_rotation (3,) radians: what was taken away to let the head stand at the origin.
    """

    location: Float32Array
    rotation: Float32Array
    rest_location: Float32Array
    rest_rotation: Float32Array


def pose_keys(angles: Float32Array, translation: Float32Array, pivot: Float32Array, mode: Mode = "take") -> PoseKeys:
    """Object keys for angles (T, 3) in radians and translation (T, 3) in decimetres.

    pivot: (3,) decimetres, the point of the neutral mesh that is the object's origin.
    """
    rotations = rotation_matrices(angles)
    places = rotations @ np.asarray(pivot, dtype=np.float64) + translation
    rest_place = places.mean(axis=0)
    rest = mean_rotation(rotations) if mode == "upright" else np.eye(3)
    return PoseKeys(
        location=directions((places - rest_place) @ rest),
        rotation=eulers(angles_of(rest.T @ rotations) if mode == "upright" else angles),
        rest_location=directions(rest_place),
        rest_rotation=eulers(angles_of(rest)),
    )


def mean_rotation(rotations: NDArray[np.float64]) -> NDArray[np.float64]:
    """The rotation (3, 3) nearest to all `rotations` (T, 3, 3) in the least-squares sense (orthogonal Procrustes)."""
    u, _, vt = np.linalg.svd(rotations.mean(axis=0))
    return u @ np.diag([1.0, 1.0, np.sign(np.linalg.det(u @ vt))]) @ vt
