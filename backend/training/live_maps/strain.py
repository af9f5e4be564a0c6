"""How an expression strains the skin: stretches of every triangle, and which way it is pressed together most."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import splu

from models.face.model import FaceModel

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Strain:
    """Of each triangle of the skin: pressed (F,), 0..1, by how much it is shortened in the direction (F, 3) in which it
    is shortened most (unit, in the resting surface); area (F,): its area now by its resting area."""

    pressed: Floats
    direction: Floats
    area: Floats


class Skin:
    """The resting skin and lips of a face model: positions (V, 3), triangles (F, 3), and operators on them."""

    def __init__(self, face_model: FaceModel, islands: NDArray[np.int32]) -> None:
        """islands: (F of the model,) which UV island each triangle lies on; the first triangle's is taken."""
        self.triangles = face_model.triangles[islands == islands[0]]
        self.shape = face_model.mean_shape.astype(np.float64)
        self.count = len(self.shape)
        self._rest, self._across, self._along = _frames(self.shape, self.triangles)
        self._inverse = np.linalg.inv(self._rest + 1e-12 * np.eye(2))
        self.areas = np.abs(np.linalg.det(self._rest)) / 2
        self.gradient = self._gradient()

    def strain(self, shape: NDArray[np.float32]) -> Strain:
        """What the skin feels when the head takes on `shape` (V, 3)."""
        now, _, _ = _frames(shape.astype(np.float64), self.triangles)
        _, stretches, turn = np.linalg.svd(now @ self._inverse)
        direction = turn[:, 1, 0:1] * self._across + turn[:, 1, 1:2] * self._along
        return Strain(np.clip(1 - stretches[:, 1], 0, 1), direction, stretches.prod(axis=1))

    def diffused(self, values: Floats, reach: float) -> Floats:
        """Vertex values (V, C) of triangle values (F, C), spread over about `reach` decimetres (an implicit step)."""
        mass = self._to_vertices(np.ones((len(self.triangles), 1)))
        stiffness = self.gradient.T @ sparse.diags(np.repeat(self.areas, 3)) @ self.gradient
        system = sparse.diags(mass[:, 0] + 1e-9) + reach**2 / 2 * stiffness
        return np.asarray(splu(system.tocsc()).solve(self._to_vertices(values)))

    def phase(self, direction: Floats, weight: Floats) -> Floats:
        """A field (V,) whose gradient is as near to `direction` (F, 3) as it can be, by `weight` (F,)."""
        weights = sparse.diags(np.repeat((weight + 1e-4) * self.areas, 3))
        system = self.gradient.T @ weights @ self.gradient + 1e-9 * sparse.identity(self.count)
        return np.asarray(splu(system.tocsc()).solve(self.gradient.T @ (weights @ direction.ravel())))

    def at_triangles(self, values: Floats) -> Floats:
        """Means (F, …) of vertex values (V, …)."""
        return values[self.triangles].mean(axis=1)

    def tangent(self, vectors: Floats) -> Floats:
        """`vectors` (F, 3) without what stands out of the surface, of length one."""
        a = np.einsum("fc,fc->f", vectors, self._across)[:, None] * self._across
        b = np.einsum("fc,fc->f", vectors, self._along)[:, None] * self._along
        return (a + b) / np.maximum(np.linalg.norm(a + b, axis=1, keepdims=True), 1e-9)

    def _to_vertices(self, values: Floats) -> Floats:
        total = np.zeros((self.count, values.shape[1]))
        for corner in self.triangles.T:
            np.add.at(total, corner, values * self.areas[:, None] / 3)
        return total

    def _gradient(self) -> sparse.csr_matrix:
        """(3F, V): the gradient of a linear function on every triangle."""
        a, b, c = (self.shape[corner] for corner in self.triangles.T)
        normal = np.cross(b - a, c - a)
        squared = np.maximum((normal**2).sum(axis=1, keepdims=True), 1e-18)
        edges = [np.cross(normal, opposite) / squared for opposite in (c - b, a - c, b - a)]
        rows = np.arange(3 * len(self.triangles))
        parts = [
            sparse.coo_matrix((edge.ravel(), (rows, np.repeat(corner, 3))), shape=(len(rows), self.count))
            for edge, corner in zip(edges, self.triangles.T, strict=True)
        ]
        return sum(parts[1:], parts[0]).tocsr()


def _frames(shape: Floats, triangles: NDArray[np.int32]) -> tuple[Floats, Floats, Floats]:
    """Edges (F, 2, 2) of the triangles in their own planes, and the axes (F, 3) of these."""
    a, b, c = (shape[corner] for corner in triangles.T)
    first, second = b - a, c - a
    normal = np.cross(first, second)
    normal /= np.linalg.norm(normal, axis=1, keepdims=True) + 1e-12
    across = first / (np.linalg.norm(first, axis=1, keepdims=True) + 1e-12)
    along = np.cross(normal, across)
    edges = [[(edge * axis).sum(axis=1) for edge in (first, second)] for axis in (across, along)]
    return np.array(edges).transpose(2, 0, 1), across, along
