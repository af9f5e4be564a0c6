"""Read the geometry of a face model: what Blender needs to build the head (no bpy).

The wire format is a `.npz` of plain arrays, written by the backend's `blender.write_head_file`. Bases may be float16;
everything is returned as float32 in the face model's own frame (decimetres, y up, z forward).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from . import npz_file

Float32Array = NDArray[np.float32]
Int32Array = NDArray[np.int32]

FORMAT: Final = "style-avatar/head"
VERSION: Final = 1
REGION_PREFIX: Final = "region/"
LARGEST: Final = 2**30  # bytes unpacked; a head of 35,000 vertices takes a tenth of it

JAW_ENDS_68: Final = (0, 16)  # iBUG points beside the ears
CHIN_68: Final = 8
NOSE_TIP_68: Final = 30
NECK_BELOW_CHIN: Final = 0.46
NECK_BEHIND_EARS: Final = 0.37


class HeadFileError(ValueError):
    """A file is not a head this add-on can read; the message says what to do."""


@dataclass(frozen=True, eq=False)
class HeadFile:
    """A linear face model, as `models.face.FaceModel` describes it, with what Blender does not need left out.

    mean_shape: (V, 3) decimetres; identity_basis: (80, V, 3); expression_basis: (64, V, 3); mean_albedo: (V, 3) sRGB on
    0..255; albedo_basis: (80, V, 3); triangles: (F, 3) counter-clockwise from outside; uv: (U, 2) with v up;
    uv_triangles: (F, 3); triangle_part: (F,) index into part_names; expression_names: 64 names;
    landmarks68: vertices (68, 3) and weights (68, 3); regions: vertex lists by name.
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
    landmark_vertices: Int32Array
    landmark_weights: Float32Array
    regions: Mapping[str, Int32Array] = field(default_factory=dict)

    def shape(self, identity: Float32Array) -> Float32Array:
        """Neutral mesh (V, 3) of the person with `identity` (80,)."""
        return self.mean_shape + np.tensordot(identity, self.identity_basis, axes=1)

    def albedo(self, coefficients: Float32Array) -> Float32Array:
        """Vertex colours (V, 3), sRGB on 0..1, clipped, for albedo `coefficients` (80,)."""
        colours = self.mean_albedo + np.tensordot(coefficients, self.albedo_basis, axes=1)
        return np.clip(colours / 255.0, 0.0, 1.0).astype(np.float32)

    def landmarks(self, shape: Float32Array) -> Float32Array:
        """The 68 landmarks (68, 3) on `shape` (V, 3)."""
        return np.einsum("nkc,nk->nc", shape[self.landmark_vertices], self.landmark_weights)

    def neck_pivot(self, shape: Float32Array) -> Float32Array:
        """The point (3,) a talking head turns about: the lower end of the neck's spine, from landmarks alone.

        It lies below the chin by `NECK_BELOW_CHIN` of the height from chin to ears and behind the ears by
        `NECK_BEHIND_EARS` of the depth from ears to nose.
        """
        points = self.landmarks(shape)
        ears, chin, nose = points[list(JAW_ENDS_68)].mean(axis=0), points[CHIN_68], points[NOSE_TIP_68]
        height = chin[1] - NECK_BELOW_CHIN * (ears[1] - chin[1])
        depth = ears[2] - NECK_BEHIND_EARS * (nose[2] - ears[2])
        return np.array([ears[0], height, depth], dtype=np.float32)


def load(path: str | Path) -> HeadFile:
    """Read the head at `path`.

    Raises:
        HeadFileError: no such file, not a head, another version of the format, or arrays that do not fit together.
    """
    path = Path(path)
    try:
        arrays = npz_file.read(path, LARGEST)
        meta = json.loads(str(arrays.pop("meta")))
    except FileNotFoundError as error:
        raise HeadFileError(f"there is no head file at {path}") from error
    except (OSError, KeyError, ValueError, RecursionError) as error:
        raise HeadFileError(f"{path} is not a readable head file ({error}); write it again") from error
    if not isinstance(meta, dict) or meta.get("format") != FORMAT:
        raise HeadFileError(f"{path} is an .npz file but not a head")
    if meta.get("format_version") != VERSION:
        raise HeadFileError(
            f"{path} is a head of format {meta.get('format_version')}, this add-on reads {VERSION}; "
            "use the add-on and the backend of the same release"
        )
    try:
        head = _assembled(meta, arrays)
    except KeyError as error:
        raise HeadFileError(f"{path} has no {error.args[0]!r}; write it again") from error
    except ValueError as error:
        raise HeadFileError(f"{path}: {error}; write it again") from error
    if problem := _mismatch(head):
        raise HeadFileError(f"{path}: {problem}; write it again")
    return head


