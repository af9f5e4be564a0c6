"""The Basel Face Model 2009 as the paper uses it: `BFM_model_front.mat`, read into the `FaceModel` type.

The file belongs to its owner (registration at the University of Basel); nothing of it ships here. SPEC 5.1 describes
it: MATLAB v5, interleaved x, y, z (r, g, b), 1-based indices stored as float32. `models.face.bfm09_front` makes the
file from the university's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.face.matlab import bytes_of, matlab_arrays
from models.face.model import FaceModel, FaceModelError, Float32Array, Int32Array, Landmarks
from models.face.shading import unit
from models.npy_file import NpyFileError, read_npy

ARRAYS: Final = ("meanshape", "idBase", "exBase", "meantex", "texBase", "tri", "point_buf", "keypoints")
EXPRESSION_NAMES: Final = tuple(f"bfm{number:02d}" for number in range(64))  # principal components, not named units

Arrays = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, eq=False)
class Bfm09:
    """A `FaceModel` with what only the paper's own arithmetic needs.

    model: the mesh and its bases, recentred, indices from 0; vertex_triangles: (V, 8) int32, the file's point_buf from
    0: up to eight triangles around each vertex, F in unused slots.
    """

    model: FaceModel
    vertex_triangles: Int32Array

    def texture(self, albedo: Float32Array) -> Float32Array:
        """Vertex colours (..., V, 3), RGB about 0..255, for albedo (..., 80); not clipped, as in the paper."""
        return (self.model.mean_albedo + np.tensordot(albedo, self.model.albedo_basis, axes=1)).astype(np.float32)

    def normals(self, shape: Float32Array) -> Float32Array:
        """Unit normals (V, 3) of the unrotated `shape` (V, 3), summed over `vertex_triangles` (SPEC 5.3).

        `shading.VertexNormals` sums over every adjoining triangle; the paper forgets those beyond the eighth.
        """
        a, b, c = (shape[corner] for corner in self.model.triangles.T)
        faces = np.concatenate([unit(np.cross(a - b, b - c)), np.zeros((1, 3), dtype=shape.dtype)])
        return unit(faces[self.vertex_triangles].sum(axis=1)).astype(np.float32)


def load(path: str | Path, uv_path: str | Path | None = None) -> Bfm09:
    """Read a `BFM_model_front.mat`; `uv_path` names the paper's `uv.npy`, else the mesh is unwrapped on a cylinder.

    Raises:
        FaceModelError: a file cannot be read, lacks an array, or an array has another shape or impossible indices.
    """
    data = bytes_of(path)
    arrays = matlab_arrays(data, path, ARRAYS)
    uv = None if uv_path is None else read_uv(uv_path)
    return from_arrays(arrays, uv, hashlib.sha256(data).hexdigest())


def from_arrays(arrays: Arrays, uv: Float32Array | None, sha256: str) -> Bfm09:
    """The model of the file's `ARRAYS`, named, shaped and counted as in the file, and texture positions `uv` (V, 2).

    Raises:
        FaceModelError: an array has another shape or impossible indices.
    """
    mean = _vertices(arrays, "meanshape")
    vertices = len(mean)
    mean = (mean - mean.mean(axis=0, dtype=np.float64)).astype(np.float32)
    if uv is not None and uv.shape != (vertices, 2):
        raise FaceModelError(
            f"expected texture positions for {vertices} vertices, got {len(uv)}; another model's file?"
        )
    triangles = _indices(arrays, "tri", 3, vertices)
    keypoints = _keypoints(arrays, vertices)
    vertex_triangles = _indices(arrays, "point_buf", 8, len(triangles) + 1)
    if len(vertex_triangles) != vertices:
        raise FaceModelError(f"expected point_buf of shape ({vertices}, 8), got {vertex_triangles.shape}")
    model = FaceModel(
        name="bfm09",
        sha256=sha256,
        mean_shape=mean,
        identity_basis=_basis(arrays, "idBase", 80, vertices),
        expression_basis=_basis(arrays, "exBase", 64, vertices),
        mean_albedo=_vertices(arrays, "meantex"),
        albedo_basis=_basis(arrays, "texBase", 80, vertices),
        triangles=triangles,
        uv=cylinder_uv(mean) if uv is None else uv,
        uv_triangles=triangles,
        triangle_part=np.zeros(len(triangles), dtype=np.uint8),
        part_names=("skin",),
        expression_names=EXPRESSION_NAMES,
        landmarks68=_landmarks(keypoints),
        regions={
            "mouth_corners": keypoints[[48, 54]],
            "lip_rim_upper": keypoints[[61, 62, 63]],
            "lip_rim_lower": keypoints[[67, 66, 65]],
        },
    )
    return Bfm09(model, vertex_triangles)


def read_uv(path: str | Path) -> Float32Array:
    """Texture positions (V, 2) from the paper's `uv.npy` (V, 3), whose third column nobody reads.

    Raises:
        FaceModelError: not such a file, or positions outside of 0..1.
    """
    try:
        table = read_npy(Path(path).read_bytes())
    except (OSError, NpyFileError) as error:
        raise FaceModelError(f"{path} is not a readable uv.npy ({error})") from error
    if table.dtype.kind != "f" or table.ndim != 2 or table.shape[1] not in (2, 3):
        raise FaceModelError(f"expected {path} to hold real numbers of shape (vertices, 3)")
    with np.errstate(over="ignore"):  # damaged numbers become infinite, which is refused
        uv = table[:, :2].astype(np.float32)
    if not (uv.size and np.isfinite(uv).all() and uv.min() >= 0 and uv.max() <= 1):
        raise FaceModelError(f"expected texture positions of {path} in 0..1; restore the file")
    return uv


def cylinder_uv(shape: Float32Array) -> Float32Array:
    """Texture positions (V, 2) in 0..1, v up, of a face `shape` (V, 3) laid out on an upright cylinder.

    The seam is behind the head, where the front model has no triangles.
    """
    around = np.arctan2(shape[:, 0], shape[:, 2] - shape[:, 2].min())
    laid_out = np.stack([around, shape[:, 1]], axis=-1)
    low, high = laid_out.min(axis=0), laid_out.max(axis=0)
    return ((laid_out - low) / np.maximum(high - low, 1e-6)).astype(np.float32)


def _vertices(arrays: Arrays, name: str) -> Float32Array:
    array = arrays[name]
    if array.shape[0] != 1 or array.size % 3:
        raise FaceModelError(f"expected {name} of shape (1, 3 x vertices), got {array.shape}")
    return array.astype(np.float32).reshape(-1, 3)


def _basis(arrays: Arrays, name: str, components: int, vertices: int) -> Float32Array:
    array = arrays[name]
    if array.shape != (3 * vertices, components):
        raise FaceModelError(f"expected {name} of shape ({3 * vertices}, {components}), got {array.shape}")
    return np.ascontiguousarray(array.T, dtype=np.float32).reshape(components, vertices, 3)


def _indices(arrays: Arrays, name: str, width: int, limit: int) -> Int32Array:
    """The table `name` (n, width) of indices 1..limit, counted from 0."""
    array = arrays[name]
    if array.ndim != 2 or array.shape[1] != width:
        raise FaceModelError(f"expected {name} of shape (n, {width}), got {array.shape}")
    if array.min() < 1 or array.max() > limit or (array != np.round(array)).any():
        raise FaceModelError(f"expected {name} to hold whole numbers in 1..{limit}; restore the file")
    return array.astype(np.int32) - 1


def _keypoints(arrays: Arrays, vertices: int) -> Int32Array:
    if arrays["keypoints"].shape != (1, 68):
        raise FaceModelError(f"expected keypoints of shape (1, 68), got {arrays['keypoints'].shape}")
    return _indices(arrays, "keypoints", 68, vertices)[0]


def _landmarks(keypoints: Int32Array) -> Landmarks:
    weights = np.tile(np.array([1, 0, 0], dtype=np.float32), (len(keypoints), 1))
    return Landmarks(np.repeat(keypoints[:, None], 3, axis=1), weights, np.ones(len(keypoints), dtype=np.float32))
