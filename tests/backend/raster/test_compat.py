"""The paper's rasteriser: its conventions on small cases, its every bit against the original."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.io import loadmat

from backend.raster.compat import CompatRaster, rasterize
from backend.raster.rasterizer import RasterError
from backend.raster.rasterizer import rasterize as rasterize_ours
from tests.golden import GOLDEN, needs

FOLDER = GOLDEN / "raster"
needs_golden = needs(FOLDER)

ONE = np.array([[0, 1, 2]], dtype=np.int32)
TWO = np.array([[0, 1, 2], [0, 1, 2]], dtype=np.int32)


def triangle(depth: float = 0.0, w: tuple[float, float, float] = (1, 1, 1)) -> np.ndarray:
    """The lower left half of the picture at clip z / w = `depth`."""
    flat = np.array([[-1, -1, depth, 1], [1, -1, depth, 1], [-1, 1, depth, 1]], dtype=np.float32)
    return flat * np.array(w, dtype=np.float32)[:, None]


def soup(seed: int, faces: int = 60) -> tuple[np.ndarray, np.ndarray]:
    """Random triangles, some of them crossing the eye plane or behind it."""
    rng = np.random.default_rng(seed)
    clip = rng.normal(0, 1, (3 * faces, 4)).astype(np.float32)
    clip[:, 3] = np.repeat(rng.uniform(0.6, 2, faces), 3) + rng.normal(0, 0.6, 3 * faces)
    return clip, np.arange(3 * faces, dtype=np.int32).reshape(-1, 3)


def one_pixel_after_the_other(clip: np.ndarray, triangles: np.ndarray, height: int, width: int) -> CompatRaster:
    """SPEC 6.1 written out without bounding boxes, every operation a NumPy float32 one and so never fused."""
    ids, depth = np.zeros((height, width), np.int32), np.ones((height, width), np.float32)
    barycentrics = np.zeros((height, width, 3), np.float32)
    y, x = np.meshgrid(
        ((np.arange(height) + 0.5) / (height / 2) - 1).astype(np.float32),
        ((np.arange(width) + 0.5) / (width / 2) - 1).astype(np.float32),
        indexing="ij",
    )
    for number, corners in enumerate(clip[triangles]):
        if (corners[:, 3] < 0).all():
            continue
        edges = [_edge(corners[(k + 1) % 3], corners[(k + 2) % 3]) for k in range(3)]
        determinant = corners[0, 0] * edges[0][0] + corners[1, 0] * edges[1][0] + corners[2, 0] * edges[2][0]
        sign = np.float32(-1 if determinant < 0 else 1)
        e0, e1, e2 = ((sign * a) * x + (sign * b) * y + sign * c for a, b, c in edges)
        with np.errstate(all="ignore"):
            total = e0 + e1 + e2
            b0, b1, b2 = e0 / total, e1 / total, e2 / total
            z = (b0 * corners[0, 2] + b1 * corners[1, 2] + b2 * corners[2, 2]) / (
                b0 * corners[0, 3] + b1 * corners[1, 3] + b2 * corners[2, 3]
            )
        drawn = (np.minimum(np.minimum(e0, e1), e2) >= 0) & (np.maximum(np.maximum(e0, e1), e2) > 0)
        drawn &= (z >= -1) & (z <= 1) & (z <= depth)
        ids[drawn], depth[drawn] = number, z[drawn]
        barycentrics[drawn] = np.stack([b0, b1, b2], axis=-1)[drawn]
    return CompatRaster(ids, barycentrics, depth)


def _edge(p: np.ndarray, q: np.ndarray) -> tuple[np.float32, np.float32, np.float32]:
    return p[1] * q[3] - q[1] * p[3], q[0] * p[3] - p[0] * q[3], p[0] * q[1] - q[0] * p[1]


@pytest.mark.parametrize("seed", range(5))
def test_it_rounds_as_unfused_float32_does(seed: int):
    clip, triangles = soup(seed)
    ours, plain = rasterize(clip, triangles, 40, 56), one_pixel_after_the_other(clip, triangles, 40, 56)
    assert 0.1 < ours.covered.mean() <= 1
    for name in ("triangle_ids", "barycentrics", "depth"):
        np.testing.assert_array_equal(getattr(ours, name), getattr(plain, name), err_msg=name)


def test_row_zero_is_the_bottom():
    covered = rasterize(triangle(), ONE, 8, 8).covered
    assert covered[0].all()
    assert covered[7].sum() == 1  # the centre on the long edge counts


def test_both_windings_are_drawn():
    assert rasterize(triangle(), ONE[:, ::-1], 8, 8).covered.sum() == rasterize(triangle(), ONE, 8, 8).covered.sum()


def test_the_later_triangle_wins_a_tie():
    drawn = rasterize(triangle(), TWO, 8, 8)
    assert (drawn.triangle_ids[drawn.covered] == 1).all()


@pytest.mark.parametrize("order", [[0, 1], [1, 0]])
def test_the_nearer_triangle_wins_in_any_order(order: list[int]):
    clip = np.concatenate([triangle(0.5), triangle(-0.5)])
    triangles = np.array([[0, 1, 2], [3, 4, 5]], dtype=np.int32)[order]
    drawn = rasterize(clip, triangles, 8, 8)
    np.testing.assert_array_equal(drawn.depth[drawn.covered], -0.5)


def test_barycentrics_follow_perspective():
    drawn = rasterize(triangle(w=(1, 4, 1)), ONE, 64, 64)
    # On the bottom edge, halfway on the screen is a fifth of the way to a corner four times as far.
    assert drawn.barycentrics[0, 32, 1] == pytest.approx(0.2, abs=0.02)
    np.testing.assert_allclose(drawn.barycentrics[drawn.covered].sum(axis=-1), 1, atol=1e-6)


@pytest.mark.parametrize("depth", [-1.01, 1.01])
def test_beyond_the_clip_planes_nothing_is_drawn(depth: float):
    assert not rasterize(triangle(depth), ONE, 8, 8).covered.any()


def test_attributes_are_laid_over_the_background():
    drawn = rasterize(triangle(), ONE, 8, 8)
    image = drawn.interpolate(np.full((3, 2), 7, np.float32), ONE, background=-1)
    np.testing.assert_allclose(image[drawn.covered], 7, atol=1e-5)
    assert (image[~drawn.covered] == -1).all()


def test_it_sees_what_our_own_rasteriser_sees():
    clip, triangles = soup(9)
    theirs, ours = rasterize(clip, triangles, 64, 64), rasterize_ours(clip, triangles, 64)
    same = theirs.triangle_ids[::-1] == np.maximum(ours.triangle_ids, 0)
    assert same.mean() > 0.995


@pytest.mark.parametrize(
    ("clip", "triangles", "words"),
    [
        (np.zeros((3, 3), np.float32), ONE, "clip vertices of shape"),
        (triangle(), ONE[:, :2], "triangles of shape"),
        (triangle(), ONE + 1, "name vertices 0..2"),
        (triangle() * np.float32(np.nan), ONE, "NaN"),
    ],
)
def test_what_does_not_fit_is_refused(clip: np.ndarray, triangles: np.ndarray, words: str):
    with pytest.raises(RasterError, match=words.replace(".", r"\.")):
        rasterize(clip, triangles, 8, 8)


@needs_golden
@pytest.mark.parametrize("name", ["face", "soup", "tie", "edge"])
def test_every_bit_equals_the_original(name: str):
    golden = np.load(FOLDER / "rasterize.npz")
    drawn = rasterize(golden[f"{name}_clip"], golden[f"{name}_tri"], *golden[f"{name}_ids"].shape)
    np.testing.assert_array_equal(drawn.triangle_ids, golden[f"{name}_ids"])
    np.testing.assert_array_equal(drawn.barycentrics, golden[f"{name}_bary"])
    np.testing.assert_array_equal(drawn.depth, golden[f"{name}_z"])


@needs_golden
def test_every_bit_equals_the_original_on_the_real_mesh():
    golden = np.load(FOLDER / "real_topology_uv.npz")
    drawn = rasterize(golden["clip_vertices"], real_triangles(FOLDER), *golden["triangle_ids"].shape)
    np.testing.assert_array_equal(drawn.triangle_ids, golden["triangle_ids"])
    np.testing.assert_array_equal(drawn.covered, golden["covered"])
    np.testing.assert_array_equal(drawn.depth, golden["z_f32"])


def real_triangles(folder: Path) -> np.ndarray:
    """The 70,789 triangles of the real front model, from 0."""
    return loadmat(folder / "facemodel_info.mat")["tri"].astype(np.int32) - 1
