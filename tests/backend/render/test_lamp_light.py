"""Lamps' light on vertices: shadows fall where something stands in the way."""

from __future__ import annotations

import numpy as np

from backend.lighting.light import Lobe
from backend.render.head_layer import casters_of
from backend.render.lamp_light import LampLight
from backend.render.photo_colours import part_vertices
from models.face import open_head
from models.face.shading import VertexNormals

WHITE = np.ones(3, np.float32)
UP = np.array([0, 0, 1], np.float32)


def floor_and_roof(roof: float) -> tuple[np.ndarray, np.ndarray]:
    """A floor of 21 x 21 points, two decimetres wide, and a small square at the height `roof`."""
    side = np.linspace(-1, 1, 21, dtype=np.float32)
    x, y = (grid.ravel() for grid in np.meshgrid(side, side))
    floor = np.stack([x, y, np.zeros_like(x)], axis=1)
    above = np.array([[-0.25, -0.25, roof], [0.25, -0.25, roof], [0.25, 0.25, roof], [-0.25, 0.25, roof]], np.float32)
    first = len(floor)
    roof_faces = np.array([[0, 1, 2], [0, 2, 3]]) + first
    corner = np.array([[0, 20, 440], [0, 440, 420]])
    return np.concatenate([floor, above]), np.concatenate([corner, roof_faces]).astype(np.int32)


def light_at(points: np.ndarray, triangles: np.ndarray, lobe: Lobe) -> np.ndarray:
    normals = np.tile(UP, (len(points), 1))
    return LampLight(triangles).on(points, normals, [lobe])[:441, 0].reshape(21, 21)


def test_a_roof_shades_what_lies_under_it_as_seen_from_the_lamp() -> None:
    points, triangles = floor_and_roof(0.5)
    lit = light_at(points, triangles, Lobe(UP, 3.0, WHITE))
    assert lit[10, 10] == 0 and lit[0, 0] == 1 and lit[10, 2] == 1
    slant = np.array([0.6, 0, 0.8], np.float32)
    moved = light_at(points, triangles, Lobe(slant, 3.0, WHITE))
    assert moved[10, 10] > 0.7 and moved[10, 6] == 0  # 0.5 · 0.6 / 0.8 to the left of the roof
    assert abs(float(moved[0, 0]) - 0.8) < 1e-5  # the cosine


def test_broad_lamps_and_high_roofs_make_soft_shadows() -> None:
    def partly(roof: float, half_angle: float) -> int:
        lit = light_at(*floor_and_roof(roof), Lobe(UP, half_angle, WHITE))
        return int(((lit > 0.05) & (lit < 0.95)).sum())

    assert partly(0.3, 3.0) < partly(0.3, 25.0) < partly(0.8, 25.0)


def test_it_is_dark_deep_in_the_mouth_and_open_on_the_cheeks() -> None:
    head = open_head.load()
    expression = np.zeros(64, np.float32)
    expression[head.expression_names.index("jawOpen")] = 0.5
    world = head.shape(None, expression)
    normals = VertexNormals(head.triangles, head.vertex_count)(world).astype(np.float32)
    open_ = LampLight(casters_of(head)).openness(world, normals)
    cheek = (normals[:, 2] > 0.9) & (np.abs(world[:, 1]) < 0.3)
    cheek &= np.isin(np.arange(len(world)), part_vertices(head, "skin"))
    assert open_[cheek].mean() > 0.85
    assert open_[part_vertices(head, "mouth_inner")].mean() < 0.35
