"""How head, jaw and eyes turn, in Blender's world for a face that looks along -y (no bpy)."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..motion.frames import rotation_matrices
from ..motion.pose import mean_rotation
from .tracks import Tracks

Float32Array = NDArray[np.float32]
Float64Array = NDArray[np.float64]

LOOK_UP: Final = np.radians(22.0)  # what the eyeballs of the open head turn at weight 1
LOOK_ASIDE: Final = np.radians(28.0)
JAW_DROP: Final = np.radians(24.0)  # what its lower teeth turn by at jawOpen 1
JAW_ASIDE: Final = np.radians(6.0)

TO_BLENDER: Final = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]])


def head_rotations(tracks: Tracks) -> Float64Array:
    """(T, 3, 3) turns of the head away from its mean pose, which on another character is its rest."""
    turns = rotation_matrices(tracks.angles)
    rest = mean_rotation(turns)
    return TO_BLENDER @ (turns @ rest.T) @ TO_BLENDER.T


def head_ways(tracks: Tracks) -> Float64Array:
    """(T, 3) where the lower end of the neck goes from its mean place, in decimetres of the open head.

    A head that turns about its neck and does nothing else stays where it is.
    """
    rest = mean_rotation(rotation_matrices(tracks.angles))
    away = tracks.place - tracks.place.mean(axis=0)
    return np.asarray(away @ rest @ TO_BLENDER.T, dtype=np.float64)


def shared(rotations: Float64Array, share: float) -> Float64Array:
    """The same turns (T, 3, 3), each about its own axis by `share` of its angle."""
    axis_angles = _rotation_vectors(rotations) * share
    return from_vectors(axis_angles)


def jaw_rotations(tracks: Tracks, closes: bool) -> Float64Array:
    """(T, 3, 3) turns of the jaw about its joints.

    closes: whether the jaw has to shut the mouth, as on a character without a shape for it; then the lips of a /p/ meet
    because the jaw rises, by what `mouthClose` would have done.
    """
    drop = tracks.unit("jawOpen") - (tracks.unit("mouthClose") if closes else 0.0)
    aside = tracks.unit("jawLeft") - tracks.unit("jawRight")
    zero = np.zeros_like(aside)
    return from_vectors(np.stack([JAW_DROP * np.maximum(drop, 0.0), zero, JAW_ASIDE * aside], axis=1))


def eye_angles(tracks: Tracks, eye: str) -> Float32Array:
    """(T, 2) turns of an eye, "left eye", "right eye" or "both eyes": to the subject's left and up, in radians."""
    if eye == "both eyes":
        return (eye_angles(tracks, "left eye") + eye_angles(tracks, "right eye")) / 2
    side = "Left" if eye == "left eye" else "Right"
    outward = tracks.unit(f"eyeLookOut{side}") - tracks.unit(f"eyeLookIn{side}")
    up = tracks.unit(f"eyeLookUp{side}") - tracks.unit(f"eyeLookDown{side}")
    return np.stack([LOOK_ASIDE * outward * (1 if side == "Left" else -1), LOOK_UP * up], axis=1)


def eye_rotations(tracks: Tracks, eye: str) -> Float64Array:
    """(T, 3, 3) turns of an eye: first up, then to the side."""
    left, up = eye_angles(tracks, eye).T
    zero = np.zeros_like(left)
    return from_vectors(np.stack([zero, zero, left], axis=1)) @ from_vectors(np.stack([-up, zero, zero], axis=1))


def from_vectors(vectors: NDArray[np.floating]) -> Float64Array:
    """Rotation matrices (T, 3, 3) for rotation vectors (T, 3) in radians (Rodrigues' formula)."""
    vectors = np.asarray(vectors, dtype=np.float64)
    angle = np.linalg.norm(vectors, axis=1)
    axis = vectors / np.maximum(angle, 1e-12)[:, None]
    x, y, z = axis.T
    zero = np.zeros_like(x)
    cross = np.stack([zero, -z, y, z, zero, -x, -y, x, zero], axis=1).reshape(-1, 3, 3)
    sine, cosine = np.sin(angle)[:, None, None], np.cos(angle)[:, None, None]
    return np.eye(3) + sine * cross + (1 - cosine) * (cross @ cross)


def _rotation_vectors(rotations: Float64Array) -> Float64Array:
    """Rotation vectors (T, 3) of turns of less than half a circle."""
    skew = np.stack(
        [
            rotations[:, 2, 1] - rotations[:, 1, 2],
            rotations[:, 0, 2] - rotations[:, 2, 0],
            rotations[:, 1, 0] - rotations[:, 0, 1],
        ],
        axis=1,
    )
    sine = np.linalg.norm(skew, axis=1) / 2
    cosine = (np.trace(rotations, axis1=1, axis2=2) - 1) / 2
    angle = np.arctan2(sine, cosine)
    return skew / 2 * np.where(sine > 1e-9, angle / np.maximum(sine, 1e-12), 1.0)[:, None]
