"""The paper's two texture unwrappings, on small cases and against the original's."""

from __future__ import annotations

import numpy as np
import pytest

from backend.raster.compat_images import PAPER_CAMERA
from backend.texture.compat import TextureError, as_written, rasterized_texture, scattered_texture, vertex_colours
from models import coefficients as layout
from models.face.bfm09 import load
from models.face.camera import place
from tests.golden import GOLDEN, needs

FACE, RASTER = GOLDEN / "facemodel", GOLDEN / "raster"
needs_golden = needs(FACE, RASTER)


def ramp() -> np.ndarray:
    """A photo whose channels tell the column and the row counted from the bottom."""
    row, column = np.mgrid[0:224, 0:224]
    return np.stack([column, 223 - row, np.full_like(row, 40)], axis=-1).astype(np.uint8)


def test_a_texel_is_the_mean_of_its_pixels_and_others_are_black():
    photo, uv = np.zeros((224, 224, 3), np.uint8), np.zeros((224, 224, 3), np.uint8)
    photo[5, 5], photo[9, 9] = (10, 20, 30), (20, 40, 61)
    uv[5, 5] = uv[9, 9] = (200, 100, 128)
    texture = scattered_texture(photo, uv)
    np.testing.assert_array_equal(texture[100, 200], [15, 30, 46])  # 45.5 rounds to even
    assert (texture.reshape(-1, 3).any(axis=-1)).sum() == 1


def test_vertices_read_the_photo_bilinearly_and_stop_at_its_border():
    screen = np.array([[10, 20], [10.25, 20.5], [-3, 300]], np.float32)
    expected = np.array([[10, 20, 40], [10.25, 20.5, 40], [0, 223, 40]])
    np.testing.assert_allclose(vertex_colours(ramp(), screen), expected, atol=1e-4)


def test_the_drawn_texture_covers_its_triangles_and_is_written_upside_down():
    uv = np.array([[0, 0], [1, 0], [0, 0.5]], np.float32)
    texture = rasterized_texture(ramp(), np.array([[0, 0], [200, 0], [0, 100]], np.float32), uv, np.array([[0, 1, 2]]))
    np.testing.assert_allclose(texture[20, 100], [200 * 100.5 / 256, 100 * 41 / 256, 40], atol=1e-2)
    assert not texture[128:].any()
    np.testing.assert_array_equal(as_written(texture)[235, 100], np.floor(texture[20, 100]))


def test_what_is_no_aligned_photo_is_refused():
    with pytest.raises(TextureError, match="align it first"):
        scattered_texture(np.zeros((200, 224, 3), np.uint8), np.zeros((200, 224, 3), np.uint8))
    with pytest.raises(TextureError, match="align it first"):
        vertex_colours(ramp().astype(np.float32), np.zeros((1, 2), np.float32))
    with pytest.raises(TextureError, match="texture positions"):
        scattered_texture(ramp(), np.zeros((224, 224, 3), np.float32))


@needs_golden
def test_the_scattered_texture_equals_the_original():
    golden = np.load(RASTER / "uv_bg_texture_pipeline.npz")
    for photo, uv, texture in zip(
        golden["align_bgr_u8"], golden["uv_png_bgr_u8"], golden["tex_noise_png_bgr_u8"], strict=True
    ):
        np.testing.assert_array_equal(scattered_texture(photo, uv), texture)


@needs_golden
def test_the_drawn_texture_equals_the_original():
    head = load(FACE / "BFM_small" / "BFM_model_front.mat", FACE / "BFM_small" / "uv.npy").model
    steps, pictures = np.load(FACE / "facemodel_small.npz"), np.load(FACE / "facemodel_small_images.npz")
    for frame, photo in enumerate(pictures["align_bgr_u8"]):
        screen = PAPER_CAMERA.project(steps["face_shape_t"][frame])
        colours = vertex_colours(photo, screen)
        np.testing.assert_allclose(colours, steps["vertex_colors_sampled"][frame], rtol=0, atol=1e-3)
        texture = rasterized_texture(photo, screen, head.uv, head.triangles)
        if frame == 0:
            np.testing.assert_allclose(texture, pictures["recon_texture_frame0"], rtol=0, atol=1e-3)
        assert_same_bytes(as_written(texture)[::-1], pictures["recon_textures_u8"][frame])


@needs_golden
def test_the_drawn_texture_of_coefficients_equals_the_original():
    head = load(FACE / "BFM_small" / "BFM_model_front.mat", FACE / "BFM_small" / "uv.npy").model
    golden = np.load(RASTER / "uv_bg_texture_pipeline.npz")
    for frame, given in enumerate(layout.validate(golden["coeff"])):
        shape = head.shape(given[layout.IDENTITY], given[layout.EXPRESSION])
        screen = PAPER_CAMERA.project(place(shape, given[layout.ANGLES], given[layout.TRANSLATION]))
        texture = rasterized_texture(golden["align_bgr_u8"][frame], screen, head.uv, head.triangles)
        assert_same_bytes(as_written(texture), golden["tex_raster_png_bgr_u8"][frame])


def assert_same_bytes(ours: np.ndarray, golden: np.ndarray) -> None:
    """Equal but where 1e-3 decides which way a number is truncated: one level, 0.1 % of the numbers at most."""
    difference = np.abs(ours.astype(int) - golden)
    assert difference.max() <= 1
    assert (difference > 0).mean() < 1e-3
