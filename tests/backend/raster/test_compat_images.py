"""The pictures the paper's networks read, on small cases and against the original's."""

from __future__ import annotations

import numpy as np
from scipy.io import loadmat

from backend.raster.compat_images import background_mask, shaded_image, to_bytes, uv_image
from models import coefficients as layout
from models.face.bfm09 import load
from models.face.camera import place
from tests.golden import GOLDEN, needs

FACE, RASTER = GOLDEN / "facemodel", GOLDEN / "raster"
needs_golden = needs(FACE, RASTER)

# A square of 1.2 decimetres in the middle of the view, counter-clockwise.
SQUARE = np.array([[-0.6, -0.6, 0], [0.6, -0.6, 0], [0.6, 0.6, 0], [-0.6, 0.6, 0]], dtype=np.float32)
CORNERS = np.array([[0, 1, 2], [0, 2, 3]], dtype=np.int32)
UV = np.array([[0.1, 0.2], [0.9, 0.2], [0.9, 0.8], [0.1, 0.8]], dtype=np.float32)


def test_the_uv_image_has_its_top_row_first():
    image = uv_image(SQUARE, UV, CORNERS)
    assert image[60, 112, 1] > image[160, 112, 1]
    assert image[112, 160, 0] > image[112, 60, 0]
    np.testing.assert_allclose(image[112, 112], [127.5, 127.5, 127.5], atol=1)
    assert (image[0] == 0).all()


def test_the_shaded_image_is_clipped_and_has_an_alpha():
    image = shaded_image(SQUARE, np.tile(np.array([300, -5, 80], np.float32), (4, 1)), CORNERS)
    np.testing.assert_allclose(image[112, 112], [255, 0, 80, 1], atol=1e-4)
    assert (image[0, 0] == 0).all()


def test_a_colour_negative_in_all_channels_counts_as_background():
    assert not shaded_image(SQUARE, np.full((4, 3), -2, np.float32), CORNERS).any()


def test_bytes_round_half_to_even():
    np.testing.assert_array_equal(
        to_bytes(np.array([0.5, 1.5, 126.5, 127.5, 300, -4], np.float32)), [0, 2, 126, 128, 255, 0]
    )


def test_a_hole_in_the_face_is_not_background():
    uv = np.zeros((224, 224, 3), dtype=np.float32)
    uv[50:150, 50:150] = 9
    uv[90:100, 90:100] = 0
    mask = background_mask(uv)
    assert mask[0, 0] == mask[223, 223] == 255
    assert not mask[50:150, 50:150].any()


def test_only_the_first_piece_is_background():
    uv = np.zeros((224, 224, 3), dtype=np.float32)
    uv[100:120] = 9
    mask = background_mask(uv)
    assert (mask[:100] == 255).all()
    assert not mask[100:].any()


@needs_golden
def test_pictures_of_given_vertices_equal_the_original():
    head = load(FACE / "BFM_small" / "BFM_model_front.mat", FACE / "BFM_small" / "uv.npy").model
    steps, pictures = np.load(FACE / "facemodel_small.npz"), np.load(FACE / "facemodel_small_images.npz")
    world = steps["face_shape_t"]
    shaded = shaded_image(world[0], steps["face_color"][0], head.triangles)
    np.testing.assert_array_equal(shaded[..., 3], pictures["render_rgba_frame0"][..., 3])
    np.testing.assert_allclose(shaded, pictures["render_rgba_frame0"], rtol=0, atol=1e-3)
    for frame, golden in enumerate(pictures["render_uv"]):  # kept before its rows were reversed
        ours = uv_image(world[frame], head.uv, head.triangles)[::-1]
        np.testing.assert_allclose(ours, golden, rtol=0, atol=1e-3)


@needs_golden
def test_pictures_of_the_real_mesh_equal_the_original():
    golden = np.load(RASTER / "real_topology_uv.npz")
    triangles = loadmat(RASTER / "facemodel_info.mat")["tri"].astype(np.int32) - 1
    uv = np.load(RASTER / "uv.npy", allow_pickle=False)[:, :2].astype(np.float32)
    image = uv_image(golden["world_vertices"], uv, triangles)
    assert_same_bytes(to_bytes(image), golden["uv_image_bgr_u8"])
    np.testing.assert_array_equal(background_mask(image), golden["bg_mask_u8"])


@needs_golden
def test_pictures_of_coefficients_equal_the_original():
    head = load(FACE / "BFM_small" / "BFM_model_front.mat", FACE / "BFM_small" / "uv.npy").model
    golden = np.load(RASTER / "uv_bg_texture_pipeline.npz")
    for frame, given in enumerate(layout.validate(golden["coeff"])):
        shape = head.shape(given[layout.IDENTITY], given[layout.EXPRESSION])
        image = uv_image(place(shape, given[layout.ANGLES], given[layout.TRANSLATION]), head.uv, head.triangles)
        assert_same_bytes(to_bytes(image), golden["uv_png_bgr_u8"][frame])
        np.testing.assert_array_equal(background_mask(image), golden["bg_png_u8"][frame])


def assert_same_bytes(ours: np.ndarray, golden: np.ndarray) -> None:
    """Equal u and v but for a last bit that falls to the other side of a half, at most one level and 0.1 % of pixels.

    The third channel is the constant 127.5, which rounds to either side by its last bit and says nothing.
    """
    difference = np.abs(ours.astype(int) - golden)
    assert difference.max() <= 1
    assert (difference[..., :2] > 0).mean() < 1e-3
