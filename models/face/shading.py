"""Normals and spherical-harmonics light (SPEC 5.3, 5.5; Ramamoorthi and Hanrahan 2001).

Light is nine numbers per colour channel, applied to the surface normal; colours stay on the albedo's own scale
(sRGB numbers, 0..255), as in the paper's model.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Float32Array = NDArray[np.float32]
Floats = NDArray[np.floating[Any]]
Int32Array = NDArray[np.int32]

AMBIENT: Final = 0.8  # what the paper's model adds to the constant band of every channel

_A: Final = 0.886226925
_B: Final = 1.772453851
_C: Final = 2.427032391


class VertexNormals:
    """Vertex normals of one topology: the mean of the unit normals of the adjoining triangles (SPEC 5.3)."""

    def __init__(self, triangles: Int32Array, vertex_count: int) -> None:
        """triangles: (F, 3) vertex indices, counter-clockwise seen from outside."""
        faces = len(triangles)
        self._corners = np.asarray(triangles).T.copy()
        self._adjacency = sparse.csr_matrix(
            (np.ones(3 * faces, np.float32), (self._corners.ravel(), np.tile(np.arange(faces), 3))),
            shape=(vertex_count, faces),
        )

    def __call__(self, shape: Floats) -> Floats:
        """Unit normals (V, 3) of `shape` (V, 3); a vertex without area has the zero normal."""
        a, b, c = (shape[corner] for corner in self._corners)
        return unit(self._adjacency @ unit(np.cross(b - a, c - a)))


def unit(vectors: Floats) -> Floats:
    """`vectors` (..., 3) scaled to length one; zero stays zero."""
    squared = np.einsum("...i,...i->...", vectors, vectors)
    return vectors / np.sqrt(np.maximum(squared, 1e-12))[..., None]


def sh_basis(normals: Floats) -> Float32Array:
    """The nine bands (..., 9) for unit normals (..., 3) in the world frame (SPEC 5.5)."""
    x, y, z = np.moveaxis(np.asarray(normals), -1, 0)
    bands = [
        np.full_like(x, _A),
        -_B * y,
        _B * z,
        -_B * x,
        _C * x * y,
        -_C * y * z,
        _C / (2.0 * np.sqrt(3.0)) * (3.0 * z * z - 1.0),
        -_C * x * z,
        _C / 2.0 * (x * x - y * y),
    ]
    return np.stack(bands, axis=-1).astype(np.float32)


def light_of(gamma: Floats) -> Float32Array:
    """Light (..., 9, 3), bands by colour, from gamma (..., 27) with the model's constant light added."""
    light = np.array(gamma, dtype=np.float32).reshape(*np.shape(gamma)[:-1], 3, 9)
    light[..., 0] += AMBIENT
    return np.swapaxes(light, -1, -2)


def gamma_of(light: Floats) -> Float32Array:
    """Gamma (27,) from light (9, 3); the inverse of `light_of`."""
    channels = np.array(light, dtype=np.float32).T
    channels[:, 0] -= AMBIENT
    return channels.reshape(27)


def irradiance(normals: Floats, gamma: Floats) -> Float32Array:
    """How bright (..., 3) white skin is, per colour, for unit normals (..., 3) and one gamma (27,)."""
    return sh_basis(normals) @ light_of(gamma)


def shade(albedo: Floats, normals: Floats, gamma: Floats) -> Floats:
    """Lit colours (..., 3), not clipped: albedo (..., 3) times the irradiance (SPEC 5.5)."""
    return albedo * irradiance(normals, gamma)
