"""The grid of distances against every triangle looked at."""

import numpy as np

from blender_addon.hair.distance import BAND, DistanceField, closest_on_triangles
from blender_addon.hair.surface import Surface

MILLIMETRE = 1e-3


def exact(surface: Surface, points: np.ndarray) -> np.ndarray:
    """Signed distance (n,) to the nearest of all triangles of the skin."""
    triangles = surface.triangles[surface.skin]
    corners = surface.points[triangles].astype(np.float64)
    found = []
    for point in points:
        closest, weights = closest_on_triangles(np.broadcast_to(point, (len(corners), 3)), corners)
        nearest = np.argmin(((closest - point) ** 2).sum(axis=1))
        away = point - closest[nearest]
        outside = away @ (weights[nearest] @ surface.normals[triangles[nearest]]) >= 0
        found.append(np.linalg.norm(away) * (1 if outside else -1))
    return np.array(found)


def near_the_skin(surface: Surface, count: int) -> np.ndarray:
    rng = np.random.default_rng(0)
    triangles = surface.triangles[surface.skin]
    chosen = triangles[rng.integers(0, len(triangles), 20 * count)]
    middle = surface.points[chosen].mean(axis=1)
    skull = middle[:, 2] > surface.measures.brow
    off = rng.uniform(-0.003, 0.02, (20 * count, 1))
    return (middle + off * surface.normals[chosen].mean(axis=1))[skull][:count].astype(np.float64)


def test_distances_over_the_skull_are_right_to_half_a_millimetre(surface: Surface, field: DistanceField) -> None:
    points = near_the_skin(surface, 60)
    distance, out = field.look(points)
    error = np.abs(distance - exact(surface, points))
    assert np.median(error) < 0.03 * MILLIMETRE and error.max() < 0.5 * MILLIMETRE
    radial = points - surface.measures.centre
    assert ((radial * out).sum(axis=1) > 0).all()


def test_far_away_and_below_the_neck(surface: Surface, field: DistanceField) -> None:
    far = surface.measures.centre + np.array([[0.0, 0.0, 0.5], [0.4, 0.0, 0.0]])
    distance, out = field.look(far)
    assert np.allclose(distance, BAND) and np.allclose(np.linalg.norm(out, axis=1), [0, 0], atol=1e-6)
    low = surface.points[np.unique(surface.triangles[surface.skin])][:, 2].min()
    in_neck = np.array([[0.0, surface.measures.centre[1] + 0.01, low - 0.03]])
    assert field.look(in_neck)[0][0] < 0  # the neck goes on below its cut


def test_closest_points_of_one_triangle() -> None:
    corners = np.array([[[0.0, 0, 0], [1, 0, 0], [0, 1, 0]]] * 3)
    points = np.array([[0.2, 0.2, 1.0], [-1.0, -1.0, 0.0], [1.0, 1.0, 0.0]])
    closest, weights = closest_on_triangles(points, corners)
    assert np.allclose(closest, np.array([[0.2, 0.2, 0], [0, 0, 0], [0.5, 0.5, 0]]))
    assert np.allclose(weights.sum(axis=1), 1)
