import numpy as np
import pytest

from backend.texture.projection import uv_islands
from backend.training.live_maps.occlusion import openness
from backend.training.live_maps.recipes import RECIPES
from backend.training.live_maps.relief import noise
from backend.training.live_maps.strain import Skin
from models.face import open_head
from tests.face_models import ellipsoid


@pytest.fixture(scope="module")
def model():
    return ellipsoid()


@pytest.fixture(scope="module")
def skin(model):
    return Skin(model, uv_islands(model))


def test_squeezing_is_found_with_its_way(model, skin):
    strain = skin.strain(model.mean_shape * np.array([1.0, 0.8, 1.0], np.float32))
    middle = skin.shape[skin.triangles].mean(axis=1)
    front = (np.abs(middle[:, 1]) < 0.15) & (middle[:, 2] > 0.6)  # here the surface stands upright
    assert np.allclose(strain.pressed[front], 0.2, atol=0.01)
    assert np.abs(strain.direction[front, 1]).min() > 0.98
    assert np.allclose(strain.area[front], 0.8, atol=0.02)


def test_at_rest_nothing_is_pressed(model, skin):
    strain = skin.strain(model.mean_shape)
    assert strain.pressed.max() < 1e-4 and np.allclose(strain.area, 1, atol=1e-3)


def test_a_phase_climbs_along_its_direction(skin):
    up = skin.tangent(np.tile([0.0, 1.0, 0.0], (len(skin.triangles), 1)))
    middle = skin.shape[skin.triangles].mean(axis=1)
    front = (np.abs(middle[:, 1]) < 0.3) & (middle[:, 2] > 0.6)
    phase = skin.phase(up / 0.05, front.astype(float))  # a line every 5 mm
    used = np.unique(skin.triangles[front])
    used = used[(np.abs(skin.shape[used, 1]) < 0.25) & (np.abs(skin.shape[used, 0]) < 0.1)]
    slope = np.polyfit(skin.shape[used, 1], phase[used], 1)[0]
    assert slope == pytest.approx(1 / 0.05, rel=0.1)


def test_diffusion_spreads_and_keeps_what_is_even(skin):
    even = skin.diffused(np.ones((len(skin.triangles), 1)), 0.1)
    used = np.unique(skin.triangles)
    assert np.allclose(even[used], 1, atol=1e-3)
    spot = np.zeros((len(skin.triangles), 1))
    spot[100] = 1
    near, far = (skin.diffused(spot, reach)[used, 0] for reach in (0.05, 0.3))
    assert (near > 1e-3).sum() < (far > 1e-3).sum() or near.max() > 3 * far.max()


def test_a_convex_head_sees_the_whole_sky_and_a_hollow_does_not(model):
    skin = np.unique(model.part_triangles("skin"))
    away = skin[(model.mean_shape[skin, 2] < 0.2) & (np.abs(model.mean_shape[skin, 1]) < 0.7)]
    assert openness(model, model.mean_shape, away[::7]).min() > 0.97
    eye = np.array([-0.3, 0.25, 0.72])
    beside = skin[np.argsort(np.linalg.norm(model.mean_shape[skin] - eye, axis=1))]
    around = [v for v in beside if np.linalg.norm(model.mean_shape[v] - eye) > 0.13][:6]
    assert openness(model, model.mean_shape, np.array(around)).min() < 0.95  # the eyeball stands in the way


def test_noise_is_smooth_and_the_same_every_time():
    points = np.linspace(-1, 1, 200)[:, None] * np.ones(3)
    assert np.array_equal(noise(points, 0.1, 1), noise(points, 0.1, 1))
    assert np.abs(np.diff(noise(points, 0.1, 1))).max() < 0.8 and noise(points, 0.1, 1).std() > 0.2


def test_recipes_name_units_that_there_are():
    names = set(open_head.load().expression_names)
    for recipe in RECIPES:
        for unit in recipe.units:
            assert {unit.replace("*", side) for side in ("Left", "Right")} <= names, recipe.name
        low, high = np.array(recipe.window[:2]), np.array(recipe.window[2:])
        assert (low >= 0).all() and (high <= 1).all() and (low < high).all()
