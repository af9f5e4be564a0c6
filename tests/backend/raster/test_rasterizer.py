import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.raster.rasterizer import RasterError, Rasterizer, rasterize
from models.face.camera import Camera, place
from tests.face_models import ellipsoid
from tests.golden import GOLDEN, needs

GOLDEN_FILE = GOLDEN / "raster/rasterize.npz"


def flat(points, depth=5.0):
    """Clip positions of NDC points (n, 2) at one depth."""
    points = np.asarray(points, np.float32)
    ones = np.ones(len(points), np.float32)
    return np.stack([points[:, 0] * depth, points[:, 1] * depth, 0 * ones, depth * ones], axis=1)


def reference(clip, triangles, height, width):
    """The plain definition, in float64: which triangle is nearest at each pixel centre, and its weights."""
    best = np.full((height, width), np.inf)
    ids = np.full((height, width), -1)
    barycentrics = np.zeros((height, width, 3))
    x = (np.arange(width) + 0.5) * 2 / width - 1
    y = 1 - (np.arange(height) + 0.5) * 2 / height
    rays = np.stack([*np.meshgrid(x, y), np.ones((height, width))], axis=-1)
    for t, triangle in enumerate(triangles):
        corners = clip[triangle].astype(np.float64)
        matrix = corners[:, [0, 1, 3]].T
        if abs(np.linalg.det(matrix)) < 1e-12:
            continue
        weights = rays @ np.linalg.inv(matrix).T
        total = weights.sum(-1)
        with np.errstate(all="ignore"):
            share = weights / total[..., None]
            z = (share @ corners[:, 2]) / (share @ corners[:, 3])
        front = share @ corners[:, 3] > 0
        hit = front & (share.min(-1) >= 0) & (z >= -1) & (z <= 1) & (z < best)
        best[hit], ids[hit], barycentrics[hit] = z[hit], t, share[hit]
    return ids, barycentrics


def test_half_a_square_covers_half_the_pixels():
    raster = rasterize(flat([(-1, -1), (1, -1), (-1, 1)]), np.array([[0, 1, 2]]), 64)
    rows, columns = np.nonzero(raster.covered)
    assert np.all(columns <= rows)  # the lower left half
    assert raster.covered.sum() == 64 * 65 // 2
    assert np.all(raster.triangle_ids[~raster.covered] == -1)
    assert np.all(raster.barycentrics[~raster.covered] == 0)
    assert np.all(raster.depth[~raster.covered] == 1)


def test_row_zero_is_the_top():
    raster = rasterize(flat([(-1, 0.5), (1, 0.5), (0, 1.5)]), np.array([[0, 1, 2]]), 32)
    assert raster.covered[:8].any() and not raster.covered[8:].any()


def test_the_nearer_triangle_wins_in_any_order():
    near, far = flat([(-1, -1), (1, -1), (0, 1)], 3.0), flat([(-1, -1), (1, -1), (0, 1)], 6.0)
    near[:, 2], far[:, 2] = 3.0 * 0.1, 6.0 * 0.2
    clip = np.concatenate([far, near])
    for triangles, nearest in (([[0, 1, 2], [3, 4, 5]], 1), ([[3, 4, 5], [0, 1, 2]], 0)):
        ids = rasterize(clip, np.array(triangles), 16).triangle_ids
        assert set(np.unique(ids)) == {-1, nearest}


def test_culling_removes_only_the_back():
    model = ellipsoid()
    clip = Camera.paper(96).clip(model.mean_shape)
    assert np.array_equal(
        rasterize(clip, model.triangles, 96, cull_back=True).triangle_ids,
        rasterize(clip, model.triangles, 96).triangle_ids,
    )
    flipped = model.triangles[:, ::-1]
    behind = rasterize(clip, flipped, 96, cull_back=True)
    assert not np.array_equal(behind.triangle_ids, rasterize(clip, flipped, 96).triangle_ids)


def test_culling_of_some_triangles():
    """Two triangles seen from behind; only the marked one goes."""
    clip = np.concatenate([flat([(-1, -1), (-0.5, 1), (0, -1)]), flat([(0, -1), (0.5, 1), (1, -1)])])
    triangles = np.arange(6).reshape(2, 3)
    ids = Rasterizer(triangles, 32, cull_back=np.array([True, False]))(clip).triangle_ids
    assert set(np.unique(ids)) == {-1, 1}


