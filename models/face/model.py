"""The face-model type: linear shape, expression and albedo bases over one mesh.

Every face model (the open head, a user's BFM 2009 …) is one `FaceModel`; everything downstream asks only for this.

Coordinate frame: x to the subject's left (right in the picture), y up, z towards the camera; the unit is the
decimetre (0.1 m) and the origin lies inside the head, so that the camera of `models.face.camera` sees it from
(0, 0, 10) (SPEC 5.4, 5.6).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Float32Array = NDArray[np.float32]
Int32Array = NDArray[np.int32]


class FaceModelError(ValueError):
    """A face model or its file is not usable; the message says what to do."""


@dataclass(frozen=True, eq=False)
class Landmarks:
    """Points on the mesh, each a weighted mean of three vertices.

    vertices: (n, 3) int32, weights: (n, 3) float32 with rows summing to 1,
    confidence: (n,) float32 in 0..1 (0: do not use the point for fitting).
    """

    vertices: Int32Array
    weights: Float32Array
    confidence: Float32Array

    def of(self, shape: Float32Array) -> Float32Array:
        """Landmark positions (..., n, 3) on `shape` (..., V, 3)."""
        return np.einsum("...nkc,nk->...nc", shape[..., self.vertices, :], self.weights)


@dataclass(frozen=True, eq=False)
class FaceModel:
    """A linear 3D morphable model in the 257-coefficient layout.

    mean_shape: (V, 3) decimetres; identity_basis: (80, V, 3), expression_basis: (64, V, 3), decimetres per unit
    coefficient (identity coefficients are standard normal, expression ones run 0..1 for named units);
    mean_albedo: (V, 3), albedo_basis: (80, V, 3), sRGB on 0..255;
    triangles: (F, 3) vertex indices, counter-clockwise seen from outside;
    uv: (U, 2) in 0..1 with v up, uv_triangles: (F, 3) indices into uv (seams make U > V);
    triangle_part: (F,) uint8 index into part_names;
    expression_names: 64 names; landmarks68: iBUG's points, landmarks478: MediaPipe's (None where a model has none);
    regions: named vertex lists, e.g. "lip_rim_upper" and "lip_rim_lower", paired in order.
    """

    name: str
    sha256: str
    mean_shape: Float32Array
    identity_basis: Float32Array
    expression_basis: Float32Array
    mean_albedo: Float32Array
    albedo_basis: Float32Array
    triangles: Int32Array
    uv: Float32Array
    uv_triangles: Int32Array
    triangle_part: NDArray[np.uint8]
    part_names: tuple[str, ...]
    expression_names: tuple[str, ...]
    landmarks68: Landmarks
    landmarks478: Landmarks | None = None
    regions: Mapping[str, Int32Array] = field(default_factory=dict)

    def __post_init__(self) -> None:
        vertices, faces = len(self.mean_shape), len(self.triangles)
        expected = {
            "mean_shape": (vertices, 3),
            "identity_basis": (80, vertices, 3),
            "expression_basis": (64, vertices, 3),
            "mean_albedo": (vertices, 3),
            "albedo_basis": (80, vertices, 3),
            "triangles": (faces, 3),
            "uv_triangles": (faces, 3),
            "triangle_part": (faces,),
        }
        for name, shape in expected.items():
            if getattr(self, name).shape != shape:
                raise FaceModelError(f"{self.name}: {name} should be {shape}, is {getattr(self, name).shape}")
        if len(self.expression_names) != 64:
            raise FaceModelError(f"{self.name}: expected 64 expression names, got {len(self.expression_names)}")
        if faces and (self.triangles.min() < 0 or self.triangles.max() >= vertices):
            raise FaceModelError(f"{self.name}: triangles name vertices that do not exist")

    @property
    def vertex_count(self) -> int:
        """How many vertices the mesh has."""
        return len(self.mean_shape)

    def shape(self, identity: Float32Array | None = None, expression: Float32Array | None = None) -> Float32Array:
        """Mesh (..., V, 3) in decimetres for identity (80,) or (T, 80) and expression (64,) or (T, 64)."""
        shape = self.mean_shape
        if identity is not None:
            shape = shape + np.tensordot(identity, self.identity_basis, axes=1)
        if expression is not None:
            shape = shape + np.tensordot(expression, self.expression_basis, axes=1)
        return shape.astype(np.float32, copy=False)

    def albedo(self, albedo: Float32Array | None = None) -> Float32Array:
        """Vertex colours (V, 3), sRGB on 0..255, clipped, for albedo coefficients (80,)."""
        colours = self.mean_albedo
        if albedo is not None:
            colours = colours + np.tensordot(albedo, self.albedo_basis, axes=1)
        return np.clip(colours, 0, 255).astype(np.float32, copy=False)

    def part_triangles(self, *names: str) -> Int32Array:
        """The triangles (n, 3) of the named parts.

        Raises:
            FaceModelError: the model has no part of that name.
        """
        for name in names:
            if name not in self.part_names:
                raise FaceModelError(f"{self.name} has no part {name!r}; it has {', '.join(self.part_names)}")
        chosen = [self.part_names.index(name) for name in names]
        return self.triangles[np.isin(self.triangle_part, chosen)]
