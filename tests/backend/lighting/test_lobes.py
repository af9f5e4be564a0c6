"""Lamps: their harmonics, and how they are found in panoramas."""

from __future__ import annotations

import numpy as np
import pytest

from backend.lighting.environment import exposed, light_of_panorama, without_ringing
from backend.lighting.light import Light, Lobe
from backend.lighting.lobes import disc_cosine, lobe_bands
from backend.lighting.studio import LAMPS, studio

WHITE = np.ones(3, np.float32)
ASIDE = np.array([0.3, 0.5, 0.81], np.float32) / np.linalg.norm([0.3, 0.5, 0.81]).astype(np.float32)


def directions(rows: int) -> np.ndarray:
    """(H, 2H, 3) where the pixels of a panorama lie."""
    polar = (np.arange(rows) + 0.5) / rows * np.pi
    azimuth = ((np.arange(2 * rows) + 0.5) / rows - 1) * np.pi
    polar, azimuth = (grid.T for grid in np.meshgrid(polar, azimuth))
    return np.stack([np.sin(polar) * np.sin(azimuth), np.cos(polar), -np.sin(polar) * np.cos(azimuth)], axis=-1)


def disc(half_angle: float, rows: int, ambient: float = 0.0) -> np.ndarray:
    """A panorama of a disc that gives a white surface before it the brightness 1."""
    inside = directions(rows) @ ASIDE > np.cos(np.radians(half_angle))
    radiance = inside[..., None] * WHITE / np.sin(np.radians(half_angle)) ** 2 + ambient
    return radiance.astype(np.float32)


@pytest.mark.parametrize("half_angle", [8.0, 30.0])
def test_a_lobe_has_the_harmonics_of_its_disc(half_angle: float) -> None:
    exact = light_of_panorama(disc(half_angle, 256)).bands
    np.testing.assert_allclose(lobe_bands(Lobe(ASIDE, half_angle, WHITE)), exact, atol=0.01)


def test_a_disc_lights_as_its_pixels_do() -> None:
    """Against the sum over the disc's directions, for normals at all angles to it."""
    towards = directions(256).reshape(-1, 3)
    area = np.sqrt(1 - towards[:, 1] ** 2) * (np.pi / 256) ** 2
    inside = towards @ ASIDE > np.cos(np.radians(30))
    aside = np.cross(ASIDE, [0, 1, 0])
    aside /= np.linalg.norm(aside)
    for degrees in range(0, 180, 15):
        normal = np.cos(np.radians(degrees)) * ASIDE + np.sin(np.radians(degrees)) * aside
        exact = (np.maximum(towards @ normal, 0) * area)[inside].sum() / np.pi / np.sin(np.radians(30)) ** 2
        assert float(disc_cosine(np.asarray(normal @ ASIDE, np.float32), 30.0)) == pytest.approx(exact, abs=0.02)


@pytest.mark.parametrize(("half_angle", "turn"), [(6.0, 0.0), (25.0, 0.0), (12.0, 70.0)])
def test_a_lamp_is_found_where_it_is(half_angle: float, turn: float) -> None:
    light = light_of_panorama(disc(half_angle, 64, ambient=0.2), turn)
    (lobe,) = light.lobes
    c, s = np.cos(np.radians(turn)), np.sin(np.radians(turn))
    turned = np.array([c * ASIDE[0] - s * ASIDE[2], ASIDE[1], s * ASIDE[0] + c * ASIDE[2]])
    assert float(lobe.direction @ turned) > np.cos(np.radians(3))
    assert lobe.half_angle == pytest.approx(half_angle, abs=4)
    np.testing.assert_allclose(lobe.strength, 1, atol=0.2)
    np.testing.assert_allclose(light.rest + lobe_bands(lobe), light.bands, atol=1e-5)


def test_an_even_sky_has_no_lamps() -> None:
    light = light_of_panorama(np.ones((32, 64, 3), np.float32))
    assert light.lobes == () and light.rest is light.bands


def test_the_studio_has_its_key_and_is_exposed_with_it() -> None:
    light = studio()
    key = np.array(LAMPS[0][0]) / np.linalg.norm(LAMPS[0][0])
    assert float(light.lobes[0].direction @ key) > np.cos(np.radians(6))
    doubled = Light(2 * light.bands, light.power)
    brighter = exposed(without_ringing(light), without_ringing(doubled))
    np.testing.assert_allclose(brighter.lobes[0].strength / light.lobes[0].strength, 2, rtol=0.1)
    np.testing.assert_allclose(brighter.rest / light.rest, 2, rtol=0.1)
