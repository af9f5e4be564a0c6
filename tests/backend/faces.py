"""Pictures of known heads and a detector that knows where the points are, for tests."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backend.landmarks import Face
from backend.raster.rasterizer import rasterize
from models.face.camera import PAPER_FOCAL, PAPER_SIZE, Camera, place
from models.face.model import FaceModel
from models.face.shading import VertexNormals, shade


@dataclass(frozen=True, eq=False)
class Known:
    """A picture (H, W, 3) uint8 with the truth behind it; it is its own detector."""

    image: np.ndarray
    points: np.ndarray
    world: np.ndarray
    angles: np.ndarray
    identity: np.ndarray
    expression: np.ndarray
    albedo: np.ndarray

    def detect(self, image: np.ndarray) -> list[Face]:
        return [Face(self.points, None, "mediapipe478", 1.0)]


def picture(
    model: FaceModel,
    seed: int = 0,
    size: int = 480,
    identity_scale: float = 1.0,
    angles: tuple[float, float, float] | None = None,
    gamma: np.ndarray | None = None,
    background: int = 100,
    albedo: np.ndarray | None = None,
) -> Known:
    """A seeded head of `model` under soft light, filling half of the picture."""
    generator = np.random.default_rng(seed)
    identity = (identity_scale * generator.normal(size=80)).astype(np.float32)
    expression = np.zeros(64, np.float32)
    expression[model.expression_names.index("jawOpen")] = generator.uniform(0.0, 0.7)
    if albedo is None:
        albedo = np.zeros(80, np.float32)
        albedo[1:12] = 0.7 * generator.normal(size=11)
    turn = generator.uniform(-0.3, 0.3, 3) if angles is None else np.array(angles)
    if gamma is None:
        gamma = np.zeros(27, np.float32)
        gamma[::9], gamma[1::9], gamma[2::9] = 0.3, -0.1, 0.15
    world = place(model.shape(identity, expression), turn, np.zeros(3)).astype(np.float32)
    camera = Camera(size, PAPER_FOCAL * size / PAPER_SIZE / 1.7)
    normals = VertexNormals(model.triangles, model.vertex_count)(world)
    raster = rasterize(camera.clip(world), model.triangles, size)
    lit = shade(model.albedo(albedo), normals, gamma).astype(np.float32)
    image = np.clip(raster.interpolate(lit, model.triangles, background), 0, 255).astype(np.uint8)
    assert model.landmarks478 is not None
    points = camera.image_points(model.landmarks478.of(world)).astype(np.float32)
    return Known(image, points, world, turn, identity, expression, albedo)
