"""The 2009 Basel model's arithmetic against the original's, and its file against damage."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat

from models import coefficients as layout
from models.face.bfm09 import Bfm09, cylinder_uv, load
from models.face.camera import Camera, place, rotation
from models.face.model import FaceModelError
from models.face.shading import VertexNormals, sh_basis, shade
from tests.golden import GOLDEN, needs

FOLDER = GOLDEN / "facemodel"
needs_golden = needs(FOLDER)


def small_file(path: Path, **changes: np.ndarray) -> Path:
    """A valid file of a bumpy 5 x 16 grid (80 vertices, 120 triangles), its arrays replaced by `changes`."""
    rng = np.random.default_rng(3)
    y, x = np.mgrid[0:5, 0:16]
    grid = np.stack([x / 8 - 1, y / 2 - 1, 0.6 * np.cos((x - 7.5) / 5)], axis=-1).reshape(-1, 3)
    corner = (y[:-1, :-1] * 16 + x[:-1, :-1]).ravel()
    triangles = np.concatenate(
        [np.stack([corner, corner + 1, corner + 16], -1), np.stack([corner + 1, corner + 17, corner + 16], -1)]
    )
    buffer = np.full((80, 8), len(triangles) + 1)
    for vertex in range(80):
        around = np.flatnonzero((triangles == vertex).any(axis=1))
        buffer[vertex, : len(around)] = around + 1
    arrays = {
        "meanshape": (grid + 0.5).reshape(1, -1).astype(np.float32),
        "idBase": rng.normal(0, 0.01, (240, 80)).astype(np.float32),
        "exBase": rng.normal(0, 0.01, (240, 64)),
        "meantex": rng.uniform(60, 200, (1, 240)).astype(np.float32),
        "texBase": rng.normal(0, 3, (240, 80)).astype(np.float32),
        "tri": (triangles + 1).astype(np.float32),
        "point_buf": buffer.astype(np.float32),
        "keypoints": np.arange(1, 69, dtype=np.float32)[None],
    }
    savemat(path, {name: array for name, array in {**arrays, **changes}.items() if array.size})
    return path


@pytest.fixture
def small(tmp_path: Path) -> Bfm09:
    return load(small_file(tmp_path / "small.mat"))


def test_the_mean_face_is_centred_and_counted_from_zero(small: Bfm09):
    np.testing.assert_allclose(small.model.mean_shape.mean(axis=0), 0, atol=1e-6)
    assert small.model.triangles.min() == 0
    assert small.model.triangles.max() == 79
    np.testing.assert_array_equal(small.model.landmarks68.of(small.model.mean_shape), small.model.mean_shape[:68])


def test_normals_equal_the_usual_ones_where_no_vertex_has_more_than_eight_triangles(small: Bfm09):
    usual = VertexNormals(small.model.triangles, 80)(small.model.mean_shape)
    np.testing.assert_allclose(small.normals(small.model.mean_shape), usual, atol=1e-6)
    assert (usual[:, 2] > 0).all()


def test_a_triangle_missing_from_the_buffer_is_missing_from_the_normal(tmp_path: Path):
    # Each vertex lists only its first triangle, so its normal is that triangle's.
    full = load(small_file(tmp_path / "full.mat"))
    buffer = np.full((80, 8), 121.0)
    buffer[:, 0] = full.vertex_triangles[:, 0] + 1
    cut = load(small_file(tmp_path / "cut.mat", point_buf=buffer))
    a, b, c = (cut.model.mean_shape[i] for i in cut.model.triangles[full.vertex_triangles[:, 0]].T)
    expected = np.cross(b - a, c - a)
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    np.testing.assert_allclose(cut.normals(cut.model.mean_shape), expected, atol=1e-6)


def test_texture_is_not_clipped(small: Bfm09):
    assert small.texture(np.full(80, 50, dtype=np.float32)).max() > 255


def test_our_own_unwrapping_keeps_every_triangle_upright(small: Bfm09):
    uv = cylinder_uv(small.model.mean_shape)
    assert uv.min() == 0
    assert uv.max() == 1
    a, b, c = (uv[i] for i in small.model.triangles.T)
    assert (np.cross(b - a, c - a) > 0).all()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"idBase": np.zeros((240, 79), np.float32)}, "idBase of shape"),
        ({"tri": np.full((4, 3), 81, np.float32)}, "tri to hold whole numbers in 1..80"),
        ({"tri": np.full((4, 3), 1.5, np.float32)}, "tri to hold whole numbers"),
        ({"point_buf": np.ones((79, 8), np.float32)}, "point_buf of shape"),
        ({"keypoints": np.ones((1, 67), np.float32)}, "keypoints of shape"),
        ({"meantex": np.full((1, 240), np.nan)}, "meantex is empty or holds NaN"),
        ({"texBase": np.zeros(0)}, "no array texBase"),
    ],
)
def test_a_wrong_array_is_named(tmp_path: Path, changes: dict[str, np.ndarray], words: str):
    with pytest.raises(FaceModelError, match=words):
        load(small_file(tmp_path / "bad.mat", **changes))


def test_another_file_is_refused(tmp_path: Path):
    path = tmp_path / "bad.mat"
    path.write_bytes(b"not a matrix" * 40)
    with pytest.raises(FaceModelError, match="not a MATLAB v5 file"):
        load(path)
    with pytest.raises(FaceModelError, match="not a readable file"):
        load(tmp_path / "none.mat")


def test_a_pickled_or_misshapen_uv_is_refused(tmp_path: Path):
    path = small_file(tmp_path / "small.mat")
    np.save(tmp_path / "pickled.npy", np.array([{}], dtype=object), allow_pickle=True)
    with pytest.raises(FaceModelError, match="not a readable uv"):
        load(path, tmp_path / "pickled.npy")
    np.save(tmp_path / "short.npy", np.zeros((79, 3)))
    with pytest.raises(FaceModelError, match="for 80 vertices, got 79"):
        load(path, tmp_path / "short.npy")
    np.save(tmp_path / "outside.npy", np.full((80, 3), 1.5))
    with pytest.raises(FaceModelError, match=r"in 0\.\.1"):
        load(path, tmp_path / "outside.npy")


@needs_golden
def test_every_step_equals_the_original():
    head = load(FOLDER / "BFM_small" / "BFM_model_front.mat", FOLDER / "BFM_small" / "uv.npy")
    golden = np.load(FOLDER / "facemodel_small.npz")
    for frame, given in enumerate(layout.validate(golden["coeff"])):
        part = {name: given[where] for name, where in layout.SLICES.items()}
        shape = head.model.shape(part["identity"], part["expression"])
        normals, turn = head.normals(shape), rotation(part["angles"])
        world = place(shape, part["angles"], part["translation"])
        texture = head.texture(part["albedo"])
        camera = Camera(near=0.01)
        landmarks = camera.project(head.model.landmarks68.of(world)) * [1, -1] + [0, 223]
        checked = {
            "face_shape": (shape, 1e-5),
            "face_texture": (texture, 1e-3),
            "face_norm": (normals, 1e-5),
            "rotation": (turn.T, 1e-5),  # the original multiplies rows from the right
            "norm_rotated": (normals @ turn.T, 1e-5),
            "face_color": (shade(texture, normals @ turn.T, part["gamma"]), 1e-3),
            "face_shape_t": (world, 1e-5),
            "projection_all": (camera.project(world), 1e-3),
            "landmark_2d": (landmarks, 1e-3),
            "clip_vertices": (camera.clip(world), 1e-5),
        }
        for name, (ours, tolerance) in checked.items():
            np.testing.assert_allclose(
                ours, golden[name][frame], rtol=0, atol=tolerance, err_msg=f"{name}, frame {frame}"
            )
        if frame == 0:
            np.testing.assert_allclose(sh_basis(normals @ turn.T), golden["sh_basis"], atol=1e-5)
