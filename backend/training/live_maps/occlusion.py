"""How much of the sky a point of the head sees past the head itself (ambient occlusion), by casting rays."""

# mypy: ignore-errors
# Warp compiles the kernel itself; its annotations are Warp's types, which mypy cannot read.

from __future__ import annotations

from typing import Final

import numpy as np
import warp as wp

from backend.raster import rasterizer as _started  # noqa: F401  (starts Warp quietly)
from models.face.model import FaceModel
from models.face.shading import VertexNormals

RAYS: Final = 128
LIFT: Final = 0.004  # decimetres above the surface, so that no ray meets the triangle it starts from
HAIR: Final = ("lashes", "brows")  # lets light through
REACH: Final = 0.35  # decimetres; what is further away is the light's business


@wp.kernel(enable_backward=False)
def _cast(
    mesh: wp.uint64,
    points: wp.array(dtype=wp.vec3),
    normals: wp.array(dtype=wp.vec3),
    sky: wp.array(dtype=wp.vec3),
    lift: wp.float32,
    reach: wp.float32,
    open_share: wp.array(dtype=wp.float32),
):
    i = wp.tid()
    n = normals[i]
    side = wp.vec3(1.0, 0.0, 0.0)
    if wp.abs(n[0]) > 0.8:
        side = wp.vec3(0.0, 1.0, 0.0)
    t = wp.normalize(wp.cross(n, side))
    b = wp.cross(n, t)
    start = points[i] + n * lift
    seen = wp.float32(0.0)
    for k in range(sky.shape[0]):
        d = t * sky[k][0] + b * sky[k][1] + n * sky[k][2]
        hit = wp.mesh_query_ray(mesh, start, d, reach)
        if hit.result:
            seen += wp.min(hit.t / reach, 1.0)
        else:
            seen += 1.0
    open_share[i] = seen / float(sky.shape[0])


def openness(face_model: FaceModel, shape: np.ndarray, vertices: np.ndarray) -> np.ndarray:
    """(n,) 0..1, the cosine-weighted share of the sky over `vertices` (n,) that the head in `shape` (V, 3) leaves open;
    what is hit counts less the further away it is."""
    normals = VertexNormals(face_model.triangles, face_model.vertex_count)(shape)[vertices]
    hair = [i for i, name in enumerate(face_model.part_names) if name in HAIR]
    solid = face_model.triangles[~np.isin(face_model.triangle_part, hair)]
    mesh = wp.Mesh(wp.array(shape, dtype=wp.vec3), wp.array(solid.ravel(), dtype=wp.int32))
    out = wp.zeros(len(vertices), dtype=wp.float32)
    points = wp.array(shape[vertices], dtype=wp.vec3)
    inputs = [mesh.id, points, wp.array(normals.astype(np.float32), dtype=wp.vec3), wp.array(_sky(), dtype=wp.vec3)]
    wp.launch(_cast, dim=len(vertices), inputs=[*inputs, LIFT, REACH], outputs=[out])
    return out.numpy()


def _sky() -> np.ndarray:
    """(RAYS, 3) directions about z, as many as the cosine says (Fibonacci spiral on the unit disc, lifted: Malley)."""
    k = np.arange(RAYS) + 0.5
    radius, turn = np.sqrt(k / RAYS), np.pi * (1 + np.sqrt(5)) * k
    return np.stack([radius * np.cos(turn), radius * np.sin(turn), np.sqrt(1 - radius**2)], axis=1).astype(np.float32)
