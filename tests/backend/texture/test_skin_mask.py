import numpy as np
import pytest

from backend.texture.skin_mask import skin_trust, strange_pixels

SIZE, FACE = 200, 80.0


@pytest.fixture
def scene():
    """A skin-coloured disc on grey, with a core in its middle; what is expected is the disc without noise."""
    y, x = np.mgrid[0:SIZE, 0:SIZE] - SIZE / 2
    covered = np.hypot(x, y) < 85
    core = np.hypot(x, y) < 40
    expected = np.where(covered[..., None], np.array([205.0, 160.0, 135.0]), 0).astype(np.float32)
    noise = np.random.default_rng(0).normal(0, 2, (SIZE, SIZE, 1))
    photo = np.clip(np.where(covered[..., None], expected, 110) + noise, 0, 255).astype(np.uint8)
    return photo, expected, covered, core


def test_skin_is_not_strange_and_the_wall_is(scene):
    photo, expected, covered, core = scene
    strange = strange_pixels(photo, np.where(covered[..., None], expected, (205, 160, 135)), covered, core, FACE)
    y, x = np.mgrid[0:SIZE, 0:SIZE] - SIZE / 2
    assert strange[np.hypot(x, y) < 78].mean() < 0.1  # up to where the wall blurs in
    assert strange[~covered].mean() > 0.9


@pytest.mark.parametrize("exposure", [1.0, 0.4])
def test_brown_hair_is_strange_at_any_exposure(scene, exposure):
    photo, expected, covered, core = scene
    hair = covered & (np.arange(SIZE)[:, None] < 50)
    photo[hair] = (110, 80, 50)
    dark = (photo * exposure).astype(np.uint8)
    strange = strange_pixels(dark, (expected * exposure).astype(np.float32), covered, core, FACE)
    assert strange[hair].mean() > 0.9
    assert strange[core].mean() < 0.1


def test_rough_hair_of_skin_colour_is_strange(scene):
    photo, expected, covered, core = scene
    hair = covered & (np.arange(SIZE)[:, None] < 50)
    stripes = 40 * np.sign(np.sin(np.arange(SIZE) * 1.2))[None, :, None]
    photo[hair] = np.clip(photo + stripes, 0, 255).astype(np.uint8)[hair]
    strange = strange_pixels(photo, expected, covered, core, FACE)
    assert strange[hair].mean() > 0.8


def test_trust_keeps_off_what_is_strange_and_stays_in_one_piece(scene):
    _, _, covered, core = scene
    strange = np.zeros((SIZE, SIZE), bool)
    strange[45:55] = True  # a dark band splits the forehead off
    trust = skin_trust(strange, covered, core, np.ones_like(core), FACE)
    assert trust[100, 100] > 0.99
    assert trust[:44].max() < 0.05
    assert trust[45:55].max() < 0.5
    assert trust[~covered].max() < 0.5


def test_no_trust_outside_of_the_picture(scene):
    _, _, covered, core = scene
    inside = np.ones((SIZE, SIZE), bool)
    inside[:, 150:] = False
    trust = skin_trust(np.zeros_like(inside), covered, core, inside, FACE)
    assert trust[:, 152:].max() < 0.2
