"""The photo's light in Blender falls on a head as the fit says it fell in the photo."""

import numpy as np
import pytest

from blender_addon.stage.photo_light import photo_light
from models.coefficients import Float32Array
from models.face.shading import gamma_of, irradiance

ROWS = 64


def sunny() -> Float32Array:
    """Light from the upper left of the picture (the subject's right), warm, over an even one."""
    light = np.zeros((9, 3), np.float32)
    light[0] = 0.95, 0.92, 0.9
    light[1], light[2], light[3] = -0.05, 0.12, 0.11  # -y, z, -x
    light[:, 0] *= 1.05
    return gamma_of(light)


def on(normal: list[float]) -> Float32Array:
    """Irradiance over pi of `photo_light` on a surface with this normal in Blender's frame."""
    made = photo_light(sunny(), ROWS)
    height = ((np.arange(ROWS) + 0.5) / ROWS - 0.5) * np.pi
    azimuth = -((np.arange(2 * ROWS) + 0.5) / (2 * ROWS) - 0.5) * 2 * np.pi
    azimuth, height = np.meshgrid(azimuth, height)
    towards = np.stack([np.cos(height) * np.cos(azimuth), np.cos(height) * np.sin(azimuth), np.sin(height)], axis=-1)
    facing = np.maximum(towards @ np.array(normal), 0) * np.cos(height) * (np.pi / ROWS) ** 2 / np.pi
    lamp = max(float(made.towards @ np.array(normal)), 0) * made.lamp
    return np.asarray((facing[..., None] * made.panorama).sum(axis=(0, 1)) + lamp)


@pytest.mark.parametrize(
    ("normal", "own"),
    [
        ([0, -1, 0], [0, 0, 1]),
        ([-0.8, -0.6, 0], [-0.8, 0, 0.6]),
        ([0.8, -0.6, 0], [0.8, 0, 0.6]),
        ([0, 0, 1], [0, 1, 0]),
    ],
)
def test_surfaces_are_as_bright_as_in_the_photo(normal: list[float], own: list[float]) -> None:
    wanted = irradiance(np.array([own], np.float32), sunny())[0] ** 2.2
    np.testing.assert_allclose(on(normal), wanted, rtol=0.16)


def test_the_lamp_stands_where_the_light_came_from() -> None:
    made = photo_light(sunny())
    assert made.towards[0] < -0.4 and made.towards[1] < -0.4 and made.towards[2] > 0.1
    assert made.lamp[0] > made.lamp[2] > 0
    assert made.panorama.shape == (64, 128, 3) and made.panorama.min() >= 0


def test_even_light_needs_no_lamp() -> None:
    made = photo_light(np.zeros(27, np.float32))
    assert made.lamp.max() < 1e-3 and np.ptp(made.panorama) < 1e-3


def test_other_numbers_are_refused() -> None:
    with pytest.raises(ValueError, match="27 coefficients"):
        photo_light(np.zeros(9, np.float32))
