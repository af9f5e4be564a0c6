"""The camera: rigid placement of the head, perspective projection, and what a pixel is.

World frame (SPEC 5.4): x to the right of the picture, y up, z towards the camera, decimetres. The camera stands on the
z axis at `distance` and looks along -z.

Screen frame (SPEC 5.6): u to the right and v up, in pixels, with edges on whole numbers: the pixel in column c and
(top-first) row r of a square image has its centre at u = c + 0.5, v = size - 0.5 - r.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Float32Array = NDArray[np.float32]
Floats = NDArray[np.floating[Any]]

PAPER_SIZE: Final = 224
PAPER_FOCAL: Final = 1015.0  # pixels on the 224 image
DISTANCE: Final = 10.0  # decimetres


def rotation(angles: Floats) -> Floats:
    """Rotation matrices (..., 3, 3), R = Rz·Ry·Rx, for angles (..., 3) in radians about x, y, z (SPEC 5.4)."""
    angles = np.asarray(angles)
    sx, sy, sz = np.moveaxis(np.sin(angles), -1, 0)
    cx, cy, cz = np.moveaxis(np.cos(angles), -1, 0)
    rows = [
        [cz * cy, cz * sy * sx - sz * cx, cz * sy * cx + sz * sx],
        [sz * cy, sz * sy * sx + cz * cx, sz * sy * cx - cz * sx],
        [-sy, cy * sx, cy * cx],
    ]
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)


def angles_of(matrix: Floats) -> Floats:
    """Angles (..., 3) in radians with `rotation(angles)` equal to `matrix` (..., 3, 3), |y| <= pi/2."""
    matrix = np.asarray(matrix)
    x = np.arctan2(matrix[..., 2, 1], matrix[..., 2, 2])
    y = np.arcsin(np.clip(-matrix[..., 2, 0], -1.0, 1.0))
    z = np.arctan2(matrix[..., 1, 0], matrix[..., 0, 0])
    return np.stack([x, y, z], axis=-1)


def place(shape: Floats, angles: Floats, translation: Floats) -> Floats:
    """World positions (..., V, 3) of `shape` (..., V, 3): v·Rᵀ + t with angles (..., 3), translation (..., 3)."""
    turned = shape @ np.swapaxes(rotation(angles), -1, -2)
    return turned + np.asarray(translation)[..., None, :]


@dataclass(frozen=True)
class Camera:
    """A pinhole camera with a square image.

    size: pixels along a side; focal: pixels; distance: decimetres from the origin along +z;
    near, far: clip planes in decimetres. They only set the depth buffer's resolution; the paper's renderer used
    0.01 and 50, which leaves 0.03 mm at a head's distance, so ours starts further out.
    """

    size: int = PAPER_SIZE
    focal: float = PAPER_FOCAL
    distance: float = DISTANCE
    near: float = 1.0
    far: float = 50.0

    @classmethod
    def paper(cls, size: int = PAPER_SIZE) -> Camera:
        """The camera of the coefficients (SPEC 5.6), its 224 image scaled to `size` pixels."""
        return cls(size=size, focal=PAPER_FOCAL * size / PAPER_SIZE)

    def project(self, points: Floats) -> Floats:
        """Screen positions (..., 2), u right and v up in pixels, of world `points` (..., 3)."""
        points = np.asarray(points)
        depth = self.distance - points[..., 2:]
        return self.size / 2 + self.focal * points[..., :2] / depth

    def image_points(self, points: Floats) -> Floats:
        """Image positions (..., 2), x right and y down, of world `points`; pixel (r, c) has its centre at r + 0.5."""
        screen = self.project(points)
        return np.stack([screen[..., 0], self.size - screen[..., 1]], axis=-1)

    def clip(self, points: Floats) -> Float32Array:
        """Clip-space positions (..., 4) of world `points` (..., 3); w is the depth along the optical axis."""
        points = np.asarray(points)
        depth = self.distance - points[..., 2]
        scale = 2.0 * self.focal / self.size
        span = self.far - self.near
        z = depth * (self.far + self.near) / span - 2.0 * self.far * self.near / span
        return np.stack([scale * points[..., 0], scale * points[..., 1], z, depth], axis=-1).astype(np.float32)