def test_interpolated_positions_project_back_to_their_pixels():
    model, camera = ellipsoid(), Camera.paper(128)
    world = place(model.mean_shape, np.array([0.2, 0.5, -0.1]), np.array([0.0, 0.0, 1.0])).astype(np.float32)
    raster = rasterize(camera.clip(world), model.triangles, 128)
    seen = camera.image_points(raster.interpolate(world, model.triangles))
    rows, columns = np.nonzero(raster.covered)
    assert len(rows) > 2000
    assert np.abs(seen[rows, columns] - np.stack([columns + 0.5, rows + 0.5], axis=1)).max() < 0.01


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6))
def test_a_random_soup_equals_the_plain_definition(seed):
    generator = np.random.default_rng(seed)
    points = generator.uniform(-1.5, 1.5, (24, 3)).astype(np.float32)
    points[:, 2] = generator.uniform(-3.0, 9.95, 24)
    if seed % 3 == 0:
        points[::5, 2] = 11.0  # behind the camera: triangles that cross the eye plane
    clip = Camera(size=40, focal=120.0).clip(points)
    triangles = np.arange(24).reshape(-1, 3)
    raster = rasterize(clip, triangles, (33, 40))
    ids, barycentrics = reference(clip, triangles, 33, 40)
    same = ids == raster.triangle_ids
    assert same.mean() > 0.995  # a centre on an edge may fall either way
    assert np.abs(raster.barycentrics - barycentrics)[same].max() < 2e-3


def test_a_closed_mesh_has_no_cracks():
    model = ellipsoid()
    for step in range(8):
        world = place(model.mean_shape, np.array([0.1 * step, 0.37 * step, 0.2], np.float32), np.zeros(3, np.float32))
        covered = rasterize(Camera.paper(160).clip(world), model.part_triangles("skin"), 160).covered
        rows, columns = np.nonzero(covered)
        for row in np.unique(rows):
            inside = columns[rows == row]
            assert len(inside) == inside.max() - inside.min() + 1


def test_bands_equal_one_pass_and_repeat_exactly():
    model = ellipsoid()
    clip = Camera.paper(101).clip(model.mean_shape)
    one = Rasterizer(model.triangles, 101, threads=1)(clip)
    drawer = Rasterizer(model.triangles, 101, threads=3)
    for again in (drawer(clip), drawer(clip)):
        assert np.array_equal(again.triangle_ids, one.triangle_ids)
        assert np.array_equal(again.barycentrics, one.barycentrics)
        assert np.array_equal(again.depth, one.depth)


def test_interpolate_with_a_second_index_table():
    model = ellipsoid()
    raster = rasterize(Camera.paper(64).clip(model.mean_shape), model.triangles, 64)
    image = raster.interpolate(model.uv, model.uv_triangles, background=-1.0)
    assert np.all(image[~raster.covered] == -1)
    assert image[raster.covered].min() >= 0 and image[raster.covered].max() <= 1


@pytest.mark.parametrize(
    ("clip", "triangles", "size"),
    [
        (np.zeros((3, 3), np.float32), np.array([[0, 1, 2]]), 8),
        (np.zeros((2, 4), np.float32), np.array([[0, 1, 2]]), 8),
        (np.full((3, 4), np.nan, np.float32), np.array([[0, 1, 2]]), 8),
        (np.zeros((3, 4), np.float32), np.zeros((0, 3), int), 8),
        (np.zeros((3, 4), np.float32), np.array([[0, 1, 2]]), 0),
    ],
)
def test_wrong_input_is_one_clear_error(clip, triangles, size):
    with pytest.raises(RasterError):
        rasterize(clip, triangles, size)


@needs(GOLDEN_FILE)
@pytest.mark.parametrize("case", ["face", "soup", "edge"])
def test_coverage_agrees_with_the_paper(case):
    golden = np.load(GOLDEN_FILE)
    expected = golden[f"{case}_bary"][::-1]  # its rows run bottom-first
    seen = expected.sum(-1) > 0
    raster = rasterize(golden[f"{case}_clip"], golden[f"{case}_tri"], seen.shape)
    assert (raster.covered == seen).mean() > 0.9995
    both = seen & (raster.triangle_ids == golden[f"{case}_ids"][::-1])
    assert both.sum() > 0.9 * seen.sum()  # where depths tie, ours keeps the lower id and theirs the higher
    assert np.abs(raster.barycentrics - expected)[both].max() < 5e-3