def _assembled(meta: Mapping[str, Any], arrays: dict[str, NDArray[Any]]) -> HeadFile:
    """The head, of the right types; raises KeyError for what is missing and ValueError for what is of another kind."""

    def numbers(name: str) -> Float32Array:
        return _numbers(name, arrays[name])

    def indices(name: str) -> Int32Array:
        return _indices(name, arrays[name], np.int32)

    return HeadFile(
        name=str(meta["name"]),
        sha256=str(meta["sha256"]),
        mean_shape=numbers("mean_shape"),
        identity_basis=numbers("identity_basis"),
        expression_basis=numbers("expression_basis"),
        mean_albedo=numbers("mean_albedo"),
        albedo_basis=numbers("albedo_basis"),
        triangles=indices("triangles"),
        uv=numbers("uv"),
        uv_triangles=indices("uv_triangles"),
        triangle_part=_indices("triangle_part", arrays["triangle_part"], np.uint8),
        part_names=_texts("part_names", meta["part_names"]),
        expression_names=_texts("expression_names", meta["expression_names"]),
        landmark_vertices=indices("landmark_vertices"),
        landmark_weights=numbers("landmark_weights"),
        regions={name.removeprefix(REGION_PREFIX): indices(name) for name in arrays if name.startswith(REGION_PREFIX)},
    )


def _numbers(name: str, array: NDArray[Any]) -> Float32Array:
    if array.dtype.kind not in "fiu":
        raise ValueError(f"{name} should hold numbers, holds {array.dtype}")
    with np.errstate(over="ignore"):
        numbers = np.ascontiguousarray(array, dtype=np.float32)
    if not np.isfinite(numbers).all():
        raise ValueError(f"{name} holds NaN or infinity")
    return numbers


def _indices(name: str, array: NDArray[Any], dtype: Any) -> NDArray[Any]:
    """`array` as `dtype`; what would not fit names nothing, and must not wrap round to something that exists."""
    if array.dtype.kind not in "iu":
        raise ValueError(f"{name} should hold whole numbers, holds {array.dtype}")
    if array.size and (int(array.min()) < 0 or int(array.max()) > np.iinfo(dtype).max):
        raise ValueError(f"{name} names something that does not exist")
    return np.ascontiguousarray(array, dtype=dtype)


def _texts(name: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise ValueError(f"{name} should be a list of texts")
    return tuple(value)


def _mismatch(head: HeadFile) -> str:
    """What does not fit together in `head`, or an empty text."""
    vertices, faces, corners = (len(np.atleast_1d(one)) for one in (head.mean_shape, head.triangles, head.uv))
    expected = {
        "mean_shape": (vertices, 3),
        "identity_basis": (80, vertices, 3),
        "expression_basis": (64, vertices, 3),
        "mean_albedo": (vertices, 3),
        "albedo_basis": (80, vertices, 3),
        "triangles": (faces, 3),
        "uv": (corners, 2),
        "uv_triangles": (faces, 3),
        "triangle_part": (faces,),
        "landmark_vertices": (68, 3),
        "landmark_weights": (68, 3),
    }
    for name, shape in expected.items():
        if getattr(head, name).shape != shape:
            return f"{name} should be {shape}, is {getattr(head, name).shape}"
    if len(head.expression_names) != 64 or len(set(head.expression_names)) != 64:
        return "expected 64 different expression names"
    if any(region.ndim != 1 for region in head.regions.values()):
        return "a region should be a list of vertices"
    index_lists: list[tuple[NDArray[Any], int]] = [
        (head.triangles, vertices),
        (head.uv_triangles, corners),
        (head.triangle_part, len(head.part_names)),
        (head.landmark_vertices, vertices),
        *((region, vertices) for region in head.regions.values()),
    ]
    if any(indices.size and indices.max() >= limit for indices, limit in index_lists):
        return "an index names something that does not exist"
    return ""
